import Basics
import CKernels
import TestSupport
import Testing

/// An instruction set of this CPU and a number of threads: what every kernel is tested on.
struct Machine: CustomTestStringConvertible, Sendable {
  let instructionSet: String
  let threads: Int

  var testDescription: String { "\(instructionSet) x\(threads)" }

  static let instructionSets = ["portable", "avx2", "avx512"]
  static let present = instructionSets.filter { dk_table_named($0) != nil }
  /// Every instruction set that this CPU has, with work split for one thread and for two.
  static let all = present.flatMap { name in
    [1, 2].map { Machine(instructionSet: name, threads: $0) }
  }

  /// Runs `body` with the table, work being split for `threads`.
  func run(_ body: (dk_table) -> Void) {
    guard let table = dk_table_named(instructionSet) else {
      Issue.record("\(instructionSet) vanished")
      return
    }
    dk_split_for(Int32(threads))
    body(table.pointee)
    dk_split_for(0)
  }
}

/// Random numbers in -1 ..< 1, the same in every run.
struct Numbers {
  private var stream = RandomStream(seed: 20_261_124)

  mutating func array(_ count: Int, scale: Float = 1, around centre: Float = 0) -> [Float] {
    (0..<count).map { _ in centre + scale * Float(stream.uniform(-1, 1)) }
  }
}

/// An array that still holds what no kernel may leave: a result must overwrite all of it.
func unset(_ count: Int) -> [Float] { Array(repeating: .nan, count: count) }

/// Expects every value near that of the plain double-precision text: `tolerance` is a share of the
/// largest magnitude (single precision sums of some hundred terms leave about 1e-6).
func expectClose(
  _ values: [Float], _ plain: [Double], _ tolerance: Float = 3e-6, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = relativeError(values, plain.map { Float($0) })
  #expect(error < tolerance, "\(what) is off by \(error)", sourceLocation: sourceLocation)
}

/// A map's size in a test, any side odd or even.
struct MapSize: CustomTestStringConvertible, Sendable {
  let B: Int
  let H: Int
  let W: Int
  let C: Int

  init(_ B: Int, _ H: Int, _ W: Int, _ C: Int) { (self.B, self.H, self.W, self.C) = (B, H, W, C) }

  var pixels: Int { B * H * W }
  var count: Int { pixels * C }
  var testDescription: String { "\(B)x\(H)x\(W)x\(C)" }

  static let odd = [
    MapSize(1, 1, 1, 1), MapSize(2, 5, 7, 3), MapSize(1, 4, 9, 5), MapSize(3, 9, 4, 12),
    MapSize(2, 7, 6, 24), MapSize(1, 11, 13, 127), MapSize(2, 16, 16, 32), MapSize(1, 40, 24, 64),
  ]
  static let even = [
    MapSize(1, 2, 2, 1), MapSize(2, 6, 4, 3), MapSize(1, 8, 10, 24), MapSize(2, 6, 10, 127),
    MapSize(1, 32, 64, 16),
  ]
}
