import Basics
import CKernels
import Glibc
import Networks
import TestSupport
import Tensors
import Testing

/// Every form of every network, and the classifier, forward and backward: each instruction set beside the portable one.
///
/// A process keeps the set that it chose first, so each set computes in a child of its own.
@Suite struct InstructionSetTests {
  @Test("networks on AVX2 agree with the portable text", .needs("avx2"))
  func avx2() async throws { try await compare("avx2") }

  @Test("networks on AVX-512 agree with the portable text", .needs("avx512"))
  func avx512() async throws { try await compare("avx512") }

  private func compare(_ set: String) async throws {
    let folder = TemporaryFolder()
    for name in ["portable", set] {
      await #expect(processExitsWith: .success) {
        [name = name as String, path = folder.file(name) as String] in
        setenv("DCPT_ISA", name, 1)
        require(Threads.instructionSet == name, "\(Threads.instructionSet) instead of \(name)")
        try Safetensors(try allResults()).write(to: path)
      }
    }
    let plain = try Safetensors(reading: folder.file("portable"))
    let vector = try Safetensors(reading: folder.file(set))
    #expect(plain.entries.map(\.name) == vector.entries.map(\.name))
    let errors = plain.entries.map { name, entry in
      (name: name, error: relativeError(vector[name]?.floats ?? [], entry.floats ?? []))
    }
    for (name, error) in errors {
      #expect(error < tolerance(name), "\(set): \(name) is off by \(error)")
    }
    let largest = [true, false].map { outputs in
      errors.filter { isOutput($0.name) == outputs }.map(\.error).max() ?? .nan
    }
    standardError("\(set) beside portable: outputs within \(largest[0]), gradients \(largest[1])\n")
  }

  /// That of the reference's vectors: the sets add in another order, as the reference does.
  private func tolerance(_ name: String) -> Float {
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    return isOutput(name) ? 2e-5 : gradientTolerance(parts[1], in: parts[0])
  }

  private func isOutput(_ name: String) -> Bool { name.hasSuffix(":output") }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, and says so, on a CPU without the instruction set.
  fileprivate static func needs(_ set: String) -> Self {
    .enabled(if: dk_table_named(set) != nil, "NOT TESTED: this CPU lacks \(set)")
  }
}

private typealias Results = [(name: String, entry: SafetensorsEntry)]

/// Outputs and gradients of all networks and classifiers, named after what they are of.
private func allResults() throws -> Results {
  var all: Results = []
  func add(_ name: String, _ results: Results) {
    all += results.map { (name: "\(name):\($0.name)", entry: $0.entry) }
  }
  for name in Golden.files(in: "nets") {
    let file = try GoldenFile(name)
    add(
      name, try results(file.network(), lq: file.map("input"), gt: file.map("target")))
  }
  for name in Golden.files(in: "heads") { add(name, try classifierResults(try GoldenFile(name))) }
  for (name, sizes) in beyondGolden {
    let network = sizes.network(seed: 5)
    leaveStart(network)
    let lq = randomPictures()
    add(name, try results(network, lq: lq, gt: lq * 0.5))
  }
  return all
}

/// What no golden file has: blocks composed of single ops, as from 129 channels on, and the third form of Restormer.
private let beyondGolden: [(String, NetworkConfiguration)] = [
  ("wide", .nafnet(.init(width: 72, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1]))),
  (
    "origin",
    .restormer(.init(dim: 8, blocks: [1, 1, 1, 1], refinementBlocks: 1, form: .dcptOrigin))
  ),
]

/// A pass through a network and back.
///
/// The loss is a smooth one: a sign that turns in the last bit would be no fault.
private func results(_ network: any RestorationNetwork, lq: Tensor, gt: Tensor) throws -> Results {
  let tape = Tape()
  let input = tape.input(lq, wantsGradient: true)
  let output = network(input)
  tape.backward(from: mseLoss(output, gt))
  return try [("output", output.entry)] + inputGradients([input], on: tape)
    + network.store.export(network.store.gradients)
}

private func classifierResults(_ file: GoldenFile) throws -> Results {
  let (tape, head) = (Tape(), try file.classifier())
  let features = try file.features(on: tape)
  let logits = head(features)
  tape.backward(from: focalLoss(logits, try file.integers("labels")))
  return try [("output", logits.entry)] + inputGradients(features, on: tape)
    + head.store.export(head.store.gradients)
}

private func inputGradients(_ inputs: [Tensor], on tape: Tape) throws -> Results {
  try inputs.enumerated().map { i, input in
    guard let gradient = tape.gradient(of: input) else {
      throw Problem("input \(i)", "has no gradient")
    }
    return ("input \(i)", gradient.entry)
  }
}

extension Tensor {
  fileprivate var entry: SafetensorsEntry { .init(shape: [shape.count], floats: floats) }
}
