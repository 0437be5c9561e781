import Basics
import Images

/// Detail lost in a smaller copy: the picture is made smaller by software and then as large as before.
///
/// A link of chains: no class of its own, but it has a place in the label.
///
/// A 256x256 picture takes 0.4 to 0.7 ms.
///
/// - Source: Wang et al. 2021 (Real-ESRGAN), whose chains resize by one of these three kinds.
struct Resize: Degradation {
  static let name = "resize"
  static let stage = Stage.file
  static let notes = DegradationNotes(
    summary: "Detail lost in a smaller copy: the picture is made smaller, then as large as before.",
    source: "Wang et al. 2021 (Real-ESRGAN)",
    severity: "smaller by a factor of 1.3, 1.7, 2.2, 3, 4, the excess over 1 within 15 %",
    parameters: [
      .init(name: "factor", range: "1...1024", meaning: "how much smaller the copy is, each side"),
      .init(name: "down", range: "area, bilinear, bicubic", meaning: "how it is made smaller"),
      .init(name: "up", range: "area, bilinear, bicubic", meaning: "how it is made larger again"),
    ])
  private static let factor = SeverityScale(neutral: 1, levels: [1.3, 1.7, 2.2, 3, 4])

  /// How much smaller the copy is along each side.
  let factor: Double
  private let down: Image.Resampling
  private let up: Image.Resampling

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    // Not five sizes only, and far less spread than from level to level.
    let spread = random.uniform(0.85, 1.15)
    factor = (1 + (Self.factor(severity) - 1) * spread).rounded(places: 6)
    down = Self.kind(&random)
    up = Self.kind(&random)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Self.name, json: parameters)
    factor = try reader.number("factor", in: 1...1024)
    down = try reader.choice("down")
    up = try reader.choice("up")
  }

  var parameters: JSON {
    ["factor": .number(factor), "down": .string(down.rawValue), "up": .string(up.rawValue)]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    func smaller(_ side: Int) -> Int { max(1, Int((Double(side) / factor).rounded())) }
    let (width, height) = (image.width, image.height)
    var copy = image.resized(width: smaller(width), height: smaller(height), by: down)
    PixelKernels.clamp(&copy.pixels)
    image = copy.resized(width: width, height: height, by: up)
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  private static func kind(_ random: inout RandomStream) -> Image.Resampling {
    Image.Resampling.allCases[random.integer(below: Image.Resampling.allCases.count)]
  }
}
