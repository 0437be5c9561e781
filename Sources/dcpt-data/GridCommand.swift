import ArgumentParser
import Basics
import Images
import Records

/// Draws a data set's sample sheet.
struct GridCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grid",
    abstract: "Draws a sheet of samples as a PNG: lq, gt and their difference for each class.",
    discussion: """
      Examples:
        dcpt-data grid runs/5d/manifest.json --out grid.png
        dcpt-data grid runs/5d/manifest.json --out grid.png --rows 5

      One row shows a record of middling severity; more go from the mildest to the strongest.
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Option(help: "The PNG file to write.") var out: String
  @Option(help: "How many rows each class has.") var rows = 1

  func run() throws {
    guard rows > 0 else { throw Problem("--rows", "must be at least 1, not \(rows)") }
    let reader = try RecordReader(manifest: manifest)
    let sheet = try SampleSheet(reader, rowsPerClass: rows).render()
    try PNGFile.write(sheet, to: out)
    print("\(out): \(sheet.width)x\(sheet.height) pixels")
  }
}
