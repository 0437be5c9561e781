import Foundation

/// The training recipes of this repository.
enum RecipeFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("manifests").path

  static let all: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { folder + "/" + $0 }.filter { path in
      path.hasSuffix(".yaml")
        && ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").contains("\nnetwork_g:")
    }
  }()
}
