import Basics
import Degradations
import Images

/// A generated clean picture: random leaves of every size that hide each other, with exact depth.
///
/// It has the edges and heavy-tailed gradients of photographs and a power spectrum somewhat steeper than
/// their 1/f^2 (f^-2.7 from 1/32 to 1/4 of a cycle a pixel when nothing is blurred). Leaves fall front to
/// back onto places that are still free, which gives an exact sample of the model; radii follow r^-3
/// from 1...9 pixels (near and far views) to a third or two of the short side, half that far away.
/// Every place is a quarter of a pixel; the four are averaged in linear light. Large leaves are
/// textured; half the pictures have planes out of focus and half the slight blur of a camera.
///
/// - Source: Lee, Mumford and Huang 2001; Bordenave, Gousseau and Roueff 2006; Achddou et al. 2025.
public struct DeadLeaves: Sendable {
  /// The streams from this one on, sixteen of them, belong to dead leaves.
  public static let firstStream: UInt32 = 512

  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  private let style: Style
  private let random: RandomStream

  /// Creates the picture number `index` of a seed.
  public init(width: Int, height: Int, seed: UInt64, index: UInt64, style: Style = Style()) {
    require(width > 0 && height > 0, "DeadLeaves: \(width)x\(height) pixels")
    (self.width, self.height, self.style) = (width, height, style)
    random = RandomStream(seed: seed, index: index, stream: DeadLeaves.firstStream)
  }

  /// Draws the picture, its depth and the order of its leaves.
  ///
  /// Depth grows with the leaves' order, which says who hides whom.
  public func render() -> Picture {
    var random = random
    let whole = layer(drawing: &random)
    let lens =
      random.chance(style.depthOfField)
      ? DepthOfField(scale: Double(min(width, height)) / 256, drawing: &random) : nil
    let sigma = random.uniform(0.3, 1).rounded(places: 3)
    let camera = random.chance(style.cameraBlur) ? sigma : 0
    let layers = lens?.layers(of: whole) ?? [whole]
    var pile = LeafPile(
      width: width, height: height, palette: Palette(drawing: &random), textures: style.textures,
      looks: self.random.substream(DeadLeaves.firstStream + 15))
    let orders = layers.map { pile.cover($0, drawing: &random) }
    let tiles = TextureTiles(short: min(width, height), random: self.random)
    var light = pile.light(of: orders[orders.count - 1], tiles)
    if let lens {
      light = composite(zip(layers, orders).map { ($0, pile.light(of: $1, tiles)) }, lens)
    }
    return picture(
      light, camera: camera, ranks: pile.ranks(of: DeadLeaves.visible(orders)), pile.leaves,
      label: label(whole), blurs: blurs(lens, camera))
  }

  /// A single plane over the whole frame and all depths.
  private func layer(drawing random: inout RandomStream) -> LeafLayer {
    let side = 2 * Double(min(width, height))
    let near = random.uniform(0, 0.25).rounded(places: 4)
    let far = random.uniform(0.75, 1).rounded(places: 4)
    let smallest = min(2 * ExactMath.exp(random.uniform(0, 2.2)), side / 4)
    let largest = max(side * random.uniform(0.35, 0.7), 2 * smallest)
    return LeafLayer(smallest: smallest, largest: largest, near: near, far: far)
  }

  /// Lays the planes over each other, the last one first, each blurred with its own coverage.
  private func composite(
    _ planes: [(layer: LeafLayer, light: [SIMD4<Float>])], _ lens: DepthOfField
  ) -> [SIMD4<Float>] {
    var sum = [SIMD4<Float>](repeating: .zero, count: width * height)
    for plane in planes.reversed() {
      lens.blur(radius: plane.layer.blur).lay(plane.light, width: width, height: height, over: &sum)
    }
    return sum
  }

  /// The leaf that is seen at each place: that of the first plane which has one there.
  private static func visible(_ orders: [[Int32]]) -> [Int32] {
    var seen = orders[0]
    for order in orders.dropFirst() {
      for i in seen.indices where seen[i] == LeafPile.none { seen[i] = order[i] }
    }
    return seen
  }

  private func picture(
    _ light: [SIMD4<Float>], camera: Double, ranks: [Int32], _ leaves: [Leaf], label: JSON,
    blurs: JSON
  ) -> Picture {
    let pixels = [Float](unsafeUninitializedCapacity: 3 * light.count) { out, count in
      for (i, value) in light.enumerated() {
        (out[3 * i], out[3 * i + 1], out[3 * i + 2]) = (value.x, value.y, value.z)
      }
      count = 3 * light.count
    }
    var linear = Image(width: width, height: height, space: .linear, pixels: pixels)
    if camera > 0 { SeparableBlur(sigma: camera).blur(&linear) }
    let scene = Scene(
      width: width, height: height, depth: ranks.map { leaves[Int($0)].depth }, depthLabel: label)
    return Picture(image: linear.asFileContent(), scene: scene, ranks: ranks, blurs: blurs)
  }

  private func label(_ whole: LeafLayer) -> JSON {
    [
      "kind": "dead-leaves", "index": .integer(Int(random.index)), "near": .number(whole.near),
      "far": .number(whole.far),
    ]
  }

  private func blurs(_ lens: DepthOfField?, _ camera: Double) -> JSON {
    var blurs: JSON = lens?.label ?? ["background": .null, "foreground": .null]
    blurs["camera"] = camera > 0 ? .number(camera) : .null
    return blurs
  }
}
