import ArgumentParser
import Basics
import Foundation
import Images
import Training

/// `dcpt-train restore`: a user's own pictures.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restores pictures of any size and names the degradation it sees in each.",
    discussion: """
      Pictures longer than --tile are restored in overlapping tiles that are blended. Writes 8-bit PNG
      files under the pictures' names. A picture that cannot be read is reported and left out.

      Examples:
        dcpt-train restore --weights runs/dcpt hazy.jpg night.png --out restored
        dcpt-train restore --weights runs/dcpt/weights.safetensors holiday/ --out restored
      """)

  @Option(help: "Weights: a .safetensors file or the folder of a run.")
  var weights: String

  @Argument(help: "Pictures (PNG, JPEG, TIFF, WebP), or folders of them.")
  var images: [String]

  @Option(help: "The folder for the results.")
  var out: String

  @Option(help: "Longest side of a tile, pixels; memory grows with its square.")
  var tile = 512

  @Option(help: "Pixels that neighbouring tiles share.")
  var overlap = 64

  @Flag(help: "Pool in windows of 1.5 training patches instead of the whole picture (TLC).")
  var localPooling = false

  func validate() throws {
    guard (64...8192).contains(tile), (16...tile / 2).contains(overlap) else {
      throw ValidationError("--tile must be from 64 to 8192, --overlap from 16 to half of it")
    }
    guard !images.isEmpty else { throw ValidationError("give at least one picture") }
  }

  func run() throws {
    let restorer = try Restorer(
      reading: weights, localPooling: localPooling, tile: tile, overlap: overlap)
    let restoring = Restoring(restorer, to: out)
    if restorer.classes.isEmpty {
      print("No classifier.safetensors lies beside the weights: degradations cannot be named.")
    }
    for (path, name) in try Restoring.pictures(images) {
      guard let facts = try restoring.restore(path, as: name) else { continue }
      print(facts)
    }
    guard restoring.setAside == 0 else {
      throw Problem(out, "\(restoring.setAside) of the pictures could not be restored")
    }
  }
}
