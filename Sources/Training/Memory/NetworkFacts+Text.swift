import Basics
import Tensors

extension NetworkFacts {
  /// The facts as a table for people.
  public var text: String {
    let lines =
      ["\(recipe.network.type.rawValue), form \(recipe.network.form)", ""] + counts + [""] + memory
      + [""] + remarks
    return lines.joined(separator: "\n")
  }

  private var sides: String { "\(picture.width)x\(picture.height)" }
  private var patch: String { "\(recipe.patches.size)x\(recipe.patches.size)" }

  private var counts: [String] {
    let kinds: [(String, KeyPath<DryRun.Count, Int>)] = [
      ("multiply-adds of \(sides)", \.multiplyAdds), ("  1x1, linear", \.products),
      ("  3x3", \.convolutions), ("  3x3 depthwise", \.depthwise), ("  attention", \.attention),
    ]
    let rows = kinds.map { name, kind in
      row(
        name, abbreviated(network.count[keyPath: kind]),
        abbreviated(classified.count[keyPath: kind] - network.count[keyPath: kind]))
    }
    return [
      row("", "network", "classifier"),
      row("parameters", grouped(parameters.network), grouped(parameters.classifier)),
    ] + rows
  }

  private var memory: [String] {
    let need = training.memory
    func sizes(_ name: String, _ restoring: Int?, _ training: Int) -> String {
      row(name, restoring.map { "\(ByteCount($0))" } ?? "", "\(ByteCount(training))")
    }
    return [
      row("memory", "restore", recipe.stage.rawValue),
      row("", "1 of \(sides)", "\(recipe.patches.batch) of \(patch)"),
      sizes("parameters", classified.parameterBytes, need.parameters),
      sizes("gradients", nil, need.gradients), sizes("moments of AdamW", nil, need.moments),
      sizes("running averages", nil, need.averages),
      sizes("activations", classified.count.blockBytes, need.activations),
      sizes("scratch, at most", classified.count.scratchBytes, need.scratch),
      sizes("batches cut ahead", nil, need.batches),
      sizes("copies for checkpoints", nil, need.saving),
      sizes("total", classified.bytes, need.total),
    ]
  }

  private var remarks: [String] {
    var iteration = "An iteration of \(recipe.stage.rawValue) is "
    iteration += "\(abbreviated(training.multiplyAdds)) multiply-adds, forward and backward"
    if recipe.recomputes { iteration += ", blocks run again (gradient_checkpointing)" }
    if recipe.accumulationSteps > 1 {
      iteration += ", in \(recipe.accumulationSteps) parts (gradient_accumulation_steps)"
    }
    var lines = [iteration + "."]
    if let bound {
      lines.append(
        "The batch of \(recipe.patches.batch) is the largest that fits into \(ByteCount(bound)).")
    }
    return lines + [
      "Not counted: norms, activations, gates, sums and interpolation among multiply-adds; the program",
      "itself, mapped shards and looks at held-out pictures in memory.",
    ]
  }

  private func row(_ name: String, _ first: String, _ second: String) -> String {
    trimmedRight(alignedLeft(name, 26) + alignedRight(first, 14) + alignedRight(second, 16))
  }
}
