import CKernels
import TestSupport
import Testing

/// The fused NAFBlock against the same block composed of the other kernels (themselves tested), both
/// in single precision, forward and backward.
@Suite struct NAFBlockKernelTests {
  static let sizes = [
    MapSize(1, 1, 1, 16), MapSize(1, 5, 7, 16), MapSize(2, 16, 16, 32), MapSize(3, 9, 11, 48),
    MapSize(1, 24, 20, 64), MapSize(2, 8, 6, 256),
  ]

  @Test("the fused block agrees with the composed one", arguments: Machine.all, sizes)
  func composed(_ machine: Machine, _ size: MapSize) {
    let block = NAFBlockCase(size)
    machine.run { table in
      let fused = block.fused(table)
      let plain = block.composed(table)
      for (name, value) in plain {
        // A parameter's gradient sums P products in another order.
        let tolerance: Float = name == "out" || name == "dx" ? 4e-6 : 2e-5
        let error = relativeError(fused[name] ?? [], value)
        #expect(error < tolerance, "\(name) is off by \(error)")
      }
    }
  }

  @Test("gradients of the block's parameters add to what is there", arguments: Machine.all)
  func accumulation(_ machine: Machine) {
    let block = NAFBlockCase(MapSize(2, 6, 6, 16))
    machine.run { table in
      let once = block.fused(table)
      let twice = block.fused(table, passes: 2)
      for name in NAFBlockCase.names {
        expectClose(twice[name] ?? [], (once[name] ?? []).map { 2 * Double($0) }, 1e-6, name)
      }
    }
  }
}
