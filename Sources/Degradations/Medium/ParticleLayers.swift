import Basics
import CPixels
import Images

/// Rain or snow on its way down: what each layer of depth lets through of what lies behind it.
struct ParticleLayers {
  /// A pixel counts as covered from this opacity on.
  static let seen: Float = 0.02

  /// The depths of the layers, the nearest first; what is nearer in the scene hides a layer.
  let depths: [Float]
  /// What every pixel lets through, layer after layer: 1 where there is no particle.
  private(set) var clear: [Float]
  /// The same for all layers together.
  private(set) var allClear: [Float]
  /// The share of pixels whose opacity over all layers is seen.
  var coverage: Double { Double(covered) / Double(allClear.count) }

  private let scene: Scene
  private var covered = 0

  /// Creates layers without particles.
  init(depths: [Float], scene: Scene) {
    (self.depths, self.scene) = (depths, scene)
    allClear = [Float](repeating: 1, count: scene.width * scene.height)
    clear = [Float](repeating: 1, count: depths.count * allClear.count)
  }

  /// Draws a streak of rain into a layer.
  mutating func draw(_ streak: dp_streak, on layer: Int) {
    draw(on: layer) { place in
      withUnsafePointer(to: streak) { PixelKernels.used.streak(&place, $0) }
    }
  }

  /// Draws a flake of snow into a layer.
  mutating func draw(_ flake: dp_flake, _ lobes: [dp_lobe], on layer: Int) {
    draw(on: layer) { place in
      withUnsafePointer(to: flake) { PixelKernels.used.flake(&place, $0, lobes) }
    }
  }

  private mutating func draw(on layer: Int, _ kernel: (inout dp_layer) -> Int) {
    let (width, height, distance) = (scene.width, scene.height, depths[layer])
    covered += clear.withUnsafeMutableBufferPointer { own in
      allClear.withUnsafeMutableBufferPointer { all in
        scene.depth.withUnsafeBufferPointer { depth in
          var place = dp_layer(
            own: own.baseAddress.map { $0 + layer * width * height }, all: all.baseAddress,
            depth: depth.baseAddress, width: width, height: height, distance: distance,
            seen: ParticleLayers.seen)
          return kernel(&place)
        }
      }
    }
  }

  /// Covers a picture with the layers, the farthest first: I = (1 - a) J + a L, with L the light of a
  /// particle seen through the veil before it.
  ///
  /// A particle behind a veil is partly the veil, so at each pixel three shares are left: of the
  /// scene, of the particles' light and of the veil's.
  func compose(onto image: inout Image, light: [Double], veil: Veil) {
    var keep =
      veil.beta > 0
      ? veil.transmission(scene) : [Float](repeating: 1, count: allClear.count)
    let before = depths.map { Float(ExactMath.exp(-veil.beta * Double($0))) }
    let glow = PixelKernels.stack(&keep, layers: clear, clear: before)
    PixelKernels.mix(
      &image.pixels, keep: keep, glow: glow, light: Veil.light(light, in: image.space),
      air: Veil.light(veil.airlight, in: image.space))
  }

  /// The opacity of every pixel over all layers.
  func opacity() -> [Float] { allClear.map { 1 - $0 } }

  /// The sum of the layers' opacities at every pixel.
  func summedOpacity() -> [Float] {
    PixelKernels.made(allClear.count) {
      PixelKernels.used.sum_opacity($0, clear, depths.count, $1)
    }
  }
}
