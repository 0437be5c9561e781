import Basics
import Images
import TestSupport
import Testing

@Suite struct PNGFileTests {
  static let sizes = [(1, 1), (1, 7), (5, 3), (17, 16), (64, 33)]

  /// A picture of random 8-bit codes.
  private func random(_ width: Int, _ height: Int, _ channels: Int) -> Image {
    var stream = RandomStream(seed: 7, index: UInt64(width))
    let codes = (0..<width * height * channels).map { _ in
      UInt8(truncatingIfNeeded: stream.next32())
    }
    return Image(width: width, height: height, channels: channels, bytes: codes)
  }

  @Test("an 8-bit picture comes back to the bit", arguments: sizes, [1, 3])
  func roundTrip(size: (Int, Int), channels: Int) throws {
    let folder = TemporaryFolder()
    let image = random(size.0, size.1, channels)
    try PNGFile.write(image, to: folder.file("a.png"))
    let picture = try PictureFile.read(folder.file("a.png"))
    #expect(picture.image == image)
    #expect(picture.depthBits == 8 && picture.format == "png")
    #expect(!picture.hadAlpha && !picture.isJPEG)
  }

  @Test("a 16-bit picture keeps its precision", arguments: [1, 3])
  func sixteenBits(channels: Int) throws {
    let pixels = (0..<12 * channels).map { Float($0 * 5003 % 65536) / 65535 }
    let image = Image(width: 4, height: 3, channels: channels, pixels: pixels)
    let picture = try PictureFile.decode(PNGFile.encode16(image), place: "a.png")
    #expect(picture.image == image)
    #expect(picture.depthBits == 16)
  }

  @Test("equal pictures give equal bytes")
  func deterministic() {
    #expect(PNGFile.encode(random(40, 30, 3)) == PNGFile.encode(random(40, 30, 3)))
  }

  @Test("a folder that does not exist is named, and nothing is left behind")
  func noFolder() {
    #expect(throws: Problem.self) {
      try PNGFile.write(random(2, 2, 3), to: "/nonexistent/folder/a.png")
    }
  }

  @Test("the header can be read alone")
  func probe() throws {
    let folder = TemporaryFolder()
    try PNGFile.write(random(9, 4, 3), to: folder.file("a.png"))
    let header = try PictureFile.probe(folder.file("a.png"))
    #expect(header.width == 9 && header.height == 4)
    #expect(header.channels == 3 && header.depthBits == 8 && header.format == "png")
  }
}
