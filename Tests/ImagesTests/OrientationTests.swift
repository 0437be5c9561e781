import Basics
import Images
import Testing

@Suite struct OrientationTests {
  /// EXIF data (a TIFF structure) with an orientation, after a tag that has nothing to do with it.
  private func exif(_ orientation: Int, bigEndian: Bool) -> [UInt8] {
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      let bytes = (0..<width).map { UInt8(value >> (8 * $0) & 0xFF) }
      return bigEndian ? bytes.reversed() : bytes
    }
    let entries: [[UInt8]] = [
      number(0x10F, 2) + number(2, 2) + number(2, 4) + [65, 0, 0, 0],
      number(0x112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0],
    ]
    return Array((bigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
      + entries.flatMap { $0 } + number(0, 4)
  }

  private func expected(_ orientation: Int) -> Image {
    // Where the picture's first row and column are, by the EXIF table; written out as a map from
    // upright to stored places, unlike the turns and flips of the reader.
    let (w, h) = (Fixture.width, Fixture.height)
    let stored: [(Int, Int) -> (Int, Int)] = [
      { ($0, $1) }, { (w - 1 - $0, $1) }, { (w - 1 - $0, h - 1 - $1) }, { ($0, h - 1 - $1) },
      { ($1, $0) }, { ($1, h - 1 - $0) }, { (w - 1 - $1, h - 1 - $0) }, { (w - 1 - $1, $0) },
    ]
    let (width, height) = orientation > 4 ? (h, w) : (w, h)
    var result = Image(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let (sx, sy) = stored[orientation - 1](x, y)
        for c in 0..<3 { result[x, y, c] = Fixture.colour[sx, sy, c] }
      }
    }
    return result
  }

  private func bigEndian32(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) }
  }

  @Test("PNG pictures are turned upright by their eXIf chunk", arguments: 1...8)
  func png(orientation: Int) throws {
    var file = try Fixture.bytes("interlaced.png")
    let data = exif(orientation, bigEndian: orientation % 2 == 0)
    // The check sum is left 0: the decoder skips a chunk that it does not need.
    let chunk = bigEndian32(data.count) + Array("eXIf".utf8) + data + [0, 0, 0, 0]
    file.insert(contentsOf: chunk, at: 33)
    #expect(try PictureFile.decode(file, place: "a.png").image == expected(orientation))
  }

  @Test("JPEG pictures are turned upright by their EXIF segment", arguments: 1...8)
  func jpeg(orientation: Int) throws {
    var file = try Fixture.bytes("progressive444.jpg")
    let data = Array("Exif\0\0".utf8) + exif(orientation, bigEndian: orientation % 2 == 1)
    let length = data.count + 2
    file.insert(contentsOf: [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + data, at: 2)
    let picture = try PictureFile.decode(file, place: "a.jpg")
    #expect(Quality.psnr(picture.image, expected(orientation)) > 30)
  }

  @Test("WebP pictures are turned upright by their EXIF chunk", arguments: [3, 6])
  func webp(orientation: Int) throws {
    let plain = try Fixture.bytes("lossless.webp")
    let data = exif(orientation, bigEndian: true)
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      Array(name.utf8) + bigEndian32(data.count).reversed() + data
        + [UInt8](repeating: 0, count: data.count % 2)
    }
    let size: [UInt8] = [UInt8(Fixture.width - 1), 0, 0, UInt8(Fixture.height - 1), 0, 0]
    let body =
      chunk("VP8X", [8, 0, 0, 0] + size) + Array(plain.dropFirst(12)) + chunk("EXIF", data)
    let file =
      Array("RIFF".utf8) + bigEndian32(body.count + 4).reversed() + Array("WEBP".utf8) + body
    #expect(try PictureFile.decode(file, place: "a.webp").image == expected(orientation))
  }

  @Test("EXIF data that is nonsense leaves the picture as it is stored")
  func nonsense() throws {
    for data in [
      [], [77], Array("MM\0*".utf8), exif(9, bigEndian: true), exif(0, bigEndian: false),
    ] {
      var file = try Fixture.bytes("interlaced.png")
      let chunk = bigEndian32(data.count) + Array("eXIf".utf8) + data + [0, 0, 0, 0]
      file.insert(contentsOf: chunk, at: 33)
      #expect(try PictureFile.decode(file, place: "a.png").image == Fixture.colour)
    }
  }
}
