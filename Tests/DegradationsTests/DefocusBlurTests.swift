import Basics
import Images
import Testing

@testable import Degradations

@Suite("Defocus blur") struct DefocusBlurTests {
  private static let radii = [0.2, 0.5, 0.9, 2, 3.3, 7.5, 12]

  private func blurred(
    _ image: Image, _ scene: Scene, radius: Double, focus: Double? = nil, blades: Int = 0
  ) throws -> Image {
    var parameters: JSON = [
      "form": .string(focus == nil ? "even" : "by-depth"), "radius": .number(radius), "gain": 1.0,
      "blades": .integer(blades), "rotation": 0.0, "near": 0.2, "sheets": 9,
    ]
    parameters["focus"] = focus.map { .number($0) }
    var image = image
    _ = try DefocusBlur(parameters: parameters)
      .apply(to: &image, scene: scene, random: RandomStream(seed: 1))
    return image
  }

  /// A scene whose left half has depth 0 and whose right half has depth 1.
  private func halves(_ side: Int) -> Scene {
    let depth = (0..<side * side).map { (i: Int) -> Float in i % side < side / 2 ? 0 : 1 }
    return Scene(width: side, height: side, depth: depth, depthLabel: [:])
  }

  @Test("an opening lets all light through and moves nothing", arguments: [0, 5, 6, 7, 8, 9])
  func centred(blades: Int) {
    for radius in Self.radii {
      let grid = Aperture(radius: radius, blades: blades, rotation: 11).grid
      let middle = grid.weights.enumerated().reduce(SIMD2(0.0, 0)) { sum, item in
        sum + SIMD2(Double(item.offset % grid.side), Double(item.offset / grid.side)) * item.element
      }
      // Pixels see an odd polygon's two sides unlike: by a sixtieth of a pixel at most.
      let limit = blades % 2 == 0 ? 1e-9 : 0.02
      #expect(abs(grid.weights.reduce(0, +) - 1) < 1e-12)
      #expect(abs(middle.x - Double(grid.radius)) < limit, "radius \(radius)")
      #expect(abs(middle.y - Double(grid.radius)) < limit, "radius \(radius)")
    }
  }

  @Test("a polygon of the enlarged radius covers as much as the disk", arguments: 5...9)
  func equalArea(blades: Int) {
    // The greatest weight is 1 over the area.
    let disk = Aperture(radius: 9, blades: 0, rotation: 0).grid
    let polygon = Aperture(
      radius: 9 * Aperture.enlargement(blades: blades), blades: blades, rotation: 20
    ).grid
    let ratio = (disk.weights.max() ?? 0) / (polygon.weights.max() ?? 1)
    #expect(abs(ratio - 1) < 1e-9)
  }

  @Test("runs make the picture of the plain sum, at any size")
  func runs() {
    let grids = [0, 5, 7].flatMap { blades in
      Self.radii.map { Aperture(radius: $0, blades: blades, rotation: 33).grid }
    }
    for grid in grids {
      for (width, height) in [(1, 1), (2, 3), (40, 5), (9, 33)] {
        var random = RandomStream(seed: 5, index: UInt64(width))
        let pixels = (0..<width * height * 3).map { _ in Float(random.uniform(0, 8)) }
        let image = Image(width: width, height: height, space: .linear, pixels: pixels)
        var fast = image
        KernelBlur(grid).blur(&fast)
        let slow = plainSum(image, grid)
        let error = zip(fast.pixels, slow).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error < 4e-6, "\(width)x\(height), side \(grid.side)")
      }
    }
  }

  private func plainSum(_ image: Image, _ grid: SpreadGrid) -> [Float] {
    image.pixels.indices.map { i in
      let (x, y, c) = (i / 3 % image.width, i / 3 / image.width, i % 3)
      var sum = 0.0
      for (j, weight) in grid.weights.enumerated() {
        let u = Image.reflected(x + grid.radius - j % grid.side, image.width)
        let v = Image.reflected(y + grid.radius - j / grid.side, image.height)
        sum += weight * Double(image[u, v, c])
      }
      return Float(sum)
    }
  }

  @Test("a disk of radius 10 needs 120 taps at most, a third of its places")
  func tapCount() {
    let grid = Aperture(radius: 10, blades: 0, rotation: 0).grid
    #expect(grid.weights.filter { $0 > 0 }.count > 340)
    #expect(RunPlan(grid).taps.count <= 120)
  }

  @Test("the light of a point becomes a disk of the label's radius", arguments: [2.5, 6])
  func radius(radius: Double) throws {
    var image = Image(width: 64, height: 64, space: .linear)
    for c in 0..<3 { image[32, 32, c] = 0.9 }
    let made = try blurred(image, Scene(width: 64, height: 64), radius: radius)
    let spread = moments(made)
    #expect(abs(spread.light - 0.9) < 1e-5)
    // The mean square distance of a disk is half its radius squared; pixels are 1/6 wide by it.
    #expect(abs(spread.square - (radius * radius / 2 + 1 / 6)) < 0.02 * radius * radius)
  }

  private func moments(_ image: Image) -> (light: Double, square: Double) {
    var (light, square) = (0.0, 0.0)
    for y in 0..<64 {
      for x in 0..<64 {
        let value = Double(image[x, y, 1])
        light += value
        square += value * Double((x - 32) * (x - 32) + (y - 32) * (y - 32))
      }
    }
    return (light, square / light)
  }

  @Test("a flat field has no seam where the depth has steps and slopes", arguments: [0.0, 0.3, 1])
  func noSeam(focus: Double) throws {
    let (_, slope) = testPicture(64, 64)
    let image = Image(width: 64, height: 64, space: .linear, filledWith: 0.4)
    for scene in [slope, halves(64)] {
      let made = try blurred(image, scene, radius: 9, focus: focus, blades: 5)
      #expect(made.pixels.allSatisfy { abs($0 - 0.4) < 2e-6 })
    }
  }

  @Test("what is in focus stays, what is not spreads by its distance from the focus")
  func byDepth() throws {
    var (image, _) = testPicture(96, 96)
    image.space = .linear
    let made = try blurred(image, halves(96), radius: 5, focus: 0)
    for y in 0..<96 {
      // Sharp up to where the far half's light begins.
      for x in 0..<47 { #expect(abs(made[x, y, 1] - image[x, y, 1]) < 1e-6) }
    }
    let even = try blurred(image, Scene(width: 96, height: 96), radius: 5)
    for y in 8..<88 {
      for x in 60..<88 { #expect(abs(made[x, y, 1] - even[x, y, 1]) < 1e-5) }
    }
  }

  @Test("a soft edge of depth becomes a step, a slope stays")
  func hardEdges() {
    let soft = (0..<40 * 20).map { (i: Int) -> Float in
      min(max((Float(i % 40) - 15) / 8, 0), 1)
    }
    let hard = withHardEdges(soft, width: 40, height: 20, steepest: 0.05)
    for (i, value) in hard.enumerated() where !(18...19).contains(i % 40) {
      #expect(value == (i % 40 < 19 ? 0 : 1), "column \(i % 40)")
    }
    #expect(withHardEdges(soft, width: 40, height: 20, steepest: 0.2) == soft)
    #expect(withHardEdges([0.5], width: 1, height: 1, steepest: 0.1) == [0.5])
  }

  @Test("a surface that runs through the focus has no lines where its sheets meet")
  func slope() throws {
    // A gray wall with one bright band far away, which must not shine through the wall.
    let (_, scene) = testPicture(96, 96)
    var image = Image(width: 96, height: 96, space: .linear, filledWith: 0.2)
    for i in 0..<96 * 10 * 3 { image.pixels[i] = 0.9 }
    let made = try blurred(image, scene, radius: 12, focus: 0.4)
    for y in 26..<96 { #expect(abs(made[40, y, 0] - 0.2) < 1e-3, "row \(y): \(made[40, y, 0])") }
  }

  @Test("a near thing in focus takes no light from behind, one out of focus spreads over it")
  func occlusion() throws {
    // White behind, black in front.
    var image = Image(width: 64, height: 64, space: .linear)
    for y in 0..<64 {
      for x in 32..<64 {
        for c in 0..<3 { image[x, y, c] = 1 }
      }
    }
    let sharp = try blurred(image, halves(64), radius: 6, focus: 0)
    for x in 0..<32 { #expect(sharp[x, 30, 1] < 1e-6) }
    #expect(sharp[33, 30, 1] > 0.99, "the dark edge of a sharp thing does not bleed backwards")
    let soft = try blurred(image, halves(64), radius: 6, focus: 1)
    let edge = (20..<45).map { soft[$0, 30, 1] }
    for (a, b) in zip(edge, edge.dropFirst()) { #expect(b >= a - 1e-5, "\(edge)") }
    #expect(edge[6] < 0.02 && edge[24] > 0.98 && abs((edge[11] + edge[12]) / 2 - 0.5) < 0.08)
  }

  @Test("in front of the focus a pentagon stands on its head")
  func upsideDown() throws {
    var image = Image(width: 64, height: 64, space: .linear)
    for c in 0..<3 { image[16, 32, c] = 1 }
    let near = try blurred(image, halves(64), radius: 8, focus: 1, blades: 5)
    let even = try blurred(image, halves(64), radius: 8, blades: 5)
    #expect(even[23, 32, 1] > 0 && even[9, 32, 1] == 0)
    #expect(near[23, 32, 1] < 1e-6 && near[9, 32, 1] > 0)
  }

  @Test("the greatest radius follows the mean, but stays within twice the severity's")
  func meanRadius() {
    let (_, scene) = testPicture(256, 256)
    for index in UInt64(0)..<40 {
      var random = RandomStream(seed: 3, index: index)
      let op = DefocusBlur(severity: 0.7, scene: scene, space: .linear, drawing: &random)
      let label = op.parameters
      let blades = label["blades"]?.integer ?? 0
      let radius = (label["radius"]?.double ?? 0) / Aperture.enlargement(blades: blades)
      #expect(radius > 0.899 * 5.5 && radius < 1.101 * 11)
      guard let focus = label["focus"]?.double, let near = label["near"]?.double else {
        #expect(radius < 1.101 * 5.5)
        continue
      }
      let mean = radius * Focus(near: near, depth: focus).meanConfusion(scene)
      #expect(abs(mean / 5.5 - 1) < 0.101 || abs(radius / 11 - 1) < 0.101)
    }
  }

  @Test("labels that would cost too much or mean nothing are refused")
  func refusals() {
    let good: JSON = [
      "form": "even", "radius": 3.0, "gain": 1.0, "blades": 0, "rotation": 0.0,
    ]
    let wrong: [(String, JSON)] = [
      ("radius", 500), ("radius", -1), ("blades", 3), ("blades", 10), ("form", "cone"), ("gain", 0),
    ]
    for (key, value) in wrong {
      var label = good
      label[key] = value
      #expect { _ = try DefocusBlur(parameters: label) } throws: { "\($0)".contains(key) }
    }
  }
}
