import Basics
import Degradations
import Images

extension PatchSampler {
  /// The depth of a photograph's patch, as the recipe wants it.
  func scene(of image: Image, _ place: PatchPlace, _ number: Int, _ index: UInt64)
    throws(Problem) -> Scene
  {
    if case .constant(let depth) = recipe.depth {
      return Scene(width: image.width, height: image.height, depth: depth)
    }
    if case .photos(let library) = source, let map = try library.depth(number) {
      return map.scene(of: place, size: recipe.size)
    }
    return ProceduralDepth.scene(for: image, random: random(index, .depth))
  }

  /// The depth of a generated picture: its own, unless the recipe wants a constant.
  func evened(_ scene: Scene, _ number: Int) -> Scene {
    guard case .constant(let depth) = recipe.depth else { return scene }
    return Scene(
      width: scene.width, height: scene.height, depth: scene.depth.map { _ in Float(depth) },
      depthLabel: PatchSampler.constantLabel(depth, leaves: scene.depthLabel))
  }

  /// A generated picture's number stays in its label, for it cannot be made again without.
  private static func constantLabel(_ depth: Double, leaves: JSON) -> JSON {
    ["kind": "constant", "depth": .number(depth), "index": leaves["index"] ?? .null]
  }
}
