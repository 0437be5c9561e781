import Basics
import Degradations
import Images

/// A picture on the bench: read from a file, with a depth made for it.
public struct LaboratoryPicture {
  /// RGB on whole sRGB codes.
  public let image: Image
  /// Its procedural depth.
  public let scene: Scene

  /// Reads a picture; a gray one becomes RGB.
  ///
  /// - Parameters:
  ///   - side: The picture is made smaller until its short side is at most this.
  ///   - seed: Decides the depth.
  /// - Throws: `Problem` when the file cannot be read.
  public init(reading path: String, shortSide side: Int? = nil, seed: UInt64) throws(Problem) {
    var read = try PictureFile.read(path).image.replicatedToRGB()
    let shortest = min(read.width, read.height)
    if let side, shortest > side {
      read = read.toLinear().downscaled(by: Double(shortest) / Double(side)).toSRGB()
    }
    image = Image(width: read.width, height: read.height, bytes: read.bytes)
    scene = ProceduralDepth.scene(for: image, random: RandomStream(seed: seed, stream: 32))
  }
}
