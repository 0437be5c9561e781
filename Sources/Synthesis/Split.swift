import Basics

/// The part of the clean sources that a set is made from: no source is in two of them.
public enum Split: String, Sendable, CaseIterable {
  case train
  case validation
  case test

  /// A part of every draw, so that records of equal number in two splits have nothing in common.
  var number: UInt64 {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// The index of the random streams for number `i` of this split.
  func drawIndex(_ i: Int) -> UInt64 { number << 48 | UInt64(i) }

  /// Reads a split's name.
  ///
  /// - Throws: `Problem` at `place` with the valid names.
  public init(named name: String, place: String) throws(Problem) {
    guard let split = Split(rawValue: name) else {
      throw Problem(
        place, "'\(name)' is no split", fix: hint(for: name, among: Split.allCases.map(\.rawValue)))
    }
    self = split
  }
}
