import Basics
import Foundation
import Images
import TestSupport
import Testing

@Suite struct PictureFileTests {
  static let exact: [(name: String, image: Image)] = [
    ("rgba.png", Fixture.colour), ("rgba16.png", Fixture.colour16),
    ("gray-alpha.png", Fixture.gray), ("transparent-colour.png", Fixture.colour),
    ("palette4.png", Fixture.palette), ("gray1.png", Fixture.oneBit),
    ("interlaced.png", Fixture.colour), ("lossless.webp", Fixture.colour),
    ("alpha.webp", Fixture.colour), ("strips.tiff", Fixture.colour), ("lzw.tiff", Fixture.colour),
    ("tiles-deflate.tiff", Fixture.colour), ("planes.tiff", Fixture.colour),
    ("rgba.tiff", Fixture.colour), ("gray-big-endian.tiff", Fixture.gray),
    ("gray16.tiff", Fixture.gray16), ("rgb16-tiles-big-endian.tiff", Fixture.colour16),
  ]

  @Test("files without loss give their pixels to the bit", arguments: exact.indices)
  func lossless(index: Int) throws {
    let (name, image) = Self.exact[index]
    let picture = try PictureFile.read(Fixture.path(name))
    // Compared apart, so that a failure does not print every pixel.
    let same = picture.image == image
    #expect(same, "\(name)")
    #expect(picture.depthBits == (name.contains("16") ? 16 : 8))
    let alpha = ["rgba", "alpha", "transparent"].contains { name.contains($0) }
    #expect(picture.hadAlpha == alpha, "\(name)")
    #expect(!picture.isJPEG)
  }

  @Test(
    "files with loss come near their picture",
    arguments: ["rgb420.jpg", "progressive444.jpg", "lossy.webp", "jpeg.tiff"])
  func lossy(name: String) throws {
    let picture = try PictureFile.read(Fixture.path(name))
    #expect(Quality.psnr(picture.image, Fixture.colour) > 30)
    #expect(picture.isJPEG == name.hasSuffix("jpg"))
  }

  @Test("a gray JPEG has one channel")
  func grayJPEG() throws {
    let picture = try PictureFile.read(Fixture.path("gray.jpg"))
    #expect(picture.image.channels == 1)
    #expect(Quality.psnr(picture.image, Fixture.gray) > 40)
  }

  @Test("the content decides, not the name")
  func content() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write(try Fixture.bytes("lossless.webp"), to: folder.file("a.png"))
    #expect(try PictureFile.read(folder.file("a.png")).format == "webp")
  }

  @Test("the TIFF orientation tag is applied")
  func tiffOrientation() throws {
    let picture = try PictureFile.read(Fixture.path("orientation6.tiff"))
    #expect(picture.image == Fixture.colour.turned(quarterTurns: 1))
    let header = try PictureFile.probe(Fixture.path("orientation6.tiff"))
    #expect(header.width == Fixture.height && header.height == Fixture.width)
  }

  @Test("a folder's pictures are listed sorted, below it too, hidden ones left out")
  func listing() throws {
    let folder = TemporaryFolder()
    for name in ["b", "b/.thumbnails"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    let names = [
      "z.PNG", "a.jpeg", "notes.txt", ".h.png", "b/c.webp", "b/.thumbnails/c.png", "tif",
    ]
    for name in names { try AtomicFile.write("", to: folder.file(name)) }
    #expect(try PictureFile.list(folder.path) == ["a.jpeg", "b/c.webp", "z.PNG"])
  }

  @Test("a missing folder is a problem")
  func missingFolder() {
    #expect(throws: Problem.self) { try PictureFile.list("/nonexistent") }
  }
}
