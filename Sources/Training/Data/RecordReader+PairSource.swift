import Basics
import Records

extension RecordReader: PairSource {
  /// The digest in the manifest.
  public var datasetID: String { manifest.datasetID }
  /// The class names in the manifest.
  public var classes: [String] { manifest.classes }

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
    let label = try label(index)
    guard classes.indices.contains(label.classNumber) else {
      throw Problem(
        "record \(label.key)", "has class number \(label.classNumber) of \(classes.count) classes")
    }
    return PairLabel(
      key: label.key, classNumber: label.classNumber,
      severity: label.chain.map(\.severity).max() ?? 0)
  }
}
