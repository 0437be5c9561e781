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

  @Test(
    "codes come back at every level, from a file of header, pixels and end alone", arguments: 0...9)
  func codes(_ level: Int) throws {
    for (width, height, channels) in [(40, 30, 3), (1, 1, 1), (7, 65, 1)] {
      let bytes = random(width, height, channels).bytes
      let shape = [height, width, channels]
      let file = bytes.withUnsafeBytes { PNGFile.encode($0, shape: shape, level: level) }
      let read = try file.withUnsafeBytes { try PNGFile.codes($0, place: "a.png") }
      #expect(read.bytes == bytes && read.shape == shape)
      #expect(try file.withUnsafeBytes { try PNGFile.shape($0, place: "a.png") } == shape)
      #expect(Set(chunks(file)) == ["IHDR", "IDAT", "IEND"])
    }
  }

  /// The names of a PNG file's chunks.
  private func chunks(_ file: [UInt8]) -> [String] {
    var (at, names): (Int, [String]) = (8, [])
    while at < file.count {
      names.append(String(decoding: file[at + 4..<at + 8], as: UTF8.self))
      at += 12 + file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return names
  }

  @Test("16 bits, forged sizes and damage are no pictures of bytes, and are named") func noCodes() {
    func problem(_ file: [UInt8]) -> String? {
      do {
        _ = try file.withUnsafeBytes { try PNGFile.codes($0, place: "a.png") }
        return nil
      } catch {
        return "\(error)"
      }
    }
    let image = random(5, 4, 3)
    #expect(
      problem(PNGFile.encode16(image))
        == "a.png: PNG picture has more than 8 bits a channel, or alpha")
    var forged = PNGFile.encode(image)
    // A width of 16 million, with the checksum of that header.
    forged.replaceSubrange(16..<20, with: [0, 0xFF, 0xFF, 0xFF])
    forged.replaceSubrange(29..<33, with: [0xE2, 0x1D, 0x9C, 0x88])
    #expect(
      problem(forged) == "a.png: PNG picture says it has 16777215x4 pixels in \(forged.count) bytes"
    )
    #expect(problem(Array(PNGFile.encode(image).dropLast(20)))?.contains("damaged: ends") == true)
    #expect(problem([]) != nil)
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
