import Basics

/// How close pictures of one kind came to their ground truth: means over pictures.
public struct Scores: Sendable, Equatable {
  /// Pictures in all.
  public private(set) var count = 0
  private var psnrSum = 0.0
  private var ssimSum = 0.0

  /// Creates empty scores.
  public init() {}

  /// Mean PSNR in dB, RGB, of the pictures after rounding to 8 bits.
  public var psnr: Double { psnrSum / Double(count) }
  /// Mean SSIM.
  public var ssim: Double { ssimSum / Double(count) }

  mutating func add(psnr: Double, ssim: Double) {
    count += 1
    psnrSum += psnr
    ssimSum += ssim
  }

  static func + (a: Scores, b: Scores) -> Scores {
    var sum = a
    sum.count += b.count
    sum.psnrSum += b.psnrSum
    sum.ssimSum += b.ssimSum
    return sum
  }
}

/// Which class was named how often for pictures of which class.
public struct Confusion: Sendable, Equatable {
  /// `counts[true class][named class]`.
  public private(set) var counts: [[Int]]

  /// Creates an empty matrix.
  public init(classes: Int) {
    counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
  }

  mutating func add(_ truth: Int, named: Int) { counts[truth][named] += 1 }

  /// Pictures in all.
  public var total: Int { counts.joined().reduce(0, +) }
  /// The share of pictures named rightly; not a number without pictures.
  public var accuracy: Double {
    Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(total)
  }

  static func + (a: Confusion, b: Confusion) -> Confusion {
    var sum = a
    for i in a.counts.indices {
      for j in a.counts[i].indices { sum.counts[i][j] += b.counts[i][j] }
    }
    return sum
  }
}
