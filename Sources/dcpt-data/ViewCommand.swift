import ArgumentParser
import Basics
import Records

/// Makes a page to look at a data set with.
struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Makes one HTML page of a data set: counts, histograms, and samples under a slider.",
    discussion: """
      The page holds everything it shows, so it opens from a file in any browser and can be sent on.
      Samples of a class go from the mildest to the strongest; their pictures are stored as PNG, about
      0.3 MB a pair of 256x256.

      Example:
        dcpt-data view runs/5d/manifest.json --out 5d.html
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Option(help: "The HTML file to write.") var out: String
  @Option(help: "How many samples of each class.") var perClass = 6

  func run() throws {
    guard perClass > 0 else { throw Problem("--per-class", "must be at least 1, not \(perClass)") }
    let reader = try RecordReader(manifest: manifest)
    let bar = ProgressLine("labels", total: reader.count, unit: "records")
    let page = try SetPage(reader, perClass: perClass).html { bar.update($0) }
    bar.finish()
    try AtomicFile.write(page, to: out)
    print("\(out): \(fixed(Double(page.utf8.count) / 1e6, 1)) MB")
  }
}
