import Basics
import Images
import TestSupport
import Testing

@Suite struct MapFileTests {
  /// The values of `float-map*.tiff`, whose README says how they come about.
  private func isFloatMap(_ map: StoredMap) -> Bool {
    guard map.bits == 32, map.values.width == 19, map.values.height == 21 else { return false }
    return (0..<21).allSatisfy { y in
      (0..<19).allSatisfy { x in
        let value = map.values[x, y, 0]
        if (x, y) == (4, 3) { return value.isNaN }
        if (x, y) == (6, 5) { return value == .infinity }
        return value == 0.5 * Float(x) + 0.25 * Float(y) - 1
      }
    }
  }

  @Test(
    "float TIFF maps are read as they are, packed, predicted, tiled or big-endian",
    arguments: ["float-map.tiff", "float-map-big-endian.tiff"])
  func floats(_ name: String) throws {
    #expect(isFloatMap(try MapFile.decode(try Fixture.bytes(name), place: name)))
  }

  @Test("codes of 8 and 16 bits are read as they are, from PNG and TIFF")
  func codes() throws {
    let tiff = try MapFile.decode(try Fixture.bytes("gray16.tiff"), place: "x")
    #expect(tiff.bits == 16 && tiff.values[7, 9, 0] == Float(257 * (5 * 7 + 6 * 9) + 7))
    let big = try MapFile.decode(try Fixture.bytes("gray-big-endian.tiff"), place: "x")
    #expect(big.bits == 8 && big.values[7, 9, 0] == Float(5 * 7 + 6 * 9))
    let image = Image(
      width: 4, height: 2, channels: 1, pixels: (0..<8).map { Float($0 * 9000) / 65535 })
    let png = try MapFile.decode(PNGFile.encode16(image), place: "x")
    #expect(png.bits == 16 && png.values.pixels == (0..<8).map { Float($0 * 9000) })
    let small = try MapFile.decode(PNGFile.encode(image), place: "x")
    #expect(small.bits == 8 && small.values.pixels == image.bytes.map { Float($0) })
  }

  @Test(
    "what is no map is refused by name",
    arguments: [
      ("rgba.png", "has colours, a map has one channel"),
      ("gray.jpg", "is a JPEG file, which holds no map"),
      ("lossless.webp", "is a WEBP file, which holds no map"),
      ("double-map.tiff", "has 64-bit floats, not 32"),
      ("cmyk.tiff", "is a CMYK picture (print colours)"),
    ])
  func refused(_ name: String, _ what: String) throws {
    let file = try Fixture.bytes(name)
    let error = #expect(throws: Problem.self) { try MapFile.decode(file, place: name) }
    #expect(error?.place == name && error?.what == what)
    #expect(error?.fix.contains("gray") == true)
  }

  @Test("a float map is no picture") func noPicture() throws {
    let file = try Fixture.bytes("float-map.tiff")
    let error = #expect(throws: Problem.self) { try PictureFile.decode(file, place: "x") }
    #expect(error?.what == "has samples that are not unsigned integers")
  }

  @Test(
    "cut anywhere or with bytes changed, a float map is a problem or a map",
    arguments: ["float-map.tiff", "float-map-big-endian.tiff"])
  func damaged(_ name: String) throws {
    let file = try Fixture.bytes(name)
    for length in 0..<file.count {
      _ = try? MapFile.decode(Array(file.prefix(length)), place: "x")
    }
    var random = RandomStream(seed: 12)
    for _ in 0..<300 {
      var changed = file
      for _ in 0...random.integer(below: 4) {
        changed[random.integer(below: file.count)] = UInt8(random.integer(below: 256))
      }
      do throws(Problem) {
        _ = try MapFile.decode(changed, place: "x", limit: 1)
      } catch {
        #expect(!error.what.isEmpty && !error.what.contains("\n"))
      }
    }
  }
}
