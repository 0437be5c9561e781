import Basics
import Images
import TestSupport
import Testing

@Suite struct BadPictureTests {
  /// The problem that decoding ends in.
  private func problem(_ file: [UInt8], limit: Double = PictureFile.defaultLimit) -> Problem? {
    do throws(Problem) {
      _ = try PictureFile.decode(file, place: "x", limit: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test("kinds that are not read are refused by name")
  func refused() throws {
    #expect(problem(try Fixture.bytes("cmyk.tiff"))?.what == "is a CMYK picture (print colours)")
    #expect(problem(try Fixture.bytes("animated.webp"))?.what == "is an animated picture")
    #expect(
      problem(try Fixture.bytes("float.tiff"))?.what
        == "has samples that are not unsigned integers")
    #expect(problem(Array("GIF89a".utf8))?.what == "is a GIF file")
    #expect(problem(Array("hello".utf8))?.what == "is not a picture")
    #expect(problem([])?.what == "is an empty file")
    let refusal = problem(try Fixture.bytes("animated.webp"))
    #expect(refusal?.place == "x" && refusal?.fix.isEmpty == false)
  }

  @Test("an animated PNG is refused by name")
  func animatedPNG() throws {
    var file = try Fixture.bytes("rgba.png")
    file.insert(
      contentsOf: [0, 0, 0, 8] + Array("acTL".utf8) + [UInt8](repeating: 0, count: 12), at: 33)
    #expect(problem(file)?.what == "is an animated picture")
  }

  @Test("print-colour JPEGs are refused by name", arguments: [("CMYK", UInt8(0)), ("YCCK", 2)])
  func printColours(name: String, transform: UInt8) {
    let adobe: [UInt8] =
      [0xFF, 0xEE, 0, 14] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, transform]
    let components: [UInt8] = (1...4).flatMap { [UInt8($0), 0x11, 0] }
    let frame: [UInt8] = [0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4] + components
    let scan: [UInt8] = [0xFF, 0xDA, 0, 14, 4] + (1...4).flatMap { [UInt8($0), 0] } + [0, 63, 0]
    #expect(
      problem([0xFF, 0xD8] + adobe + frame + scan)?.what == "is a \(name) picture (print colours)")
  }

  @Test("a side of 0 is named")
  func zeroSize() throws {
    var file = try Fixture.bytes("rgba.png")
    for i in 16..<20 { file[i] = 0 }
    #expect(problem(file)?.what == "has no pixels (0x21)")
  }

  @Test("a huge header is refused before anything is decoded")
  func hugeHeader() throws {
    // JPEG has no check sum over its header: 65500 x 65500 pixels in 800 bytes.
    var file = try Fixture.bytes("rgb420.jpg")
    let frame = try #require(file.indices.first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(
      problem(file)?.what == "says it has 65500x65500 pixels, above the limit of 400 megapixels")
    #expect(problem(try Fixture.bytes("rgba.png"), limit: 0.0001) != nil)
  }

  @Test("a picture that ends early says so", arguments: ["rgba.png", "rgb420.jpg", "lossy.webp"])
  func truncated(name: String) throws {
    let file = try Fixture.bytes(name)
    let found = try #require(problem(Array(file.prefix(file.count * 2 / 3))))
    #expect(found.what.contains("cut short"), "\(found)")
  }

  @Test("cut anywhere, a file is a problem or its whole picture", arguments: Fixture.names)
  func everyLength(name: String) throws {
    let file = try Fixture.bytes(name)
    let whole = try? PictureFile.decode(file, place: "x").image
    for length in stride(from: 0, to: file.count, by: max(1, file.count / 300)) {
      do throws(Problem) {
        let picture = try PictureFile.decode(Array(file.prefix(length)), place: "x")
        #expect(picture.image == whole, "\(length) of \(file.count) bytes")
      } catch {
        #expect(!error.what.isEmpty && !error.what.contains("\n"))
      }
    }
  }

  @Test("with random bytes changed, a file is a problem or a picture", arguments: Fixture.names)
  func changedBytes(name: String) throws {
    let file = try Fixture.bytes(name)
    var random = RandomStream(seed: 11)
    for _ in 0..<300 {
      var changed = file
      for _ in 0...random.integer(below: 4) {
        changed[random.integer(below: file.count)] = UInt8(random.integer(below: 256))
      }
      if let found = problem(changed, limit: 1) {
        #expect(!found.what.isEmpty && !found.what.contains("\n"))
      }
    }
  }

  @Test("a file that does not exist is named")
  func missing() {
    #expect(throws: Problem.self) { try PictureFile.read("/nonexistent.png") }
  }
}
