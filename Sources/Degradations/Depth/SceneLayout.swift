import Basics

/// A made-up view: level ground to a horizon, things standing on it, and what is behind.
struct SceneLayout {
  /// The height of the horizon as a share of the frame, from its upper edge.
  let horizon: Double
  /// How many times farther the horizon is than the lower edge.
  let far: Double
  /// The depth of the lower edge.
  let near: Double
  /// The depth above the horizon: 1 for sky, less for a wall or a hillside.
  let backdrop: Double
  /// The relative unevenness of all depths.
  let roughness: Double
  private let slope: Double

  init(drawing random: inout RandomStream) {
    horizon = random.uniform(0.25, 0.55).rounded(places: 4)
    far = ExactMath.exp(random.uniform(1.1, 3)).rounded(places: 3)
    near = random.uniform(0.05, 0.25).rounded(places: 4)
    backdrop = random.chance(0.6) ? 1 : random.uniform(0.4, 0.9)
    roughness = random.uniform(0.1, 0.3)
    slope = random.uniform(-0.05, 0.05)
  }

  /// Draws the depth map, 0 near to 1 far.
  func depth(width: Int, height: Int, drawing random: inout RandomStream) -> [Float] {
    var map = [Float](repeating: Float(backdrop), count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let down = ground(Double(x) / Double(width), (Double(y) + 0.5) / Double(height))
        if let down { map[y * width + x] = Float(down) }
      }
    }
    for _ in 0..<random.integer(below: 5) { stand(&map, width, height, &random) }
    return map
  }

  /// The depth of the ground at a place of the frame; nil above the horizon.
  private func ground(_ x: Double, _ y: Double) -> Double? {
    let below = y - horizon - slope * (x - 0.5)
    if below <= 0 { return nil }
    let distance = min((1 - horizon) / below, far)
    return min(near + (1 - near) * max((distance - 1) / (far - 1), 0), backdrop)
  }

  /// Puts up one thing with a straight or jagged top; what is farther comes half the way nearer.
  ///
  /// Half, because the picture knows nothing of it.
  private func stand(
    _ map: inout [Float], _ width: Int, _ height: Int, _ random: inout RandomStream
  ) {
    let foot = random.uniform(horizon + 0.02, 1.1)
    guard let depth = ground(0.5, foot).map({ Float($0) }) else { return }
    let size = (foot - horizon) * random.uniform(0.6, 2.5)
    let left = random.uniform(-0.2, 1)
    let right = left + size * random.uniform(0.2, 1.5)
    let jag = random.chance(0.5) ? size * random.uniform(0.1, 0.4) : 0
    var top = foot - size
    for x in places(left, right, of: width) {
      top += jag * random.uniform(-0.25, 0.25)
      for y in places(top, foot, of: height) where map[y * width + x] > depth {
        map[y * width + x] = (map[y * width + x] + depth) / 2
      }
    }
  }

  private func places(_ from: Double, _ to: Double, of count: Int) -> Range<Int> {
    let first = min(max(Int(from * Double(count)), 0), count)
    return first..<max(min(Int(to * Double(count)), count), first)
  }
}
