import Basics
import TestSupport
import Testing

@testable import Tensors

/// Six AdamW steps, EMA alongside, and clipping (2e-6 absolute).
@Suite struct OptimizerGoldenTests {
  private let file: Safetensors
  private let store: ParameterStore

  init() throws {
    let file = try Safetensors(reading: Golden.path("units/optim_ema.safetensors"))
    self.file = file
    let scope = Scope(seed: 0)
    store = scope.store
    for name in ["a", "b", "c"] {
      let entry = try #require(file["param.\(name)"])
      _ = scope.parameter(name, entry.shape, .plain, .constant(0))
    }
    // The file's `param.*` hold the values after the last step, not the first. The start follows from
    // ema1 = decay start + (1 - decay) adamw1.
    for parameter in store.parameters {
      let average = try #require(file["ema1.\(parameter.name)"]?.floats)
      let stepped = try #require(file["adamw1.\(parameter.name)"]?.floats)
      let start = zip(average, stepped).map { Float((Double($0) - 0.001 * Double($1)) / 0.999) }
      parameter.setValues(start, in: store.values)
    }
  }

  private func load(_ prefix: String, into vector: FlatVector) throws {
    let entries = file.entries.filter { $0.name.hasPrefix(prefix + ".") }
    try store.load(Safetensors(entries), into: vector, prefix: prefix + ".", place: "golden")
  }

  private func expectEqual(_ vector: FlatVector, _ prefix: String, tolerance: Float = 2e-6) throws {
    for (name, entry) in store.export(vector) {
      let golden = try #require(file["\(prefix).\(name)"]?.floats)
      for (x, y) in zip(entry.floats ?? [], golden) {
        #expect(abs(x - y) <= tolerance, "\(prefix).\(name)")
      }
    }
  }

  @Test("AdamW and EMA follow the reference for six steps")
  func steps() throws {
    let (optimizer, ema) = (AdamW(store), EMA(store, decay: 0.999))
    for step in 1...6 {
      try load("grad\(step)", into: store.gradients)
      optimizer.step(rate: 3e-4)
      ema.update()
      try expectEqual(store.values, "adamw\(step)")
      try expectEqual(ema.values, "ema\(step)")
    }
    #expect(store.gradients.withFloats { $0.allSatisfy { $0 == 0 } })
  }

  @Test("clipping scales the gradients to the norm and returns the norm before")
  func clipping() throws {
    try load("grad1", into: store.gradients)
    let norm = store.clipGradients(maxNorm: 0.01)
    #expect(relativeError([norm], try #require(file["clip.total_norm"]?.floats)) < 2e-6)
    try expectEqual(store.gradients, "clip.grad")
  }
}
