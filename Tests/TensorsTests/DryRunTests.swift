import Basics
import CKernels
import Testing

@testable import Tensors

/// Ops that are counted and not computed.
@Suite struct DryRunTests {
  private let shape = Shape(2, 6, 8, 16)
  private let scope = Scope(seed: 1)
  private let product: Parameter
  private let convolution: Parameter
  private let depthwise: Parameter
  private let temperature: Parameter
  private let block: NAFBlockParameters

  init() {
    product = scope["a"].weight(out: 24, in: 16, kernel: 1)
    convolution = scope["b"].weight(out: 24, in: 16, kernel: 3)
    depthwise = scope["c"].weight(out: 16, in: 1, kernel: 3)
    temperature = scope.vector("t", shape: [2, 1, 1], repeating: 1)
    block = NAFBlockParameters(16, scope["d"])
  }

  /// An op forward and backward, with a gradient of its input.
  private func pass(_ op: (Tensor) -> Tensor) {
    let tape = Tape()
    let y = op(tape.input(Tensor(shape, repeating: 1), wantsGradient: true))
    tape.backward(from: y, gradient: Tensor(y.shape, repeating: 1))
  }

  @Test("every kernel has a function that counts it") func countingTableIsComplete() {
    withUnsafeBytes(of: dk_table_counting().pointee) { bytes in
      // Name and count of lanes come before the functions.
      let functions = bytes.bindMemory(to: UInt.self).dropFirst(2)
      #expect(functions.count > 50)
      for (place, address) in functions.enumerated() { #expect(address != 0, "function \(place)") }
    }
  }

  @Test("products and convolutions are counted forward and for both gradients") func multiplyAdds()
  {
    let narrow = DryRun.measure { pass { pointwise($0, product) } }.count
    #expect(narrow.products == 3 * 96 * 16 * 24)
    #expect(narrow.multiplyAdds == narrow.products)
    let wide = DryRun.measure { pass { convolution3x3($0, convolution) } }.count
    #expect(wide.convolutions == 3 * 9 * 96 * 16 * 24)
    let apart = DryRun.measure { pass { depthwise3x3($0, depthwise) } }.count
    #expect(apart.depthwise == 3 * 9 * 96 * 16)
  }

  @Test("attention is counted by its products, and the scores that are computed again")
  func attention() {
    let qkv = Tensor(Shape(2, 8, 8, 48), repeating: 0)
    func attended(_ op: (Tensor) -> Tensor) -> Int {
      DryRun.measure {
        let tape = Tape()
        let y = op(tape.input(qkv, wantsGradient: true))
        tape.backward(from: y, gradient: Tensor(y.shape, repeating: 1))
      }.count.attention
    }
    #expect(attended { channelAttention($0, temperature, .softmax) } == 6 * 128 * 16 * 8)
    #expect(attended { windowAttention($0, heads: 2, in: Windows(side: 4)) } == 7 * 128 * 16 * 16)
  }

  @Test("a NAFBlock counts as the sum of its ops") func nafBlock() {
    let fused = DryRun.measure { _ = nafBlockFused(Tensor(shape, repeating: 0), block) }.count
    let composed = DryRun.measure {
      _ = nafBlockComposed(Tensor(shape, repeating: 0), block)
    }.count
    #expect(fused.multiplyAdds == composed.multiplyAdds)
    #expect(fused.depthwise == 18 * 96 * 16)
  }

  @Test("what is measured inside another measurement counts there alone") func nests() {
    let outer = DryRun.measure {
      pass { pointwise($0, product) }
      let inner = DryRun.measure { pass { convolution3x3($0, convolution) } }.count
      #expect(inner.products == 0 && inner.convolutions > 0)
    }.count
    #expect(outer.products == 3 * 96 * 16 * 24 && outer.convolutions == 0)
  }

  @Test("an error comes out as it was thrown, and ops compute again") func errors() throws {
    let problem = Problem("here", "is wrong")
    #expect(throws: problem) {
      _ = try DryRun.measure { () throws(Problem) -> Int in throw problem }
    }
    #expect((Tensor(Shape(1, 1, 1, 2), [1, 2]) * 3).floats == [3, 6])
  }

  @Test("values are neither drawn nor kept, of however many floats") func noValues() {
    let large = 1 << 36
    let (_, count) = DryRun.measure {
      let scope = Scope(seed: 1)
      _ = scope.weight(out: 1 << 13, in: 1 << 13, kernel: 1)
      _ = scope.store.gradients
      let x = Tensor(Shape(1, 1 << 10, 1 << 10, 1 << 14), repeating: 1)
      #expect(x.shape.count == large / 4)
    }
    #expect(count.vectorBytes == 8 << 26)
    #expect(count.blockBytes == large)
  }

  @Test("blocks are those that the real pool makes, and scratch is no more than said")
  func blocks() async {
    await #expect(processExitsWith: .success) {
      func work() {
        let scope = Scope(seed: 2)
        let parameters = NAFBlockParameters(16, scope)
        for side in [8, 12, 8] {
          let tape = Tape()
          let x = tape.input(Tensor(Shape(1, side, side, 16), repeating: 1), wantsGradient: true)
          let y = nafBlockComposed(nafBlockFused(x, parameters), parameters)
          tape.backward(from: y, gradient: y.detached)
        }
        withExtendedLifetime(scope) {}
      }
      let dry = DryRun.measure(threads: 1, work).count
      require(StoragePool.bytes == 0, "a dry run made \(StoragePool.bytes) bytes")
      Threads.start(1)
      work()
      require(StoragePool.bytes == dry.blockBytes, "\(StoragePool.bytes), dry \(dry.blockBytes)")
      let scratch = Threads.scratchBytes
      require(scratch <= dry.scratchBytes, "scratch \(scratch), at most \(dry.scratchBytes)")
    }
  }
}
