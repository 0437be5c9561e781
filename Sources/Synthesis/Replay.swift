import Basics
import Degradations
import Images
import Records

/// Makes a record's pictures again from nothing but its label and its clean source.
public struct Replay {
  /// The pictures, with whether their bytes have the checksums of the label.
  public struct Result {
    /// The degraded picture.
    public let lq: Image
    /// The clean picture.
    public let gt: Image
    /// Whether the members `lq.npy` and `gt.npy` would be the same bytes.
    public let isSame: Bool
  }

  /// The record's key.
  public let key: String
  let label: JSON
  let place: String

  /// Takes a label.
  ///
  /// - Parameter place: Its name in errors.
  /// - Throws: `Problem` when it is not the label of a record.
  public init(_ label: JSON, place: String) throws(Problem) {
    guard label["format"]?.string == "dcpt-record/1", let key = label["key"]?.string else {
      throw Problem(
        place, "is not the label of a record",
        fix: "give the .json member of a record, or MANIFEST.json:NUMBER")
    }
    (self.label, self.place, self.key) = (label, place, key)
  }

  /// Makes the pair.
  ///
  /// - Parameters:
  ///   - folders: Where photographs are looked for.
  ///   - depthFolders: Where given depth maps are looked for.
  /// - Throws: `Problem` when the source is missing or another one, or the label lacks something.
  public func render(folders: [String], depthFolders: [String] = []) throws(Problem) -> Result {
    guard label["source"]?["kind"]?.string != "paired" else {
      throw Problem(
        place, "is a real pair, which nothing can make again",
        fix: "import its data set again to have its files checked")
    }
    let seed = UInt64(try whole("random", "seed"))
    var (gt, scene) = try clean(folders, depthFolders, seed)
    if let usm = label["crop"]?["usm"] { gt = try UnsharpMask(usm).sharpened(gt) }
    var steps: [ChainStep] = []
    for step in label["chain"]?.array ?? [] { steps.append(try ChainStep(step)) }
    let codes = try DegradationChain.replay(
      steps, on: gt.bytes, scene: scene, seed: seed, index: UInt64(try whole("random", "index")))
    let lq = Image(width: gt.width, height: gt.height, bytes: codes)
    return Result(
      lq: lq, gt: gt, isSame: hasChecksum(lq, Record.lqField) && hasChecksum(gt, Record.gtField))
  }

  private func hasChecksum(_ image: Image, _ field: String) -> Bool {
    let file = NPYArray.file(image.bytes, shape: [image.height, image.width, image.channels])
    return label["crc32c"]?[field]?.string == Checksum.text(Checksum.crc32c(file))
  }

  private func clean(_ folders: [String], _ depthFolders: [String], _ seed: UInt64)
    throws(Problem) -> (Image, Scene)
  {
    let (width, height) = (try whole("gt", "width"), try whole("gt", "height"))
    if label["source"]?["kind"]?.string == "dead-leaves" {
      guard let style = DeadLeaves.Style(label["source"]) else {
        throw Problem(
          place, "does not say how its leaves are drawn",
          fix: "it was made by an earlier version; replay it with that one")
      }
      let drawn = UInt64(try whole("depth", "index"))
      let leaves = DeadLeaves(
        width: width, height: height, seed: seed, index: drawn, style: style
      ).render()
      let gt = Image(width: width, height: height, bytes: leaves.image.bytes)
      return (gt, constantScene(gt) ?? leaves.scene)
    }
    let crop = PatchPlace(
      x: try whole("crop", "x"), y: try whole("crop", "y"), width: try whole("crop", "width"),
      height: try whole("crop", "height"), scale: label["crop"]?["scale"]?.double ?? 1,
      flip: label["crop"]?["flip"]?.bool ?? false, turn: try whole("crop", "turn"))
    let picture = try source(folders)
    guard crop.x + crop.width <= picture.width, crop.y + crop.height <= picture.height,
      crop.width > 0, crop.height > 0
    else { throw Problem(place, "has a crop that leaves its source") }
    let gt = PatchSampler.cut(picture, crop, size: width)
    if let even = constantScene(gt) { return (gt, even) }
    if let map = try givenMap(depthFolders, width: picture.width, height: picture.height) {
      return (gt, map.scene(of: crop, size: width))
    }
    let stream = RandomStream(
      seed: seed, index: UInt64(try whole("depth", "index")),
      stream: UInt32(clamping: try whole("depth", "stream")))
    return (gt, ProceduralDepth.scene(for: gt, random: stream))
  }

  /// The photograph: its name below one of the folders, with the label's digest.
  private func source(_ folders: [String]) throws(Problem) -> StoredPicture {
    let (file, path) = try found("source", in: folders, flag: "--clean")
    return StoredPicture(try PictureFile.decode(file, place: path))
  }

  /// A file that a section of the label names: below one of the folders, with the label's digest.
  func found(_ section: String, in folders: [String], flag: String)
    throws(Problem) -> (file: [UInt8], path: String)
  {
    let what = section == "depth" ? "depth map" : "picture"
    let id = label[section]?["id"]?.string ?? ""
    let below = id.split(separator: "/").dropFirst().joined(separator: "/")
    for path in folders.map({ $0 + "/" + below }) {
      guard let file = try? readFile(path) else { continue }
      guard Digest.sha256(file) == label[section]?["sha256"]?.string else {
        throw Problem(
          path, "is not the \(what) that '\(place)' was made from",
          fix: "its SHA-256 differs; find the version that the label names")
      }
      return (file, path)
    }
    throw Problem(
      place, "was made from the \(what) '\(below)', which is in none of the folders",
      fix: "give its folder with \(flag)")
  }

  private func whole(_ section: String, _ key: String) throws(Problem) -> Int {
    guard let value = label[section]?[key]?.integer, value >= 0 else {
      throw Problem(place, "has no whole number at \(section).\(key)")
    }
    return value
  }
}
