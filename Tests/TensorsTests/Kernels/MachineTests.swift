import Basics
import CKernels
import Testing

/// Which instruction sets there are, the pool, scratch, and the same bits every time.
@Suite struct MachineTests {
  @Test("the tables say which instruction set they are; those that this CPU lacks are named aloud")
  func tables() {
    let lacking = Machine.instructionSets.filter { !Machine.present.contains($0) }
    standardError("kernels tested on: \(Machine.present.joined(separator: ", "))\n")
    if !lacking.isEmpty {
      standardError("NOT TESTED: this CPU lacks \(lacking.joined(separator: ", ")) kernels\n")
    }
    #expect(Machine.present.contains("portable"))
    let lanes = ["portable": 4, "avx2": 8, "avx512": 16]
    for name in Machine.present {
      let table = dk_table_named(name)?.pointee
      #expect(table.map { String(cString: $0.name) } == name)
      #expect(table.map { Int($0.lanes) } == lanes[name])
    }
    #expect(dk_table_named("mmx") == nil)
  }

  @Test("two runs give the same bits", arguments: Machine.all)
  func repeatable(_ machine: Machine) {
    let size = MapSize(2, 24, 24, 64)
    var numbers = Numbers()
    let (x, dy) = (numbers.array(size.count), numbers.array(size.count))
    let w = numbers.array(9 * 64 * 64)
    func results() -> [Float] {
      var (y, dw) = (unset(size.count), [Float](repeating: 0, count: w.count))
      var (c, sum) = (unset(64 * 64), [Float](repeating: 0, count: 64))
      var dot = 0.0
      machine.run { table in
        table.conv3x3(2, 24, 24, 64, 64, x, w, nil, &y)
        table.conv3x3_grad_weight(2, 24, 24, 64, 64, x, dy, &dw, &sum)
        table.gemm(1, 0, 64, 64, size.pixels, x, 64, dy, 64, nil, nil, &c, 64)
        dot = table.dot(size.count, x, dy)
      }
      return y + dw + c + sum + [Float(dot)]
    }
    let block = NAFBlockCase(size)
    func blockResults() -> [String: [Float]] {
      var all: [String: [Float]] = [:]
      machine.run { all = block.fused($0) }
      return all
    }
    let (first, firstBlock) = (results(), blockResults())
    for _ in 0..<3 {
      #expect(results() == first)
      #expect(blockResults() == firstBlock)
    }
  }

  @Test("scratch grows in the first two passes and never again, whichever thread takes a part")
  func scratch() async {
    // In a process of its own: other tests use scratch at the same time.
    await #expect(processExitsWith: .success) {
      let size = MapSize(2, 8, 8, 32)
      var numbers = Numbers()
      let (x, w) = (numbers.array(size.count), numbers.array(9 * 32 * 32))
      let block = NAFBlockCase(size)
      var y = unset(size.count)
      for name in Machine.present {
        dk_pool_start(2, 0)
        Machine(instructionSet: name, threads: 2).run { table in
          func pass() {
            table.conv3x3(2, 8, 8, 32, 32, x, w, nil, &y)
            _ = block.fused(table)
          }
          for _ in 0..<2 { pass() }
          let held = dk_scratch_bytes()
          for _ in 0..<20 { pass() }
          require(dk_scratch_bytes() == held, "scratch grew")
        }
      }
    }
  }

  @Test("the pool grows, shrinks, binds and runs every part once")
  func pool() async {
    await #expect(processExitsWith: .success) {
      for (threads, pin) in [(1, 0), (3, 0), (2, 1), (5, 0), (1, 0), (2, 0)] as [(Int32, Int32)] {
        dk_pool_start(threads, pin)
        require(dk_pool_size() == threads, "size")
        let counts = Counts()
        for _ in 0..<200 {
          dk_pool_run(
            { context, id in
              let counts = context.map { Unmanaged<Counts>.fromOpaque($0).takeUnretainedValue() }
              counts?.add(Int(id))
            }, Unmanaged.passUnretained(counts).toOpaque())
        }
        let expected = (0..<8).map { $0 < Int(threads) ? 200 : 0 }
        require(counts.all == expected, "parts \(counts.all)")
      }
    }
  }
}

/// How often each part ran.
private final class Counts: Sendable {
  private let counts = Locked([Int](repeating: 0, count: 8))
  func add(_ id: Int) { counts.withLock { $0[id] += 1 } }
  var all: [Int] { counts.withLock { $0 } }
}
