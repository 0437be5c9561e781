import Basics
import Images
import TestSupport
import Testing

@Suite struct ColorSpaceTests {
  private let golden: Safetensors
  private let picture: Image

  init() throws {
    golden = try Safetensors(reading: Golden.path("degradations/transfer.safetensors"))
    let input = try Safetensors(reading: Golden.path("degradations/input.safetensors"))
    let codes = try #require(input["image_u8"])
    picture = Image(width: codes.shape[1], height: codes.shape[0], bytes: codes.bytes)
  }

  private func floats(_ name: String) throws -> [Float] { try #require(golden[name]?.floats) }

  @Test("the light of all 8-bit codes agrees with the golden curve")
  func eightBits() throws {
    #expect(relativeError(ColorSpace.linearOfCode, try floats("srgb8_to_linear")) < 1e-6)
  }

  @Test("the light of 16-bit codes agrees with the golden curve")
  func sixteenBits() throws {
    let entry = try #require(golden["srgb16_codes"])
    let codes = entry.bytes.withUnsafeBytes { raw in
      (0..<entry.shape[0]).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    }
    let light = codes.map { ColorSpace.linear(fromSRGB: Float($0) / 65535) }
    for (ours, theirs) in zip(light, try floats("srgb16_to_linear")) {
      #expect(abs(ours - theirs) <= 1e-6 * max(theirs, 1e-3))
    }
  }

  @Test("light goes back to the golden sRGB values and codes")
  func back() throws {
    let grid = try floats("linear_grid")
    let values = grid.map { ColorSpace.srgb(fromLinear: $0) }
    #expect(relativeError(values, try floats("linear_grid_to_srgb")) < 1e-6)
    let picture = Image(width: grid.count, height: 1, channels: 1, space: .linear, pixels: grid)
    #expect(picture.toSRGB().bytes == golden["linear_grid_to_srgb8"]?.bytes)
  }

  @Test("a picture converts as the golden one does")
  func wholePicture() throws {
    let linear = picture.toLinear()
    #expect(linear.space == .linear)
    #expect(relativeError(linear.pixels, try floats("image_linear")) < 1e-6)
  }

  @Test("8-bit to linear to 8-bit is the identity")
  func identity() {
    let codes = (0..<256).map { UInt8($0) }
    let ramp = Image(width: 256, height: 1, channels: 1, bytes: codes)
    #expect(ramp.toLinear().toSRGB().bytes == codes)
  }

  @Test("the curves agree with the power function far above white and below black")
  func outside() {
    for light: Float in [1.5, 4, 100, 6.5e4] {
      let exact = 1.055 * ExactMath.pow(Double(light), 1 / 2.4) - 0.055
      #expect(abs(Double(ColorSpace.srgb(fromLinear: light)) / exact - 1) < 1e-7)
    }
    #expect(ColorSpace.srgb(fromLinear: -0.01) == Float(-0.1292))
    #expect(ColorSpace.srgb(fromLinear: 0) == 0)
    #expect(ColorSpace.linear(fromSRGB: 1) == 1)
  }

  @Test("a picture already in the space asked for comes back unchanged")
  func noChange() {
    #expect(picture.toSRGB() == picture)
  }

  @Test("codes are rounded half to even and clamped, and what is no number is 0")
  func codes() {
    let values: [Float] = [0.5 / 255, 1.5 / 255, 2.5 / 255, -3, 7, .nan, 1, 254.49 / 255]
    let image = Image(width: 8, height: 1, channels: 1, pixels: values)
    #expect(image.bytes == [0, 2, 2, 0, 255, 0, 255, 254])
  }
}
