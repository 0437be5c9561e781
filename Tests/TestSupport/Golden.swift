import Basics
import Foundation

/// The golden vectors: numbers of the reference programs, in the layout of `Tests/Golden`.
///
/// The environment variable DCPT_GOLDEN names another folder of the same layout.
public enum Golden {
  /// The folder in use.
  public static let folder: String =
    ProcessInfo.processInfo.environment["DCPT_GOLDEN"]
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Golden").path

  /// The path of a file below the folder.
  public static func path(_ name: String) -> String { folder + "/" + name }

  /// The safetensors files of one subfolder, sorted by name.
  public static func files(in subfolder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(subfolder))) ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted().map { subfolder + "/" + $0 }
  }
}

/// The largest difference over the largest magnitude of `b`, the error of the golden tables.
public func relativeError(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  var difference: Float = 0
  var size: Float = 0
  for (x, y) in zip(a, b) {
    if x.isNaN || y.isNaN { return .infinity }
    difference = max(difference, abs(x - y))
    size = max(size, abs(y))
  }
  return difference / max(size, 1e-30)
}
