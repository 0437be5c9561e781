import Basics
import Foundation

/// A folder that exists as long as the value does.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Creates an empty folder.
  public init() {
    path = FileManager.default.temporaryDirectory.path + "/dcpt-test-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }
}
