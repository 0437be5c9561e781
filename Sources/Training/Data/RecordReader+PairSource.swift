import Basics
import Records

extension RecordReader: PairSource {
  /// The class names in the manifest.
  public var classes: [String] { manifest.classes }
  /// The records of each shard of the manifest.
  public var shardSizes: [Int] { manifest.shards.map(\.records) }

  /// Lends the pictures where they lie in the mapped shard.
  public func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem) {
    do {
      try withPair(index) { lq, gt, shape in
        guard shape.channels == 3 else {
          throw Problem("record \(index)", "has \(shape.channels) channels, training wants 3")
        }
        body(PairBytes(lq: lq, gt: gt, width: shape.width, height: shape.height))
      }
    } catch let problem as Problem {
      throw problem
    } catch {
      fatalError("RecordReader.withPair: \(error)")
    }
  }

  /// Reads what training needs from the label.
  public func pairLabel(_ index: Int) throws(Problem) -> PairLabel {
    try PairLabel(try label(index), classes: classes)
  }

  /// The key and the class; of a record that was read before its label is not parsed.
  public func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int) {
    (Record.key(index), try classNumber(index))
  }

  /// What the manifest says of the shard.
  public func classCounts(ofShard number: Int) -> [Int] {
    let counts = manifest.shards[number].classes
    return classes.map { name in counts.first { $0.key == name }?.value.integer ?? 0 }
  }
}

extension PairLabel {
  /// What training needs of a record's label.
  init(_ label: RecordLabel, classes: [String]) throws(Problem) {
    guard classes.indices.contains(label.classNumber) else {
      throw Problem(
        "record \(label.key)", "has class number \(label.classNumber) of \(classes.count) classes")
    }
    self.init(
      key: label.key, classNumber: label.classNumber,
      severity: label.chain.map(\.severity).max() ?? 0)
  }
}
