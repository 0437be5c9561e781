import Basics
import Images
import TestSupport
import Testing

@Suite struct LumaTests {
  private static let names = [
    "y_bt601_limited", "y_linear_bt709", "ycbcr_bt601_limited", "ycbcr_jfif_full",
  ]

  @Test(
    "luma and colour difference agree with the golden values",
    arguments: names)
  func golden(name: String) throws {
    let input = try Safetensors(reading: Golden.path("degradations/input.safetensors"))
    let codes = try #require(input["image_u8"])
    let picture = Image(width: codes.shape[1], height: codes.shape[0], bytes: codes.bytes)
    let file = try Safetensors(reading: Golden.path("degradations/luma.safetensors"))
    let ours =
      switch name {
      case "y_bt601_limited": Luma.limited(picture)
      case "y_linear_bt709": Luma.luminance(picture.toLinear())
      case "ycbcr_bt601_limited": Luma.limitedYCbCr(picture)
      default: Luma.fullYCbCr(picture)
      }
    let path = Golden.path("degradations/manifest.json")
    let manifest = try JSON(parsing: readFile(path)[...], place: path)
    let tolerance = manifest["families"]?["luma"]?["tolerance"]?["float"]?.double
    let wanted = try #require(file[name]?.floats)
    #expect(ours.count == wanted.count)
    let error = zip(ours, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(Double(error) <= (try #require(tolerance)))
  }

  @Test("no value of the golden file is left out") func complete() throws {
    let file = try Safetensors(reading: Golden.path("degradations/luma.safetensors"))
    #expect(Set(file.entries.map(\.name)) == Set(LumaTests.names))
  }

  @Test("a gray picture has the luma of three equal channels")
  func gray() {
    let gray = Image(width: 3, height: 1, channels: 1, pixels: [0, 0.25, 1])
    #expect(relativeError(Luma.limited(gray), Luma.limited(gray.replicatedToRGB())) < 1e-7)
  }
}
