import Basics

/// Chooses the records that stand for a data set: of every class some, spread over its severities.
///
/// Of each label only what is needed is kept, so the size of a set does not matter.
public struct SampleChoice {
  private struct Candidate {
    let index: Int
    let severity: Double
  }

  private var classes: [[Candidate]]

  /// Begins without a record.
  public init(classes: [String]) { self.classes = classes.map { _ in [] } }

  /// Considers a record.
  public mutating func add(_ label: RecordLabel) {
    classes[label.classNumber].append(Candidate(index: label.index, severity: label.severity))
  }

  /// The numbers of the records, class by class, each from the mildest to the strongest.
  ///
  /// One record of a class is that nearest to the middle of its severities.
  public func indices(perClass: Int) -> [[Int]] {
    classes.map { candidates in
      let ordered = candidates.sorted { ($0.severity, $0.index) < ($1.severity, $1.index) }
      let count = min(perClass, ordered.count)
      return (0..<count).map { ordered[(2 * $0 + 1) * ordered.count / (2 * count)].index }
    }
  }
}

extension RecordLabel {
  /// The largest severity of its degradations.
  var severity: Double { chain.map(\.severity).max() ?? 0 }
}
