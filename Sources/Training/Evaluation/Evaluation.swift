import Basics
import Images

/// A whole data set judged: PSNR and SSIM of the input and of what each contender made of it, and
/// which degradation each contender's classifier named, by class and by level of severity.
public struct Evaluation {
  /// A restorer under the name that reports give it.
  public struct Contender {
    /// The name in tables.
    public let name: String
    /// The weights file.
    public let weights: String
    /// What it restores with.
    public let restorer: Restorer
    /// Whether only the degradations it names are judged, not its pictures: a pre-trained network.
    public let namesOnly: Bool

    /// Creates a contender.
    public init(name: String, weights: String, restorer: Restorer, namesOnly: Bool = false) {
      (self.name, self.weights, self.restorer) = (name, weights, restorer)
      self.namesOnly = namesOnly
    }
  }

  /// The coarse form of a severity: level k of 1...5 is 0.2 (k-1) up to 0.2 k.
  public static func level(of severity: Double) -> Int { min(max(Int(severity * 5) + 1, 1), 5) }

  /// Class names of the data set.
  public let classes: [String]
  /// "input" and the names of the contenders whose pictures are judged.
  public let names: [String]
  /// The names of all contenders, with their weights files.
  public let contenders: [(name: String, weights: String)]
  /// The digest of the data set.
  public let datasetID: String
  /// Records judged so far.
  public private(set) var records = 0
  /// `scores[class][level - 1][name]`.
  public private(set) var scores: [[[Scores]]]
  /// `confusions[contender][level - 1]`; nil for a contender without a classifier.
  public private(set) var confusions: [[Confusion]?]
  /// The severities met, by level.
  public private(set) var severities: [ClosedRange<Double>?]
  /// One record of each class for the before/after grid, with every contender's picture.
  public private(set) var samples: [Sample] = []

  /// Pictures of one record side by side.
  public struct Sample {
    /// The class of its degradation.
    public let classNumber: Int
    /// The severity of its degradation, 0...1.
    public let severity: Double
    /// The degraded picture.
    public let lq: Image
    /// The ground truth.
    public let gt: Image
    /// What each judged contender made of it.
    public let restored: [Image]
  }

  /// Runs every contender over every record, or over the first `limit`.
  ///
  /// - Parameter onRecord: Called after each record with how many are done, for progress.
  /// - Throws: `Problem` when a record cannot be read, or a classifier knows other classes.
  public init(
    _ data: any PairSource, _ contenders: [Contender], limit: Int = .max,
    onRecord: (Int) -> Void = { _ in }
  ) throws(Problem) {
    classes = data.classes
    let names = ["input"] + contenders.filter { !$0.namesOnly }.map(\.name)
    self.names = names
    self.contenders = contenders.map { ($0.name, $0.weights) }
    datasetID = data.datasetID
    scores = classes.map { _ in (0..<5).map { _ in names.map { _ in Scores() } } }
    severities = [ClosedRange<Double>?](repeating: nil, count: 5)
    confusions = contenders.map { contender in
      contender.restorer.classifier == nil
        ? nil : (0..<5).map { _ in Confusion(classes: data.classes.count) }
    }
    try Evaluation.requireSameClasses(contenders, data.classes)
    for index in 0..<min(data.count, limit) {
      try add(data, index, contenders)
      onRecord(index + 1)
    }
  }

  private static func requireSameClasses(_ contenders: [Contender], _ classes: [String])
    throws(Problem)
  {
    for contender in contenders where contender.restorer.classifier != nil {
      guard contender.restorer.classes == classes else {
        throw Problem(
          contender.weights,
          "has a classifier of the classes \(contender.restorer.classes.joined(separator: ", ")), "
            + "the data set has \(classes.joined(separator: ", "))",
          fix: "evaluate on a set of the same class set")
      }
    }
  }

  private mutating func add(_ data: any PairSource, _ index: Int, _ contenders: [Contender])
    throws(Problem)
  {
    let label = try data.pairLabel(index)
    let (lq, gt) = try Evaluation.pictures(data, index)
    let level = Evaluation.level(of: label.severity) - 1
    records += 1
    let range = severities[level]
    severities[level] =
      min(range?.lowerBound ?? 1, label.severity)...max(range?.upperBound ?? 0, label.severity)
    score(lq, against: gt, label.classNumber, level, 0)
    var restored: [Image] = []
    for (i, contender) in contenders.enumerated() {
      let result = contender.restorer.restore(lq)
      if let named = result.classNumber {
        confusions[i]?[level].add(label.classNumber, named: named)
      }
      guard !contender.namesOnly else { continue }
      restored.append(result.image.clamped())
      score(result.image, against: gt, label.classNumber, level, restored.count)
    }
    let seen = samples.contains { $0.classNumber == label.classNumber }
    if !seen && level >= 2 {
      samples.append(
        Sample(
          classNumber: label.classNumber, severity: label.severity, lq: lq, gt: gt,
          restored: restored))
    }
  }

  private mutating func score(
    _ image: Image, against gt: Image, _ kind: Int, _ level: Int, _ name: Int
  ) {
    scores[kind][level][name].add(
      psnr: Quality.psnr(image, gt), ssim: Quality.ssim(image, gt))
  }

  private static func pictures(_ data: any PairSource, _ index: Int) throws(Problem) -> (
    Image, Image
  ) {
    var pair: (Image, Image)?
    try data.readPair(index) { bytes in
      pair = (
        Image(width: bytes.width, height: bytes.height, bytes: Array(bytes.lq)),
        Image(width: bytes.width, height: bytes.height, bytes: Array(bytes.gt))
      )
    }
    guard let pair else { fatalError("PairSource: record \(index) was not handed out") }
    return pair
  }

  // MARK: Summaries

  /// Scores of one class over all levels, for the name at that place.
  public func scores(ofClass kind: Int, _ name: Int) -> Scores {
    scores[kind].reduce(Scores()) { $0 + $1[name] }
  }

  /// The mean of the class means, so that every degradation counts the same.
  public func mean(_ name: Int) -> (psnr: Double, ssim: Double) {
    let present = classes.indices.map { scores(ofClass: $0, name) }.filter { $0.count > 0 }
    let n = Double(present.count)
    return (
      present.reduce(0) { $0 + $1.psnr } / n, present.reduce(0) { $0 + $1.ssim } / n
    )
  }

  /// The confusion of a contender over some levels (0...4).
  public func confusion(_ contender: Int, levels: Range<Int> = 0..<5) -> Confusion? {
    confusions[contender]?[levels].reduce(Confusion(classes: classes.count), +)
  }
}

extension Image {
  /// The picture with values limited to 0...1.
  fileprivate func clamped() -> Image {
    Image(
      width: width, height: height, channels: channels, space: space,
      pixels: pixels.map { min(max($0, 0), 1) })
  }
}
