import Basics
import Images
import Networks
import Tensors

/// A restoration network, with the classifier that reads its features where there is one, applied to
/// whole pictures.
public struct Restorer {
  /// What one picture became.
  public struct Result {
    /// sRGB, not clamped.
    public let image: Image
    /// The probability of each class; nil without a classifier.
    public let probabilities: [Double]?

    /// The number of the likeliest class.
    public var classNumber: Int? {
      probabilities.flatMap { p in p.indices.max { p[$0] < p[$1] } }
    }
  }

  let network: any RestorationNetwork
  let classifier: DegradationClassifier?
  /// The names of the classes that the classifier knows.
  public let classes: [String]
  /// Sides are reflect-padded to a multiple of this, as the official options say.
  private let multiple: Int
  private let tile: Int
  private let overlap: Int

  /// Creates a restorer from networks in memory.
  ///
  /// - Parameters:
  ///   - tile: Pictures with a longer side are restored in tiles; memory grows with its square.
  ///   - overlap: Pixels that neighbouring tiles share.
  public init(
    _ network: any RestorationNetwork, _ classifier: DegradationClassifier?, classes: [String],
    tile: Int = 512,
    overlap: Int = 64
  ) {
    (self.network, self.classifier, self.classes) = (network, classifier, classes)
    multiple = network.paddingMultiple
    self.overlap = Restorer.roundedUp(overlap, to: multiple)
    self.tile = max(Restorer.roundedUp(tile, to: multiple), 2 * self.overlap)
  }

  /// Reads weights, and `classifier.safetensors` beside them where that exists.
  ///
  /// - Parameter path: A weights file, or the folder of a run.
  public init(
    reading path: String, localPooling: Bool = false, tile: Int = 512, overlap: Int = 64
  ) throws(Problem) {
    let file = weightsFile(path)
    let network = try Weights.readNetwork(file, localPooling: localPooling)
    let beside = folder(of: file) + "/classifier.safetensors"
    guard fileExists(beside) else {
      self.init(network, nil, classes: [], tile: tile, overlap: overlap)
      return
    }
    let (classifier, classes) = try Weights.readClassifier(beside)
    guard classifier.configuration.featureChannels == network.featureChannels,
      classifier.configuration.shrinksFeatures == network.featuresShareSize
    else {
      throw Problem(
        beside,
        "reads features of \(classifier.configuration.featureChannels) channels, "
          + "the network beside it gives \(network.featureChannels)",
        fix: "keep weights and classifier of one run together")
    }
    self.init(network, classifier, classes: classes, tile: tile, overlap: overlap)
  }

  /// Restores an sRGB picture of any size, in tiles when a side is longer than a tile.
  public func restore(_ picture: Image) -> Result {
    let columns = Tiling(side: picture.width, tile: tile, overlap: overlap, multiple: multiple)
    let rows = Tiling(side: picture.height, tile: tile, overlap: overlap, multiple: multiple)
    let (columnWeights, rowWeights) = (columns.weights(), rows.weights())
    var image = Image(width: picture.width, height: picture.height)
    var probabilities: [Double]?
    for (row, across) in zip(rows.pieces, rowWeights) {
      for (column, along) in zip(columns.pieces, columnWeights) {
        let (output, logits) = run(picture, column, row)
        image.add(output, x: column.start, y: row.start, weights: (along, across))
        let share = Double(row.length * column.length)
        if let p = logits.map(softmax) {
          probabilities = zip(probabilities ?? p.map { _ in 0 }, p).map { $0 + share * $1 }
        }
      }
    }
    let total = probabilities?.reduce(0, +) ?? 1
    return Result(image: image, probabilities: probabilities?.map { $0 / total })
  }

  /// One tile through the network, padded by reflection to the multiple.
  private func run(
    _ picture: Image, _ column: (start: Int, length: Int), _ row: (start: Int, length: Int)
  ) -> (output: Tensor, logits: Tensor?) {
    let shape = paddedShape(width: column.length, height: row.length)
    let lq = Tensor(shape) { values in
      for i in 0..<shape.h {
        let y = row.start + Image.reflected(i, row.length)
        for j in 0..<shape.w {
          let x = column.start + Image.reflected(j, column.length)
          for c in 0..<3 { values[(i * shape.w + j) * 3 + c] = picture[x, y, c] }
        }
      }
    }
    return run(lq)
  }

  /// The shape in which a picture, or a tile of it, goes through the network.
  private func paddedShape(width: Int, height: Int) -> Shape {
    // A picture of a few pixels would be halved away by the classifier.
    let least = classifier == nil ? 1 : network.smallestClassifiedSide
    return Shape(
      1, Restorer.roundedUp(max(height, least), to: multiple),
      Restorer.roundedUp(max(width, least), to: multiple), 3)
  }

  private func run(_ lq: Tensor) -> (output: Tensor, logits: Tensor?) {
    guard let classifier else { return (network(lq), nil) }
    let (output, features) = network.outputAndFeatures(lq)
    return (output, classifier(features))
  }

  /// Does what restoring a picture of that size does, or its largest tile, without a picture: for dry runs.
  ///
  /// - Returns: The sides that go through the network, pixels.
  @discardableResult
  func runUnfilled(width: Int, height: Int) -> (width: Int, height: Int) {
    let shape = paddedShape(width: min(width, tile), height: min(height, tile))
    _ = run(Tensor(shape) { _ in })
    return (shape.w, shape.h)
  }

  private func softmax(_ logits: Tensor) -> [Double] {
    let scores = logits.floats.map { Double($0) }
    let largest = scores.max() ?? 0
    let powers = scores.map { ExactMath.exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private static func roundedUp(_ n: Int, to multiple: Int) -> Int {
    (n + multiple - 1) / multiple * multiple
  }
}

extension Image {
  /// Adds a tile's pixels, each times its weight along and across; the tile's padding is left out.
  fileprivate mutating func add(
    _ tile: Tensor, x: Int, y: Int, weights: (along: [Float], across: [Float])
  ) {
    tile.withFloats { values in
      for (i, across) in weights.across.enumerated() {
        for (j, along) in weights.along.enumerated() {
          let source = (i * tile.shape.w + j) * 3
          let target = ((y + i) * width + x + j) * 3
          for c in 0..<3 { pixels[target + c] += across * along * values[source + c] }
        }
      }
    }
  }
}
