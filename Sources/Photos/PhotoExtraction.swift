import Basics
import Foundation
import Images

/// Takes the photographs of a list out of their packages, makes them smaller, and writes them as PNG
/// files with a page of credits.
///
/// A picture that is there already is kept, so an interrupted run goes on where it stopped.
public struct PhotoExtraction {
  /// What a run did.
  public struct Summary: Sendable {
    /// Pictures written now, and pictures that were there already.
    public var written = 0, kept = 0
    /// Megapixels of the pictures of each split, by its name.
    public var megapixels: [String: Double] = [:]
    /// Pictures of each split.
    public var counts: [String: Int] = [:]
    /// What was not found, as places.
    public var missing: [String] = []
    /// Pictures that could not be read.
    public var problems: [Problem] = []
  }

  private let sources: [PhotoSource]
  private let root: String
  private let wheels: String?
  private let out: String

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - list: All sources; those beyond `selection` are left out.
  ///   - root: The folder that holds `usr`: "/" when the packages are installed.
  ///   - wheels: Where the Python packages were unpacked; nil leaves their photographs out.
  ///   - out: The folder to write to; it is created.
  public init(
    _ list: PhotoList, selection: PhotoSource.Selection, root: String, wheels: String?, out: String
  ) {
    sources = list.sources.filter { selection == .all || $0.set == .small }
    self.root = root
    self.wheels = wheels
    self.out = out
  }

  /// How many photographs the list names.
  public var count: Int { sources.reduce(0) { $0 + $1.photos.count } }

  /// Extracts every photograph; `progress` hears how many are done.
  ///
  /// - Throws: `Problem` when a picture cannot be written. A photograph that is missing or cannot be
  ///   read is set aside and reported in the summary.
  public func run(progress: (Int) -> Void = { _ in }) throws(Problem) -> Summary {
    var summary = Summary()
    var credits: [Credit] = []
    var done = 0
    for source in sources {
      var container = Container(source, folder: folder(of: source))
      for (name, photo) in source.sorted {
        if let size = try extract(name, photo, source, &container, &summary) {
          credits.append(Credit(path: source.output(name), photo: photo, package: source.package))
          let split = String(source.folder.prefix { $0 != "/" })
          summary.counts[split, default: 0] += 1
          summary.megapixels[split, default: 0] += Double(size.width * size.height) / 1e6
        }
        done += 1
        progress(done)
      }
    }
    try AtomicFile.write(Credit.page(credits), to: out + "/CREDITS.md")
    return summary
  }

  private func folder(of source: PhotoSource) -> String? { source.from == nil ? root : wheels }

  /// Writes one photograph unless it is there; returns its size, nil when it was set aside.
  private func extract(
    _ name: String, _ photo: Photo, _ source: PhotoSource, _ container: inout Container,
    _ summary: inout Summary
  ) throws(Problem) -> (width: Int, height: Int)? {
    let target = out + "/" + source.output(name)
    if FileManager.default.fileExists(atPath: target) {
      let header = try PictureFile.probe(target)
      summary.kept += 1
      return (header.width, header.height)
    }
    let image: Image
    do throws(Problem) {
      guard let file = try container.bytes(of: name) else {
        summary.missing.append(container.place(of: name))
        return nil
      }
      image = try PictureFile.decode(file, place: container.place(of: name)).image
    } catch {
      summary.problems.append(error)
      return nil
    }
    let small = image.toLinear().downscaled(by: photo.factor).toSRGB()
    try createFolder(out + "/" + source.folder)
    try PNGFile.write(small, to: target)
    summary.written += 1
    return (small.width, small.height)
  }
}
