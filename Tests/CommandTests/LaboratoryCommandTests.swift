import Basics
import Degradations
import Foundation
import Images
import TestSupport
import Testing

/// `dcpt-data apply`, `leaves`, `list` and `sheet`.
struct LaboratoryCommandTests {
  private let folder = TemporaryFolder()

  private func picture(_ width: Int = 48, _ height: Int = 40) throws -> String {
    let bytes = (0..<width * height * 3).map { (i: Int) -> UInt8 in
      let value: Int = i * 7 + i / 97 * 31
      return UInt8(value % 256)
    }
    let path = folder.file("photo.png")
    try PNGFile.write(Image(width: width, height: height, bytes: bytes), to: path)
    return path
  }

  @Test("help of every verb has an example", arguments: ["apply", "leaves", "list", "sheet"])
  func help(_ verb: String) throws {
    let result = try Program.data.run([verb, "--help"])
    #expect(result.status == 0)
    #expect(result.output.contains("  dcpt-data \(verb) "))
  }

  @Test("apply writes the picture, prints the label, and --set replaces a parameter")
  func apply() throws {
    let (photo, out) = (try picture(), folder.file("out.png"))
    let plain = try Program.data.run(["apply", "haze", photo, "--out", out])
    #expect(plain.status == 0, "\(plain.errors)")
    let label = try #require(plain.output.range(of: "\n]\n").map { plain.output[..<$0.upperBound] })
    let steps = try JSON(parsing: Array(label.utf8), place: "label")
    #expect(steps.array?.first?["parameters"]?["mean_t"] == 0.5)
    let thin = try Program.data.run(
      ["apply", "haze", photo, "--set", "beta=0", "--out", folder.file("thin.png")])
    #expect(thin.status == 0, "\(thin.errors)")
    #expect(
      try PictureFile.read(folder.file("thin.png")).image.bytes
        == PictureFile.read(photo).image.bytes)
    #expect(try PictureFile.read(out).image.bytes != PictureFile.read(photo).image.bytes)
  }

  @Test(
    "apply takes pictures of any size, gray ones and those of 16 bits, through every degradation")
  func anyPicture() throws {
    let (photo, out) = (folder.file("photo.png"), folder.file("out.png"))
    for (width, height) in [(1, 1), (2, 3), (17, 31)] {
      // A mosaic wants 2 pixels each way.
      let chain = DegradationCatalog.all.filter { min(width, height) >= $0.smallestSide }
        .map { $0.name }.joined(separator: "+")
      for (channels, bits) in [(1, 8), (3, 8), (1, 16), (3, 16)] {
        let pixels = (0..<width * height * channels).map { Float($0 * 37 % 101) / 100 }
        let image = Image(width: width, height: height, channels: channels, pixels: pixels)
        try AtomicFile.write(
          bits == 8 ? PNGFile.encode(image) : PNGFile.encode16(image), to: photo)
        let result = try Program.data.run(["apply", chain, photo, "--out", out])
        #expect(result.status == 0, "\(result.errors)")
        let made = try PictureFile.read(out).image
        #expect(made.width == width && made.height == height && made.channels == 3)
      }
    }
  }

  @Test("apply and sheet refuse a mosaic of a picture with a side of 1, and write nothing")
  func tooSmall() throws {
    let (photo, out) = (try picture(1, 7), folder.file("never.png"))
    let refusal =
      "degradation 'mosaic': wants sides of 2 pixels or more, the picture has 1x7\n"
      + "  leave it out, or take a larger picture\n"
    for arguments in [["apply", "haze+mosaic", photo], ["sheet", photo, "--only", "mosaic"]] {
      let result = try Program.data.run(arguments + ["--out", out])
      #expect(result.status == 1 && result.errors == refusal)
    }
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("mistakes are named with the nearest valid word")
  func mistakes() throws {
    let photo = try picture()
    func errors(_ arguments: [String]) throws -> String {
      let result = try Program.data.run(
        ["apply"] + arguments + ["--out", folder.file("never.png")])
      #expect(result.status == 1)
      return result.errors
    }
    #expect(
      try errors(["hase", photo]).hasPrefix("degradation 'hase': is unknown\n  did you mean"))
    #expect(
      try errors(["haze", photo, "--set", "betta=1"])
        == "parameter 'betta': is none of haze\n  did you mean 'beta'?\n")
    #expect(
      try errors(["haze", photo, "--set", "beta=-1"]).hasPrefix("haze.beta: wants a number"))
    #expect(try errors(["haze", photo, "--set", "beta"]).hasPrefix("--set beta: has no value"))
    #expect(
      try errors(["haze", photo, "--space", "liner"])
        == "--space: 'liner' is no space\n  did you mean 'linear'?\n")
    #expect(!FileManager.default.fileExists(atPath: folder.file("never.png")))
  }

  @Test("list names every degradation, and one in full")
  func list() throws {
    let all = try Program.data.run(["list"])
    let json = try Program.data.run(["list", "--json"])
    let parsed = try JSON(parsing: Array(json.output.utf8), place: "list")
    let names = DegradationCatalog.all.map { $0.name }
    #expect(parsed.array?.compactMap { $0["name"]?.string } == names)
    for name in names { #expect(all.output.contains("\(name) ")) }
    let one = try Program.data.run(["list", "haze"])
    #expect(one.output.contains("haze (medium)") && one.output.contains("airlight"))
  }

  @Test("sheet draws a row of six pictures for each degradation")
  func sheet() throws {
    let out = folder.file("sheet.png")
    let result = try Program.data.run(
      ["sheet", try picture(), "--only", "haze", "--only", "haze+rain-streak", "--out", out])
    #expect(result.status == 0, "\(result.errors)")
    let image = try PictureFile.read(out).image
    #expect(image.width > 6 * 48 && image.height > 2 * 40)
  }

  @Test("leaves draws picture, depth and rank side by side")
  func leaves() throws {
    let out = folder.file("leaves.png")
    let result = try Program.data.run(["leaves", "--count", "3", "--size", "40", "--out", out])
    #expect(result.status == 0, "\(result.errors)")
    let image = try PictureFile.read(out).image
    #expect(image.width > 6 * 40 && image.height > 2 * 40)
    let none = try Program.data.run(["leaves", "--count", "0", "--out", out])
    #expect(none.status == 1 && none.errors.hasPrefix("--count: must be from 1 to 1000, not 0"))
    let odds = try Program.data.run(["leaves", "--textures", "2", "--out", out])
    #expect(odds.status == 1 && odds.errors.hasPrefix("--textures: must be from 0 to 1, not 2"))
  }

  @Test("synth --replay makes a record again and says that it is the same")
  func replay() throws {
    let recipe = folder.file("r.yaml")
    try AtomicFile.write("classes: 3d\ngt_size: 32\ncount: 3\n", to: recipe)
    let set = folder.file("set")
    #expect(try Program.data.run(["synth", recipe, "--out", set]).status == 0)
    let out = folder.file("again")
    let same = try Program.data.run(["synth", "--replay", set + "/manifest.json:2", "--out", out])
    #expect(same.output == "\(out)/000000002.lq.png and .gt.png: the same bytes\n")
    #expect(try PictureFile.read(out + "/000000002.lq.png").image.width == 32)
    let none = try Program.data.run(["synth", "--replay", set + "/manifest.json:3", "--out", out])
    #expect(none.status == 1 && none.errors.contains("there is no record 3\n  the set has 3"))
    #expect(try Program.data.run(["synth", "--out", out]).status == 64)
  }
}
