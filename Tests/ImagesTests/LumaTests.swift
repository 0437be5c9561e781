import Basics
import Images
import TestSupport
import Testing

@Suite struct LumaTests {
  @Test(
    "luma and colour difference agree with the golden values",
    arguments: ["y_bt601_limited", "y_linear_bt709", "ycbcr_bt601_limited", "ycbcr_jfif_full"])
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
    #expect(relativeError(ours, try #require(file[name]?.floats)) < 1e-6)
  }

  @Test("a gray picture has the luma of three equal channels")
  func gray() {
    let gray = Image(width: 3, height: 1, channels: 1, pixels: [0, 0.25, 1])
    #expect(relativeError(Luma.limited(gray), Luma.limited(gray.replicatedToRGB())) < 1e-7)
  }
}
