import Basics
import Images
import TestSupport
import Testing

/// `--depth` of `dcpt-data`.
struct DepthCommandTests {
  private let folder = TemporaryFolder()

  /// A textured picture, and its depth in units of 1/256 m that grows to the right.
  private func pair(_ photo: String, _ map: String, side: Int = 48) throws {
    let bytes = (0..<side * side * 3).map { (i: Int) -> UInt8 in
      UInt8((i * 7 + i / 97 * 31) % 256)
    }
    try createFolder(folder.file("photos"))
    try createFolder(folder.file("maps"))
    try PNGFile.write(Image(width: side, height: side, bytes: bytes), to: folder.file(photo))
    let metres = Image(
      width: side, height: side, channels: 1,
      pixels: (0..<side * side).map { Float(($0 % side + 1) * 256) / 65535 })
    try AtomicFile.write(PNGFile.encode16(metres), to: folder.file(map))
  }

  @Test("apply takes a map, writes the depth in use, and says what does not fit")
  func apply() throws {
    try pair("photo.png", "map.png")
    let (photo, map) = (folder.file("photo.png"), folder.file("map.png"))
    let (out, depth) = (folder.file("out.png"), folder.file("depth.png"))
    let metres = ["--depth-kind", "metres", "--depth-scale", "0.00390625"]
    func run(_ flags: [String]) throws -> Program.Result {
      try Program.data.run(["apply", "haze", photo, "--out", out] + flags)
    }
    let made = try run(
      ["--depth", map] + metres + ["--depth-far", "48", "--out-depth", depth])
    #expect(made.status == 0, "\(made.errors)")
    let shown = try MapFile.decode(try readFile(depth), place: depth).values
    for x in 0..<48 { #expect(abs(shown[x, 9, 0] / 65535 - Float(x + 1) / 48) < 1e-4) }
    #expect(try run(["--depth-constant", "0.5", "--out-depth", depth]).status == 0)
    let even = try MapFile.decode(try readFile(depth), place: depth).values
    #expect(even.pixels.allSatisfy { $0 == 32768 })
    #expect(try run(["--depth", map]).errors.hasPrefix("--depth-kind: is missing"))
    #expect(try run(["--depth", map] + metres).errors.hasPrefix("--depth-far: is missing"))
    #expect(
      try run(["--depth-far", "9"]).errors
        == "--depth-far: is given without a map\n  add --depth FILE\n")
    #expect(
      try run(["--depth", map, "--depth-kind", "meters"]).errors
        == "--depth-kind: 'meters' is no kind of map\n  did you mean 'metres'?\n")
    #expect(
      try run(["--depth", photo, "--depth-kind", "distance"]).errors.hasPrefix(
        "\(photo): has colours, a map has one channel\n"))
    #expect(try run(["--depth-constant", "2"]).errors.contains("must be from 0 to 1, not 2.0"))
  }

  @Test("sheet takes a map for the picture made small") func sheet() throws {
    try pair("photo.png", "map.png", side: 64)
    let result = try Program.data.run([
      "sheet", folder.file("photo.png"), "--only", "haze", "--side", "32", "--depth",
      folder.file("map.png"), "--depth-kind", "distance", "--out", folder.file("sheet.png"),
    ])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("synth takes a folder of maps by flags alone, and --replay wants it again")
  func synth() throws {
    try pair("photos/a.png", "maps/a.png")
    let (recipe, set) = (folder.file("r.yaml"), folder.file("set"))
    try AtomicFile.write("classes: 3d\ngt_size: 32\ncount: 3\nsplits: {train: 1}\n", to: recipe)
    let (clean, maps) = (
      ["--clean", folder.file("photos")], ["--depth", folder.file("maps")]
    )
    let made = try Program.data.run(
      ["synth", recipe, "--out", set] + clean + maps
        + ["--depth-kind", "metres", "--depth-scale", "0.00390625", "--depth-far", "48"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(try Program.data.run(["verify", set + "/manifest.json"]).status == 0)
    let replay = ["synth", "--replay", set + "/manifest.json:1", "--out", folder.file("again")]
    let same = try Program.data.run(replay + clean + maps)
    #expect(same.output.hasSuffix("the same bytes\n"), "\(same.errors)")
    #expect(try Program.data.run(replay + clean).errors.contains("give its folder with --depth"))
    let wrong = try Program.data.run(
      ["synth", recipe, "--out", set + "2"] + clean + maps + ["--depth-kind", "meters"])
    #expect(wrong.errors.hasPrefix("command line: 'depth.encoding.kind' is \"meters\""))
  }
}
