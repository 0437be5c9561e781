import ArgumentParser
import Basics
import Images
import Synthesis

/// Draws generated clean pictures.
struct LeavesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaves",
    abstract: "Draws generated clean pictures with their depth and order, as a PNG.",
    discussion: """
      Dead leaves are what 'synth' makes pictures of where no photographs are given: shapes of every
      size that hide each other. Their depth is exact: warm is near, blue is far. In the third tile
      every leaf has a colour of its own.

      Examples:
        dcpt-data leaves --out leaves.png
        dcpt-data leaves --count 4 --size 512 --depth-of-field 1 --out soft.png
        dcpt-data leaves --textures 0 --depth-of-field 0 --camera-blur 0 --out plain.png
      """)

  @Option(help: "How many pictures.") var count = 12
  @Option(help: "Their width and height in pixels.") var size = 256
  @Option(help: "The seed of every draw.") var seed: UInt64 = 0
  @Option(help: "The share of large leaves that is textured.")
  var textures = DeadLeaves.Style().textures
  @Option(help: "The odds of soft planes before and behind the focus.")
  var depthOfField = DeadLeaves.Style().depthOfField
  @Option(help: "The odds of the slight blur of a camera.")
  var cameraBlur = DeadLeaves.Style().cameraBlur
  @Option(help: "The PNG file to write.") var out: String

  func run() throws {
    guard (1...1000).contains(count) else {
      throw Problem("--count", "must be from 1 to 1000, not \(count)")
    }
    guard (1...2048).contains(size) else {
      throw Problem("--size", "must be from 1 to 2048, not \(size)")
    }
    let odds = [
      ("--textures", textures), ("--depth-of-field", depthOfField), ("--camera-blur", cameraBlur),
    ]
    for (name, value) in odds where !(0...1).contains(value) {
      throw Problem(name, "must be from 0 to 1, not \(value)")
    }
    let sheet = LeavesSheet(
      count: count, size: size, seed: seed,
      style: .init(textures: textures, depthOfField: depthOfField, cameraBlur: cameraBlur)
    ).render()
    try PNGFile.write(sheet, to: out)
    print("\(out): \(sheet.width)x\(sheet.height) pixels")
  }
}
