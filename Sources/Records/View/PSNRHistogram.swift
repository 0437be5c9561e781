import Basics

/// How many records of each class have which PSNR, in bins of 1 dB.
struct PSNRHistogram {
  /// Equal pictures have no finite PSNR; they are counted in the last bin.
  private static let highest = 60

  private var counts: [[Int]]

  init(classes: Int) {
    counts = Array(
      repeating: Array(repeating: 0, count: PSNRHistogram.highest + 1), count: classes)
  }

  mutating func add(_ label: RecordLabel) {
    let bin = min(max(label.psnr, 0), Double(PSNRHistogram.highest))
    counts[label.classNumber][Int(bin)] += 1
  }

  /// The lowest bin in use, in dB, and the counts from there to the highest in use, class by class.
  var json: JSON {
    let used = (0...PSNRHistogram.highest).filter { bin in counts.contains { $0[bin] > 0 } }
    let low = used.first ?? 0
    let high = used.last ?? low
    return [
      "low": .integer(low),
      "counts": .array(counts.map { .array($0[low...high].map { .integer($0) }) }),
    ]
  }
}
