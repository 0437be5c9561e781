import Basics
import Images

/// Depth for a picture that has none: a plausible scene made to follow the picture's edges.
///
/// A ground plane up to a horizon, upright things standing on it and a sky or wall behind; mixed with
/// a cue from the picture (weak texture is far; bright, smooth and joined to the upper edge is sky),
/// then filtered with the picture as guide so that steps of depth fall on its edges. It is no
/// measurement; the label says "procedural".
public enum ProceduralDepth {
  /// The geometry is made on a raster this many times coarser.
  private static let coarseness = 4

  /// Makes the scene of an sRGB picture.
  ///
  /// - Parameter random: A stream of its own; the next four streams are used too.
  public static func scene(for image: Image, random: RandomStream) -> Scene {
    var random = random
    let luma = Raster(lumaOf: image)
    let small = luma.reduced(by: coarseness)
    let texture = small.localContrast(radius: 2)
    let layout = SceneLayout(drawing: &random)
    var depth = layout.depth(width: small.width, height: small.height, drawing: &random)
    let roughness = FractalField(
      width: small.width, height: small.height, cells: 3, octaves: 3, hurst: 0.8,
      random: random.substream(random.stream + 1))
    for i in depth.indices {
      let uneven = depth[i] * Float(ExactMath.exp(layout.roughness * Double(roughness.values[i])))
      depth[i] = 0.8 * min(uneven, 1) + 0.2 * (1 - min(texture.values[i] * 8, 1))
    }
    for i in Raster(brightestOf: image).reduced(by: coarseness).sky(texture: texture) {
      depth[i] = 1
    }
    let radius = max(
      2, Int((16 * Double(min(image.width, image.height)) / 256).rounded()) / coarseness)
    let filter = GuidedFilter(
      map: depth, guide: small.values, width: small.width, height: small.height, radius: radius,
      epsilon: 0.004)
    let fitted = luma.fitted(
      slope: Raster(width: small.width, height: small.height, values: filter.slope),
      offset: Raster(width: small.width, height: small.height, values: filter.offset))
    let label: JSON = [
      "kind": "procedural", "index": .integer(Int(random.index)),
      "stream": .integer(Int(random.stream)),
      "horizon": .number(layout.horizon), "near": .number(layout.near), "far": .number(layout.far),
    ]
    return Scene(
      width: image.width, height: image.height, depth: fitted, depthLabel: label)
  }
}
