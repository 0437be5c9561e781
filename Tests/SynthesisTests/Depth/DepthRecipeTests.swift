import Basics
import Degradations
import Synthesis
import TestSupport
import Testing

@Suite struct DepthRecipeTests {
  private let folder = TemporaryFolder()

  @Test("every key of depth is read, and kept for the manifest") func keys() throws {
    let recipe = try recipe(
      """
      classes: 5d
      depth:
        kind: given
        folders: [/data/kitti/depth]
        missing: procedural
        encoding: {kind: metres, scale: 0.00390625, offset: 1, invalid: 0, near: 2, far: 80,
          fill: far, smooth: false}
      """, in: folder)
    guard case .given(let given) = recipe.depth else {
      Issue.record("\(recipe.depth)")
      return
    }
    #expect(given.encoding.kind == .metres && given.encoding.invalid == 0)
    #expect(given.encoding.near == 2 && given.encoding.far == 80 && given.encoding.fill == .far)
    #expect(recipe.json["depth"]?["folders"] == ["depth"])
    #expect(recipe.json["depth"]?["encoding"].flatMap { DepthEncoding($0) } == given.encoding)
  }

  @Test("flags replace the keys of a recipe") func flags() throws {
    let path = folder.file("sample.yaml")
    try AtomicFile.write("classes: 5d\ndepth: {kind: constant, value: 0.5}\n", to: path)
    let recipe = try Recipe(
      reading: path,
      overrides: [
        "depth.kind": "given", "depth.folders": ["maps"], "depth.encoding.kind": "nearness",
      ])
    #expect(recipe.json["depth"]?["encoding"]?["kind"] == "nearness")
    #expect(recipe.json["depth"]?["value"] == nil)
  }

  @Test(
    "mistakes are named with their line",
    arguments: [
      ("depth: {kind: given}\n", 2, "'depth.folders' is missing"),
      ("depth:\n  kind: gives\n", 3, "'depth.kind' is \"gives\""),
      ("depth: {kind: constant, value: 2}\n", 2, "'depth.value' is 2"),
      ("depth: {kind: procedural, value: 1}\n", 2, "unknown key 'depth.value'"),
      (
        "depth:\n  kind: given\n  folders: [m]\n  encoding:\n    kind: metres\n", 5,
        "'depth.encoding.far' is missing: the distance in metres that becomes depth 1"
      ),
      (
        "depth:\n  kind: given\n  folders: [m]\n  encoding:\n    kind: distance\n    far: 9\n", 7,
        "'depth.encoding.far' is given, but distance has no metres"
      ),
      (
        "depth:\n  kind: given\n  folders: [m]\n  encoding:\n    kind: nearness\n    scle: 9\n", 7,
        "unknown key 'depth.encoding.scle'"
      ),
    ])
  func mistakes(_ text: String, _ line: Int, _ what: String) throws {
    let error = #expect(throws: Problem.self) { try recipe("classes: 5d\n" + text, in: folder) }
    #expect(error?.place.hasSuffix("sample.yaml:\(line)") == true, "\(error?.place ?? "")")
    #expect(error?.what.hasPrefix(what) == true, "\(error?.what ?? "")")
  }
}
