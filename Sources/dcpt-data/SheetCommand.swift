import ArgumentParser
import Basics
import Images
import Synthesis

/// Draws a picture under all degradations.
struct SheetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet",
    abstract: "Draws one picture under every degradation at five severities, as a PNG.",
    discussion: """
      Examples:
        dcpt-data sheet photo.jpg --out sheet.png
        dcpt-data sheet photo.jpg --only snow --only haze+rain-streak --side 256 --out weather.png
        dcpt-data sheet photo.jpg --depth photo.npy --depth-kind disparity --out sheet.png

      Depth is made up to suit the picture unless --depth gives a map of it.
      """)

  @Argument(help: "The picture: PNG, JPEG, TIFF or WebP.") var image: String
  @Option(help: "A degradation, or several joined by +; may be given again.")
  var only: [String] = []
  @Option(help: "The short side of a tile in pixels; larger pictures are made smaller.")
  var side = 192
  @Option(help: "Where physics is computed: linear (light) or srgb (codes).") var space = "linear"
  @Option(help: "The seed of every draw.") var seed: UInt64 = 0
  @Option(help: "The picture's depth map: gray PNG or TIFF, float TIFF, or .npy.")
  var depth: String?
  @OptionGroup var depthOptions: DepthOptions
  @Option(help: "The PNG file to write.") var out: String

  func run() throws {
    guard (16...2048).contains(side) else {
      throw Problem("--side", "must be from 16 to 2048, not \(side)")
    }
    let picture = try LaboratoryPicture(
      reading: image, shortSide: side, depth: try depthOptions.depth(depth), seed: seed)
    let sheet = try DegradationSheet(
      picture.image, scene: picture.scene, names: only, space: try physics(space), seed: seed
    ).render()
    try PNGFile.write(sheet, to: out)
    print("\(out): \(sheet.width)x\(sheet.height) pixels")
  }
}
