import Basics

/// What decides, of a run's data, how much memory it takes.
public struct DataFacts: Sendable {
  /// Classes that the classifier tells apart, two at least.
  public let classes: Int
  /// Records of an epoch, which no batch can pass; nil where they are not known.
  public let records: Int?
  /// Sides of the held-out pictures that the run looks at, pixels; nil for none.
  public let heldOut: (width: Int, height: Int)?

  /// Creates the facts.
  public init(classes: Int, records: Int? = nil, heldOut: (width: Int, height: Int)? = nil) {
    (self.classes, self.records, self.heldOut) = (classes, records, heldOut)
  }

  /// Looks at the data; the first held-out picture stands for all.
  ///
  /// - Throws: `Problem` when that picture cannot be read.
  init(_ training: any PairSource, _ heldOut: (any PairSource)?) throws(Problem) {
    var sides: (width: Int, height: Int)?
    if let heldOut, heldOut.count > 0 {
      try heldOut.readPair(0) { sides = ($0.width, $0.height) }
    }
    self.init(classes: training.classes.count, records: training.count, heldOut: sides)
  }
}
