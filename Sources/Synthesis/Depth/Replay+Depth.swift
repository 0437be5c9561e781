import Basics
import Degradations
import Images

extension Replay {
  /// The scene of a label with one depth for all; nil for other labels.
  func constantScene(_ gt: Image) -> Scene? {
    guard label["depth"]?["kind"] == "constant" else { return nil }
    return Scene(width: gt.width, height: gt.height, depth: label["depth"]?["depth"]?.double ?? 1)
  }

  /// The map that the label names, decoded for a picture of a size; nil for labels without one.
  func givenMap(_ folders: [String], width: Int, height: Int) throws(Problem) -> DepthMap? {
    guard let depth = label["depth"], depth["kind"] == "given" else { return nil }
    guard let encoding = depth["encoding"].flatMap({ DepthEncoding($0) }) else {
      throw Problem(place, "has no encoding of its depth map")
    }
    let (file, path) = try found("depth", in: folders, flag: "--depth")
    return try DepthMap(
      file, id: depth["id"]?.string ?? "", encoding: encoding, width: width, height: height,
      place: path)
  }
}
