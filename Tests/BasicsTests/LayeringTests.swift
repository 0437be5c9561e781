import Foundation
import Testing

/// The import directions of docs/architecture.md, read from the sources.
@Suite struct LayeringTests {
  private static let system: Set<String> = ["Foundation", "Glibc", "Synchronization", "Dispatch"]
  private static let allowed: [String: Set<String>] = [
    "Basics": ["CPixels", "CCrypto"],
    "Images": ["Basics", "CPixels", "CCodecs"],
    "Degradations": ["Images", "Basics", "CPixels"],
    "Photos": ["Recipes", "Images", "Basics"],
    "Recipes": ["Basics", "Yams"],
    "Records": ["Images", "Basics"],
    "Synthesis": ["Degradations", "Records", "Recipes", "Images", "Basics", "CPixels"],
    "Tensors": ["Basics", "CKernels", "COpenBLAS"],
    "Networks": ["Tensors", "Basics"],
    "Training": ["Networks", "Tensors", "Records", "Recipes", "Images", "Basics"],
    "dcpt-data": [
      "Photos", "Synthesis", "Degradations", "Records", "Images", "Basics", "ArgumentParser",
    ],
    "dcpt-train": [
      "Training", "Synthesis", "Networks", "Tensors", "Records", "Images", "Basics",
      "ArgumentParser",
    ],
  ]

  @Test("a target imports only what lies below it", arguments: allowed.keys.sorted())
  func directions(_ target: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/\(target)")
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }
    let sources = (files ?? []).filter { $0.pathExtension == "swift" }
    #expect(!sources.isEmpty)
    for file in sources {
      for module in imports(try String(contentsOf: file, encoding: .utf8))
      where !Self.system.contains(module) {
        #expect(
          Self.allowed[target]?.contains(module) ?? false,
          "\(file.lastPathComponent) imports \(module)")
      }
    }
  }

  @Test("the tensor library does without Foundation")
  func tensorsWithoutFoundation() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Tensors")
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }
    for file in files ?? [] where file.pathExtension == "swift" {
      #expect(
        !imports(try String(contentsOf: file, encoding: .utf8)).contains("Foundation"),
        "\(file.lastPathComponent)")
    }
  }

  private func imports(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      // The text of a help may speak of imports too; it is indented.
      guard line.first != " " else { return nil }
      guard let i = words.firstIndex(of: "import"), i + 1 < words.count, i <= 1 else { return nil }
      return words[i + 1].split(separator: ".").first.map(String.init)
    }
  }
}
