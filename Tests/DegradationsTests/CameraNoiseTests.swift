import Basics
import Images
import Testing

@testable import Degradations

@Suite("Camera noise") struct CameraNoiseTests {
  private static let weights = [0.4, 0.3, 0.2, 0.9]

  private func made(
    _ image: Image, shot: Double = 0, read: Double = 0, row: Double = 0,
    gains: [Double] = [1, 1, 1], demosaicing: String = "bilinear", scope: String = "noise",
    index: UInt64 = 0
  ) throws -> Image {
    let noise = try CameraNoise(parameters: [
      "shot": .number(shot), "read": .number(read), "row": .number(row),
      "weights": .array(Self.weights.map { .number($0) }),
      "gains": .array(gains.map { .number($0) }), "pattern": "rggb",
      "demosaicing": .string(demosaicing), "scope": .string(scope),
    ])
    var image = image
    let scene = Scene(width: image.width, height: image.height)
    _ = noise.apply(to: &image, scene: scene, random: RandomStream(seed: 3, index: index))
    return image
  }

  /// A gray field whose light, before the camera's curves, is the given one.
  private func gray(_ light: Double, side: Int = 512) -> Image {
    Image(width: side, height: side, filledWith: CameraPipeline.curve(Float(light)))
  }

  /// What the sensor's pixels hold, read from a finished picture made with gains of 1.
  private func sensorValues(_ lq: Image) -> [Double] {
    var image = lq
    CameraPipeline(weights: Self.weights, gains: [1, 1, 1]).unprocess(&image)
    return BayerMosaic(of: image, pattern: .rggb).values.map { Double($0) }
  }

  @Test(
    "noise behind each filter has the variance shot l + read", arguments: [0.1, 0.2, 0.4, 0.6])
  func variance(light: Double) throws {
    let values = sensorValues(try made(gray(light), shot: 1e-3, read: 4e-5))
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let expected = 1e-3 * light + 4e-5
    // 262144 values: the variance's own deviation is 0.28 %, the mean's 0.002 of one value's; 4.5 of
    // each, and half a percent for the tables of the curves.
    #expect(abs(variance / expected - 1) < 0.018)
    #expect(abs(mean - light) < 0.009 * expected.squareRoot() + 2e-4 * light)
  }

  @Test("rows have noise in common, and it alone changes along no row")
  func rows() throws {
    let values = sensorValues(try made(gray(0.3), row: 0.01))
    for y in 0..<512 {
      let first = values[y * 512]
      #expect(values[y * 512..<y * 512 + 512].allSatisfy { abs($0 - first) < 1e-3 })
    }
    let steps = (0..<512).map { values[$0 * 512] - 0.3 }
    let squares = steps.reduce(0) { $0 + $1 * $1 }
    // 512 rows: the deviation's own deviation is 3 %.
    #expect(abs((squares / 512).squareRoot() / 0.01 - 1) < 0.14)
  }

  @Test("without noise the picture stays, whatever camera takes it", arguments: [0, 1, 2])
  func clean(camera: Int) throws {
    var gt = testPicture(61, 45).gt
    // Pure colours at full strength, too.
    for corner in 0..<6 { gt[corner, 0, corner % 3] = 1 }
    for corner in 0..<6 {
      for c in 0..<3 { gt[corner, 1, c] = (c == corner % 3) == (corner < 3) ? 1 : 0 }
    }
    let gains = [[1, 1, 1], [1.25, 2.4, 1.9], [0.9, 1.9, 1.5]][camera]
    let lq = try made(gt, gains: gains)
    for (a, b) in zip(gt.pixels, lq.pixels) { #expect(abs(a - b) < 0.2 / 255) }
    // The whole picture through the filters loses detail, so the two scopes differ.
    #expect(try made(gt, gains: gains, scope: "picture").bytes != gt.bytes)
  }

  @Test("a picture that is demosaiced with its noise keeps flat fields")
  func pictureScope() throws {
    let gt = gray(0.3, side: 40)
    for demosaicing in ["bilinear", "malvar", "edge-aware"] {
      let lq = try made(gt, gains: [1.2, 2, 1.7], demosaicing: demosaicing, scope: "picture")
      for (a, b) in zip(gt.pixels, lq.pixels) { #expect(abs(a - b) < 0.2 / 255) }
    }
  }

  @Test("noise is coloured and coarser than a pixel, unlike noise that is added to a file")
  func correlation() throws {
    let gt = gray(0.3, side: 256)
    let lq = try made(gt, shot: 2e-3, read: 1e-5, gains: [1.2, 2, 1.7])
    let noise = lq.pixels.map { Double($0 - gt.pixels[0]) }
    func product(_ dx: Int, _ a: Int, _ b: Int) -> Double {
      (0..<256 * 255).reduce(0.0) { $0 + noise[3 * $1 + a] * noise[3 * ($1 + dx) + b] }
    }
    for c in 0..<3 { #expect(product(1, c, c) > 0.25 * product(0, c, c)) }
    let alike = product(0, 0, 2) / (product(0, 0, 0) * product(0, 2, 2)).squareRoot()
    #expect(abs(alike) < 0.7)
  }

  @Test("white stays white: a full pixel holds no more")
  func white() throws {
    let lq = try made(
      Image(width: 64, height: 64, filledWith: 1), shot: 2e-3, read: 1e-5, gains: [1.25, 2.1, 1.7])
    #expect(lq.bytes.allSatisfy { $0 >= 254 })
  }

  @Test("read noise follows shot noise as in measured cameras")
  func readNoise() throws {
    let (gt, scene) = testPicture(8, 8)
    for severity in [0.1, 0.5, 0.9] {
      let logs = try (UInt64(0)..<200).map { index in
        let step = try DegradationChain([("camera-noise", severity)])
          .apply(to: gt, scene: scene, seed: 1, index: index).steps[0]
        let shot = try #require(step.parameters["shot"]?.double)
        let read = try #require(step.parameters["read"]?.double)
        return ExactMath.log(read) - 2.18 * ExactMath.log(shot) - 1.20
      }
      let mean = logs.reduce(0, +) / 200
      let deviation = (logs.reduce(0) { $0 + $1 * $1 } / 200).squareRoot()
      #expect(abs(mean) < 4.5 * 0.26 / 200.0.squareRoot() && abs(deviation - 0.26) < 0.06)
    }
  }

  @Test("the colours of a camera keep gray, and their inverse takes them back")
  func colours() {
    for weights in [[1.0, 0.001, 0.001, 0.001], [0.001, 1, 0.3, 0.2], Self.weights] {
      let camera = CameraPipeline(weights: weights, gains: [1, 1, 1])
      for row in camera.toCamera + camera.toRGB { #expect(abs(row.sum() - 1) < 1e-5) }
      let colour = SIMD3<Float>(0.7, 0.2, 0.4)
      let there = SIMD3(camera.toCamera.map { ($0 * colour).sum() })
      let back = SIMD3(camera.toRGB.map { ($0 * there).sum() })
      for c in 0..<3 { #expect(abs(back[c] - colour[c]) < 1e-5) }
    }
  }

  @Test("the tone curves are those of the paper and undo each other")
  func tone() {
    for code in 0...255 {
      let y = Double(code) / 255
      let light = CameraPipeline.uncurve(Float(y))
      let x = ExactMath.pow(Double(light), 1 / 2.2)
      #expect(abs(x * x * (3 - 2 * x) - y) < 2e-4)
      #expect(abs(CameraPipeline.curve(light) - Float(y)) < 2e-4)
    }
  }
}
