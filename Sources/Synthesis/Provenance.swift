import Basics
import Images

/// The program that makes data sets.
public enum Provenance {
  /// The version of this program.
  public static let version = "0.3.0"

  /// The manifest's `tool`.
  static var tool: JSON {
    let libraries = CodecVersions.all.map { JSON.Member($0.name, .string($0.version)) }
    return [
      "name": "dcpt-data", "version": .string(version), "libraries": .object(libraries),
    ]
  }
}
