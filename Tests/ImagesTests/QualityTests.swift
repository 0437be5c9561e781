import Basics
import Images
import TestSupport
import Testing

@Suite struct QualityTests {
  private let images: Safetensors
  private let expected: JSON

  init() throws {
    images = try Safetensors(reading: Golden.path("units/metric_images.safetensors"))
    let path = Golden.path("units/metrics_expected.json")
    expected = try JSON(parsing: try readFile(path)[...], place: path)
  }

  /// A golden picture as interleaved codes; float pictures are planar and quantised first.
  private func codes(_ name: String) throws -> (codes: [UInt8], width: Int, height: Int) {
    let entry = try #require(images[name])
    guard let planes = entry.floats else {
      return (entry.bytes, entry.shape[1], entry.shape[0])
    }
    let (height, width) = (entry.shape[1], entry.shape[2])
    let pixels = (0..<width * height).flatMap { i in (0..<3).map { planes[$0 * width * height + i] }
    }
    return (Image(width: width, height: height, pixels: pixels).bytes, width, height)
  }

  @Test(
    "PSNR and SSIM agree with BasicSR for every golden pair, in RGB and luma, with and without border"
  )
  func goldenPairs() throws {
    var compared = 0
    for member in try #require(expected.object) where images[member.key + ".a"] != nil {
      let (a, width, height) = try codes(member.key + ".a")
      let (b, _, _) = try codes(member.key + ".b")
      for figure in try #require(member.value.object) {
        let words = figure.key.split(separator: "_")
        let border = try #require(words.last.flatMap { Int($0.dropFirst(4)) })
        let luma = words[1] == "y"
        let value = try #require(figure.value.double)
        if words[0] == "psnr" {
          let ours = Quality.psnr(
            a, b, width: width, height: height, channels: 3, cropBorder: border, luma: luma)
          #expect(abs(ours - value) < 1e-6, "\(member.key) \(figure.key)")
        } else {
          let ours = Quality.ssim(
            a, b, width: width, height: height, channels: 3, cropBorder: border, luma: luma)
          #expect(abs(ours - value) < 1e-8, "\(member.key) \(figure.key)")
        }
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  @Test("floats are quantised as the reference does")
  func quantisation() throws {
    let entry = try #require(images["float.a_uint8"])
    let (height, width) = (entry.shape[1], entry.shape[2])
    let (ours, _, _) = try codes("float.a")
    let planar = (0..<3).flatMap { c in (0..<width * height).map { ours[$0 * 3 + c] } }
    #expect(planar == entry.bytes)
  }

  @Test("a picture against itself: infinite PSNR, SSIM 1")
  func identical() throws {
    let (a, width, height) = try codes("pair0.a")
    #expect(Quality.psnr(a, a, width: width, height: height, channels: 3) == .infinity)
    #expect(abs(Quality.ssim(a, a, width: width, height: height, channels: 3) - 1) < 1e-12)
  }

  @Test("a picture smaller than the window has no SSIM")
  func tiny() {
    let a = [UInt8](repeating: 3, count: 100)
    #expect(Quality.ssim(a, a, width: 10, height: 10, channels: 1).isNaN)
  }

  @Test("a gray picture measures as three equal channels do")
  func gray() {
    let a = (0..<400).map { UInt8($0 % 251) }
    let b = (0..<400).map { UInt8($0 * 7 % 256) }
    let one = { (x: [UInt8]) in Image(width: 20, height: 20, channels: 1, bytes: x) }
    let three = { (x: [UInt8]) in one(x).replicatedToRGB() }
    #expect(abs(Quality.psnr(one(a), one(b)) - Quality.psnr(three(a), three(b))) < 1e-10)
    #expect(abs(Quality.ssim(one(a), one(b)) - Quality.ssim(three(a), three(b))) < 1e-10)
    #expect(
      Quality.psnr(one(a), one(b), luma: true) == Quality.psnr(three(a), three(b), luma: true))
  }
}
