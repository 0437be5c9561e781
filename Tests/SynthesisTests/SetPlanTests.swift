import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

@Suite struct SetPlanTests {
  private let folder = TemporaryFolder()
  private static let text = """
    classes: 5d
    gt_size: 32
    count: 10
    records_per_shard: 4
    splits: {train: 1}

    """

  private func synthesizer(_ text: String = text, clean: [String], plan: SetPlan? = nil) throws
    -> Synthesizer
  {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    return try Synthesizer(recipe, split: .train, workers: 2, plan: plan)
  }

  @Test("a plan reads back as it was written, with channels, depth and what was set aside")
  func roundTrip() throws {
    let clean = try photos(3, in: folder)
    try AtomicFile.write("no picture", to: clean + "/bad.png")
    let gray = Image(
      width: 40, height: 40, channels: 1, pixels: [Float](repeating: 0.5, count: 1600))
    try PNGFile.write(gray, to: clean + "/gray.png")
    let maps = folder.file("maps")
    try FileManager.default.createDirectory(atPath: maps, withIntermediateDirectories: true)
    for (name, width) in [("photo-0", 40), ("photo-1", 41), ("photo-2", 42), ("gray", 40)] {
      try AtomicFile.write(
        mapFile(width, 40) { x, y in Float((x + y) % 80) / 80 }, to: "\(maps)/\(name).png")
    }
    let text =
      SetPlanTests.text
      + "depth: {kind: given, folders: [\"\(maps)\"], encoding: {kind: distance}}\n"
    let made = try synthesizer(text, clean: [clean])
    #expect(made.plan.pictures == 4, "\(made.setAside)")
    #expect(made.setAside.map(\.file) == ["photos/bad.png"])
    try made.plan.write(into: folder.file("set"))
    let read = try #require(try SetPlan(in: folder.file("set")))
    #expect(read.json == made.plan.json && read.identity == made.plan.identity)
    #expect(read.sources.contains { $0.entry.channels.replicatedGray })
    #expect(read.sources.allSatisfy { $0.depthFile == "\($0.entry.file)" })
    // The pictures that it gives are those that a scan gives.
    _ = try made.run(into: folder.file("a"))
    _ = try synthesizer(text, clean: [clean], plan: read).run(into: folder.file("b"))
    #expect(try content(folder.file("a")) == content(folder.file("b")))
  }

  @Test("a plan that was changed or cut is refused, whichever bit it is") func damage() throws {
    let clean = try photos(2, in: folder)
    let out = folder.file("set")
    try synthesizer(clean: [clean]).plan.write(into: out)
    let path = out + "/plan.json"
    let whole = try readFile(path)
    var random = RandomStream(seed: 3, index: 0)
    for _ in 0..<200 {
      var bytes = whole
      bytes[random.integer(below: bytes.count)] ^= UInt8(1 << random.integer(below: 8))
      try AtomicFile.write(bytes, to: path)
      // A bit that turns blanks between words into others changes no meaning.
      guard (try? JSON(parsing: bytes, place: "")) != (try JSON(parsing: whole, place: "")) else {
        continue
      }
      let error = #expect(throws: Problem.self) { try SetPlan(in: out) }
      #expect(error?.place.hasPrefix(path) == true)
    }
    try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: path)
    #expect(throws: Problem.self) { try SetPlan(in: out) }
  }

  @Test("what differs from the plan is named with both values") func differences() throws {
    let clean = try photos(2, in: folder)
    let plan = try synthesizer(clean: [clean]).plan
    let more = SetPlanTests.text.replacingOccurrences(of: "count: 10", with: "count: 11")
    let error = #expect(throws: Problem.self) {
      try synthesizer(more, clean: [clean], plan: plan)
    }
    #expect(
      error?.description.hasPrefix("plan.json: 'count' was planned as 10 and is now 11\n") == true)
    let sharpened = #expect(throws: Problem.self) {
      try synthesizer(SetPlanTests.text + "gt_usm: true\n", clean: [clean], plan: plan)
    }
    #expect(sharpened?.what == "'gt_usm' was planned as null and is now true")
    let generated = #expect(throws: Problem.self) { try synthesizer(clean: [], plan: plan) }
    #expect(generated?.what.hasPrefix("'clean' was planned as ") == true)
  }

  @Test("a folder with another plan, or another set, is left alone") func others() throws {
    let clean = try photos(2, in: folder)
    let first = try synthesizer(clean: [clean]).plan
    try first.write(into: folder.file("set"))
    try first.write(into: folder.file("set"))
    let before = try content(folder.file("set"))
    #expect(before.count == 1)
    try PNGFile.write(photo(40, width: 50, height: 50), to: clean + "/more.png")
    let second = try synthesizer(clean: [clean]).plan
    let error = #expect(throws: Problem.self) { try second.write(into: folder.file("set")) }
    #expect(error?.what == "is there and is another plan")
    let run = #expect(throws: Problem.self) {
      try synthesizer(clean: [clean]).run(into: folder.file("set"))
    }
    #expect(run?.what == "holds the plan of another recipe, seed or other pictures")
    #expect(try content(folder.file("set")) == before)
    _ = try synthesizer(clean: []).run(into: folder.file("generated"))
    let generated = try content(folder.file("generated"))
    #expect(throws: Problem.self) { try second.write(into: folder.file("generated")) }
    #expect(try content(folder.file("generated")) == generated)
  }
}
