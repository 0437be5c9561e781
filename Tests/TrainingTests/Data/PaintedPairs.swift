import Basics

@testable import Training

/// Pairs made on the spot: each record a picture of its own, darkened by its class.
struct PaintedPairs: PairSource {
  var count = 12
  var side = 24
  var classes = ["bright", "dim", "dark"]
  var datasetID = "painted"
  /// A record that cannot be read.
  var broken: Int?
  /// Records of a shard; nil: all are in one.
  var perShard: Int?

  /// The class of a record; the records of a shard share one if `sorted`.
  var sorted = false

  var shardSizes: [Int] {
    let size = perShard ?? count
    return stride(from: 0, to: count, by: size).map { min(size, count - $0) }
  }

  func classNumber(_ index: Int) -> Int {
    (sorted ? index / (perShard ?? 1) : index) % classes.count
  }

  func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem) {
    if index == broken { throw Problem("shard-000000.tar: record \(index)", "is damaged") }
    var random = RandomStream(seed: 5, index: UInt64(index))
    let (a, b) = (random.uniform(0.2, 1), random.uniform(0.2, 1))
    var gt = [UInt8](repeating: 0, count: side * side * 3)
    for y in 0..<side {
      for x in 0..<side {
        for c in 0..<3 {
          let wave = ExactMath.sin(a * Double(x + c)) + ExactMath.cos(b * Double(y - c))
          gt[(y * side + x) * 3 + c] = UInt8(128 + 60 * wave)
        }
      }
    }
    let shift = 2 * classNumber(index)
    let lq = gt.map { $0 / UInt8(1 + shift) }
    lq.withUnsafeBufferPointer { lq in
      gt.withUnsafeBufferPointer { gt in
        body(PairBytes(lq: lq, gt: gt, width: side, height: side))
      }
    }
  }

  func pairLabel(_ index: Int) throws(Problem) -> PairLabel {
    PairLabel(
      key: "key\(index)", classNumber: classNumber(index),
      severity: Double(index % 5) / 5 + 0.1)
  }

  func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int) {
    ("key\(index)", classNumber(index))
  }

  func classCounts(ofShard number: Int) -> [Int] {
    let first = number * (perShard ?? count)
    let all = (first..<first + shardSizes[number]).map(classNumber)
    return classes.indices.map { kind in all.count { $0 == kind } }
  }
}

extension TrainingRecipe.Patches {
  init(size: Int, batch: Int, flips: Bool = true, turns: Bool = true) {
    self.init(manifest: nil, size: size, batch: batch, flips: flips, turns: turns)
  }
}
