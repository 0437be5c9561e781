import Basics
import Tensors

extension NetworkFacts {
  /// The facts for programs: multiply-adds, and bytes of memory.
  public var json: JSON {
    [
      "network": recipe.network.json, "classes": .integer(classes),
      "parameters": [
        "network": .integer(parameters.network), "classifier": .integer(parameters.classifier),
      ],
      "forward": [
        "width": .integer(picture.width), "height": .integer(picture.height),
        "network": network.json, "with_classifier": classified.json,
      ],
      "training": [
        "stage": .string(recipe.stage.rawValue), "batch_size": .integer(recipe.patches.batch),
        "gt_size": .integer(recipe.patches.size),
        "gradient_accumulation_steps": .integer(recipe.accumulationSteps),
        "gradient_checkpointing": .bool(recipe.recomputes),
        "multiply_adds": .integer(training.multiplyAdds), "memory": training.memory.json,
        "memory_bound": bound.map { .integer($0) } ?? .null,
      ],
    ]
  }
}

extension NetworkFacts.Forward {
  fileprivate var json: JSON {
    [
      "multiply_adds": [
        "products": .integer(count.products), "convolutions": .integer(count.convolutions),
        "depthwise": .integer(count.depthwise), "attention": .integer(count.attention),
        "total": .integer(count.multiplyAdds),
      ],
      "memory": [
        "parameters": .integer(parameterBytes), "activations": .integer(count.blockBytes),
        "scratch": .integer(count.scratchBytes), "total": .integer(bytes),
      ],
    ]
  }
}

extension MemoryNeed {
  fileprivate var json: JSON {
    [
      "parameters": .integer(parameters), "gradients": .integer(gradients),
      "moments": .integer(moments), "averages": .integer(averages),
      "activations": .integer(activations), "scratch": .integer(scratch),
      "batches": .integer(batches), "saving": .integer(saving), "total": .integer(total),
    ]
  }
}
