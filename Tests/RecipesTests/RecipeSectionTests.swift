import Basics
import Recipes
import TestSupport
import Testing

/// What every recipe reader can rely on.
@Suite struct RecipeSectionTests {
  private enum Crop: String, CaseIterable { case random, centre }

  private func read(_ text: String, _ overrides: [String: JSON] = [:]) throws(Problem)
    -> RecipeSection
  {
    try RecipeSection(parsing: text, file: "r.yaml", overrides: overrides)
  }

  private func problem(_ text: String, _ ask: (RecipeSection) throws -> Void) throws -> Problem {
    try #require(throws: Problem.self) { try ask(try read(text)) }
  }

  @Test("a key nobody asked for is named with its line and the nearest that was")
  func unknownKeys() throws {
    let inner = try problem("patch:\n  crop: centre\n  use_flip: true\n") { top in
      let patch = try top.section("patch")
      _ = try patch.choice("crop", default: Crop.random)
      _ = try patch.flag("use_hflip", default: true)
      try top.finish()
    }
    #expect(
      inner.description == "r.yaml:3: unknown key 'patch.use_flip'\n  did you mean 'use_hflip'?")
    let listed = try problem("sources:\n  - {file: a}\n  - {fil: b}\n") { top in
      for section in try top.sections("sources") { _ = try section.text("file", default: "") }
      try top.finish()
    }
    #expect(listed.description == "r.yaml:3: unknown key 'sources[1].fil'\n  did you mean 'file'?")
  }

  @Test("a missing key is told with the line that may have been meant")
  func missingKeys() throws {
    let found = try problem("name: a\nclases: 5d\n") { _ = try $0.text("classes") }
    #expect(found.what == "'classes' is missing")
    #expect(found.fix == "give a text; line 2 says 'clases'")
    #expect(try problem("a: 1") { _ = try $0.sections("sources") }.what == "'sources' is missing")
  }

  @Test("an enumeration is read by its words, and the nearest is offered")
  func choices() throws {
    #expect(try read("crop: centre").choice("crop", default: Crop.random) == .centre)
    #expect(try read("").choice("crop", default: Crop.random) == .random)
    let found = try problem("crop: center") { _ = try $0.choice("crop", default: Crop.random) }
    #expect(found.what == "'crop' is \"center\", not one of random, centre")
    #expect(found.fix == "did you mean 'centre'?")
  }

  @Test(
    "numbers that do not rise within their range are refused",
    arguments: ["[0.9, 0.1]", "[0.1, 1.5]", "[]", "0.5", "[0.1, x]", "null"])
  func risingNumbers(_ text: String) throws {
    let found = try problem("levels: \(text)") { _ = try $0.risingNumbers("levels", in: 0...1) }
    #expect(found.place == "r.yaml:1")
    #expect(found.what.hasSuffix("not a rising list of numbers from 0.0 to 1.0"))
    #expect(found.fix == "for example: levels: [0.0, 1.0]")
  }

  @Test("rising numbers may be left out, and are then no part of the resolved recipe")
  func optionalNumbers() throws {
    let given = try read("levels: [0, 0.5]")
    #expect(try given.risingNumbers("levels", in: 0...1) == [0, 0.5])
    #expect(given.resolved == ["levels": [0, 0.5]])
    let empty = try read("")
    #expect(try empty.risingNumbers("levels", in: 0...1) == nil)
    #expect(empty.resolved == [:])
    try empty.finish()
  }

  @Test("a number where a text belongs wants quotes") func quotes() throws {
    #expect(try problem("name: 2024") { _ = try $0.text("name") }.fix == "put it in quotes")
    #expect(try read("name: '2024'").text("name") == "2024")
    #expect(
      try problem("folders: [a, 2024]") { _ = try $0.texts("folders") }.what
        == "'folders' is [\"a\",2024], not a list of texts")
  }

  @Test("a key that stands twice is named with its line") func duplicates() throws {
    let found = try #require(throws: Problem.self) { try read("a: 1\nname: x\nname: y") }
    #expect(found.place.hasPrefix("r.yaml:"))
    #expect(found.what == "key 'name' stands twice in one place")
  }

  @Test("a flag goes over the file, and the resolved recipe reads back as the same")
  func resolved() throws {
    let ask = { (top: RecipeSection) throws(Problem) in
      let train = try top.section("train")
      _ = try train.integer("total_iter", in: 1...100)
      _ = try train.numbers("betas", default: [0.9, 0.999])
      _ = try top.optionalText("name")
      try top.finish()
    }
    let top = try read("train: {total_iter: 5}", ["train.total_iter": 7])
    try ask(top)
    #expect(
      top.resolved == ["train": ["total_iter": 7, "betas": [0.9, 0.999]], "name": nil])
    let again = try read(top.resolved.yaml)
    try ask(again)
    #expect(again.resolved == top.resolved)
  }

  @Test("a file that is no UTF-8 text is refused") func encoding() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write([0xFF, 0xFE, 0x00], to: folder.file("r.yaml"))
    let found = try #require(throws: Problem.self) {
      try RecipeSection(reading: folder.file("r.yaml"))
    }
    #expect(found.what == "is not UTF-8 text")
  }
}
