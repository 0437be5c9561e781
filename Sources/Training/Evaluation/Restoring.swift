import Basics
import Foundation
import Images

/// The restoring of a user's files one after the other; a bad one is reported and set aside.
public final class Restoring {
  private let restorer: Restorer
  private let folder: String
  /// Pictures that could not be read.
  public private(set) var setAside = 0

  /// Creates the work; results go to `folder`.
  public init(_ restorer: Restorer, to folder: String) {
    (self.restorer, self.folder) = (restorer, folder)
  }

  /// The files that a list of pictures and folders means, with the names of their results.
  ///
  /// - Throws: `Problem` when two pictures would be written under one name.
  public static func pictures(_ paths: [String]) throws(Problem) -> [(path: String, name: String)] {
    var found: [(path: String, name: String)] = []
    for path in paths {
      if isFolder(path) {
        found += try PictureFile.list(path).map { (path + "/" + $0, stem($0)) }
      } else {
        found.append((path, stem(path.split(separator: "/").last.map(String.init) ?? path)))
      }
    }
    var first: [String: String] = [:]
    for (path, name) in found {
      if let other = first.updateValue(path, forKey: name) {
        throw Problem(
          path, "would be written under the same name as \(other)", fix: "restore them apart")
      }
    }
    return found
  }

  /// Restores one file to `name.png` in the folder.
  ///
  /// - Returns: A line for the user; nil when the picture was set aside.
  /// - Throws: `Problem` when the result cannot be written.
  public func restore(_ path: String, as name: String) throws(Problem) -> String? {
    guard let picture = read(path) else { return nil }
    let start = monotonicSeconds()
    let result = restorer.restore(picture)
    let target = folder + "/" + name + ".png"
    try createFolder(Training.folder(of: target))
    try PNGFile.write(result.image, to: target)
    let time = "\(picture.width)x\(picture.height) in \(fixed(monotonicSeconds() - start, 1)) s"
    guard let probabilities = result.probabilities, let named = result.classNumber else {
      return "\(target): \(time)"
    }
    let certainty = Evaluation.percent(probabilities[named])
    return "\(target): \(time), degradation: \(restorer.classes[named]) (\(certainty))"
  }

  private func read(_ path: String) -> Image? {
    do throws(Problem) {
      return try PictureFile.read(path).image.replicatedToRGB()
    } catch {
      setAside += 1
      standardError("set aside: \(error)\n")
      return nil
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  private static func stem(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
