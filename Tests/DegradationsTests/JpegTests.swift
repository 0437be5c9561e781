import Basics
import Images
import Testing

@testable import Degradations

@Suite("JPEG") struct JpegTests {
  private func saved(
    _ image: Image, quality: Int, grid: [Int] = [0, 0], subsampling: String = "4:4:4",
    first: (quality: Int, grid: [Int])? = nil
  ) throws -> Image {
    func list(_ grid: [Int]) -> JSON { .array(grid.map { .integer($0) }) }
    var parameters: JSON = [
      "passes": .integer(first == nil ? 1 : 2), "quality": .integer(quality), "grid": list(grid),
      "subsampling": .string(subsampling),
    ]
    if let first {
      parameters["first_quality"] = .integer(first.quality)
      parameters["first_grid"] = list(first.grid)
    }
    var result = image
    _ = try Jpeg(parameters: parameters).apply(
      to: &result, scene: Scene(width: image.width, height: image.height),
      random: RandomStream(seed: 0))
    return result
  }

  private func distance(_ a: Image, _ b: Image) -> Double {
    let sum = zip(a.bytes, b.bytes).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) }
    return sum / Double(a.pixels.count)
  }

  /// Gray squares of eight pixels that begin `shift` pixels left of and above the picture.
  private func squares(_ shift: Int) -> Image {
    var image = Image(width: 64, height: 48)
    for y in 0..<48 {
      for x in 0..<64 {
        let square = (x + shift) / 8 * 7 + (y + shift) / 8 * 3
        for c in 0..<3 { image[x, y, c] = Float(60 + square % 10 * 16) / 255 }
      }
    }
    return image
  }

  @Test("the blocks begin where the label says", arguments: [0, 1, 3, 5, 8, 15])
  func grid(shift: Int) throws {
    // A block of one value has no detail to lose.
    let image = squares(shift)
    let matched = distance(try saved(image, quality: 20, grid: [shift, shift]), image)
    let off = (shift + 4) % 16
    let missed = distance(try saved(image, quality: 20, grid: [off, off]), image)
    #expect(matched < 3 && missed > 2 * matched, "\(matched), \(missed)")
  }

  @Test("two passes are one after the other, the better one first")
  func twoPasses() throws {
    let gt = testPicture(67, 45).gt
    let both = try saved(gt, quality: 20, grid: [3, 9], first: (60, [12, 2]))
    let first = try saved(gt, quality: 60, grid: [12, 2])
    #expect(both == (try saved(first, quality: 20, grid: [3, 9])))
    #expect(both != (try saved(gt, quality: 20, grid: [3, 9])))
  }

  @Test("less detail of the colours is lost from 4:2:0 over 4:2:2 to 4:4:4")
  func subsampling() throws {
    let gt = testPicture(96, 96).gt
    let errors = try ["4:2:0", "4:2:2", "4:4:4"].map { kind in
      distance(try saved(gt, quality: 95, subsampling: kind), gt)
    }
    #expect(errors[0] > errors[1] && errors[1] > errors[2], "\(errors)")
  }

  @Test("severity gives the quality of its level, and 95 at its lowest")
  func severity() throws {
    let scene = Scene(width: 8, height: 8)
    let wanted: [Double: Int] = [1e-6: 95, 0.1: 80, 0.3: 50, 0.5: 30, 0.7: 15, 0.9: 7, 1: 3]
    for (severity, quality) in wanted {
      for seed in UInt64(0)..<40 {
        var random = RandomStream(seed: seed)
        let label = Jpeg(severity: severity, scene: scene, space: .srgb, drawing: &random)
          .parameters
        #expect(label["quality"]?.integer == quality)
        #expect((label["first_quality"]?.integer ?? 95) >= quality)
      }
    }
  }

  @Test("single and double passes, all three subsamplings and every grid are drawn")
  func variety() {
    let scene = Scene(width: 8, height: 8)
    let labels = (UInt64(0)..<600).map { seed in
      var random = RandomStream(seed: seed)
      return Jpeg(severity: 0.5, scene: scene, space: .srgb, drawing: &random).parameters
    }
    #expect(Set(labels.compactMap { $0["passes"]?.integer }) == [1, 2])
    #expect(Set(labels.compactMap { $0["subsampling"]?.string }).count == 3)
    #expect(Set(labels.compactMap { $0["grid"]?.array?.first?.integer }) == Set(0..<16))
    let double = labels.count { $0["passes"]?.integer == 2 }
    #expect(abs(double - 180) < 57)  // five deviations of 600 draws at 0.3
  }

  @Test("a picture longer than JPEG allows is saved in pieces")
  func longSides() throws {
    for (width, height) in [(65_600, 3), (2, 65_600)] {
      let gt = Image(width: width, height: height, filledWith: 100 / 255)
      #expect(distance(try saved(gt, quality: 50, grid: [1, 1]), gt) < 2)
    }
  }

  @Test("labels with a wrong grid, quality or number of passes are refused by name")
  func refused() throws {
    let good: JSON = [
      "passes": 1, "quality": 30, "grid": [0, 0], "subsampling": "4:2:0",
    ]
    let wrong: [(String, JSON)] = [
      ("passes", 3), ("quality", 0), ("quality", 30.5), ("grid", [0]), ("grid", [0, 16]),
      ("subsampling", "4:1:1"),
    ]
    for (key, value) in wrong {
      var parameters = good
      parameters[key] = value
      #expect { _ = try Jpeg(parameters: parameters) } throws: { "\($0)".contains("jpeg.\(key)") }
    }
  }
}
