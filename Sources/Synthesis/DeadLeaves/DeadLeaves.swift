import Basics
import Degradations
import Images

/// A generated clean picture: random leaves of every size that hide each other, with exact depth.
///
/// It has the edges, the scale invariance and the 1/f^2 spectrum of photographs. Leaves fall front to
/// back onto places that are still free, which gives an exact sample of the model; radii follow r^-3
/// from 1...6 pixels (near and far views) to a third or two of the short side, half that far away. Every place is a quarter of
/// a pixel; the four are averaged in linear light.
///
/// - Source: Lee, Mumford and Huang 2001; Bordenave, Gousseau and Roueff 2006.
public struct DeadLeaves: Sendable {
  /// The streams from this one on, sixteen of them, belong to dead leaves.
  public static let firstStream: UInt32 = 512
  /// The share of the frame that is left to the backdrop.
  private static let backdropShare = 0.002

  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  private let random: RandomStream

  /// Creates the picture number `index` of a seed.
  public init(width: Int, height: Int, seed: UInt64, index: UInt64) {
    require(width > 0 && height > 0, "DeadLeaves: \(width)x\(height) pixels")
    (self.width, self.height) = (width, height)
    random = RandomStream(seed: seed, index: index, stream: DeadLeaves.firstStream)
  }

  /// Draws the picture.
  ///
  /// - Returns: An RGB picture on sRGB codes that are whole 8-bit steps, and its scene: the leaves'
  ///   depth grows with their order, which says who hides whom.
  public func render() -> (image: Image, scene: Scene) {
    var random = random
    let (near, far) = (
      random.uniform(0, 0.25).rounded(places: 4), random.uniform(0.75, 1).rounded(places: 4)
    )
    let palette = Palette(drawing: &random)
    var leaves: [Leaf] = []
    let order = cover(&leaves, near, far, palette, &random)
    let grain = Grain(random: self.random.substream(DeadLeaves.firstStream + 1))
    let (image, depth) = resolve(order, leaves, grain)
    let label: JSON = [
      "kind": "dead-leaves", "index": .integer(Int(random.index)), "near": .number(near),
      "far": .number(far),
    ]
    return (image, Scene(width: width, height: height, depth: depth, depthLabel: label))
  }

  /// Lets leaves fall until the frame is covered; returns the number of the leaf at each place.
  private func cover(
    _ leaves: inout [Leaf], _ near: Double, _ far: Double, _ palette: Palette,
    _ random: inout RandomStream
  ) -> [Int32] {
    let (w, h) = (2 * width, 2 * height)
    let side = Double(min(w, h))
    let smallest = min(2 * ExactMath.exp(random.uniform(0, 1.8)), side / 4)
    let largest = max(side * random.uniform(0.35, 0.7), 2 * smallest)
    let sizes = LeafSizes(
      smallest: smallest, largest: largest, width: Double(w), height: Double(h))
    var order = [Int32](repeating: 0, count: w * h)
    var mask = CoverageMask(width: w, height: h)
    while Double(mask.left) > DeadLeaves.backdropShare * Double(w * h) {
      let covered = 1 - Double(mask.left) / Double(w * h)
      let r = sizes.radius(random.uniform())
      let x = random.uniform(-r, Double(w) + r)
      let y = random.uniform(-r, Double(h) + r)
      if r * (1 + covered) > largest { continue }
      let outline = LeafOutline(x: x, y: y, r: r, drawing: &random)
      let before = mask.left
      let number = Int32(leaves.count)
      order.withUnsafeMutableBufferPointer { order in
        outline.rows(height: h) { row, span in
          mask.take(span, row: row) { order[row * w + $0] = number }
        }
      }
      if mask.left == before { continue }
      let depth = near + (far - near) * covered
      leaves.append(Leaf(x: x, y: y, r: r, depth: depth, palette: palette, drawing: &random))
    }
    let number = Int32(leaves.count)
    mask.takeRest { x, y in order[y * w + x] = number }
    leaves.append(Leaf(x: 0, y: 0, r: 1, depth: far, palette: palette, drawing: &random))
    return order
  }

  /// Averages the four places of each pixel, in linear light.
  private func resolve(_ order: [Int32], _ leaves: [Leaf], _ grain: Grain) -> (Image, [Float]) {
    var pixels = [Float](repeating: 0, count: width * height * 3)
    var depth = [Float](repeating: 0, count: width * height)
    grain.values.withUnsafeBufferPointer { grain in
      guard let grain = grain.baseAddress else { return }
      for y in 0..<height {
        for x in 0..<width {
          var light = SIMD3<Float>(0, 0, 0)
          var z: Float = 0
          for place in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (u, v) = (2 * x + place.0, 2 * y + place.1)
            let leaf = leaves[Int(order[v * 2 * width + u])]
            light += leaf.light(u, v, grain)
            z += leaf.depth
          }
          let i = y * width + x
          // Scaled, not cut: a clipped channel would pass for a highlight.
          light *= min(0.25, 0.98 / max(light.max(), 1e-6))
          for c in 0..<3 { pixels[3 * i + c] = light[c] }
          depth[i] = z / 4
        }
      }
    }
    let linear = Image(
      width: width, height: height, channels: 3, space: .linear, pixels: pixels)
    return (linear.asFileContent(), depth)
  }
}
