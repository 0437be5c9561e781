import Basics
import Degradations
import Images

/// A picture on the bench: read from a file, with its depth.
public struct LaboratoryPicture {
  /// Where the depth comes from.
  public enum Depth: Sendable {
    /// Made up to suit the picture.
    case procedural
    /// One depth for every pixel, 0 near to 1 far.
    case constant(Double)
    /// A map in a file, and what its values mean.
    case map(String, DepthEncoding)
  }

  /// RGB on whole sRGB codes.
  public let image: Image
  /// Its depth.
  public let scene: Scene

  /// Reads a picture; a gray one becomes RGB.
  ///
  /// - Parameters:
  ///   - side: The picture is made smaller until its short side is at most this.
  ///   - depth: Where the depth comes from.
  ///   - seed: Decides procedural depth.
  /// - Throws: `Problem` when a file cannot be read, or the map does not suit the picture.
  public init(
    reading path: String, shortSide side: Int? = nil, depth: Depth = .procedural, seed: UInt64
  ) throws(Problem) {
    var read = try PictureFile.read(path).image.replicatedToRGB()
    let shortest = min(read.width, read.height)
    if let side, shortest > side {
      read = read.toLinear().downscaled(by: Double(shortest) / Double(side)).toSRGB()
    }
    image = Image(width: read.width, height: read.height, bytes: read.bytes)
    switch depth {
    case .procedural:
      scene = ProceduralDepth.scene(for: image, random: RandomStream(seed: seed, stream: 32))
    case .constant(let depth):
      scene = Scene(width: image.width, height: image.height, depth: depth)
    case .map(let path, let encoding):
      scene = try DepthMap(
        try readFile(path), id: path, encoding: encoding, width: image.width,
        height: image.height, place: path
      ).scene
    }
  }
}
