import ArgumentParser
import Basics
import Records

/// Tells what a data set holds.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Tells what a data set holds and where it comes from.",
    discussion: """
      Prints counts per class, severities, PSNR and SSIM of the degraded pictures (mean, lowest and
      highest), sizes, sources and the recipe.

      Example:
        dcpt-data info runs/5d/manifest.json
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Flag(help: "Print JSON instead of text.") var json = false

  func run() throws {
    let reader = try RecordReader(manifest: manifest, checking: .checksums)
    let summary = try DataSetSummary(reader)
    print(json ? summary.json.pretty : summary.text, terminator: json ? "" : "\n")
  }
}
