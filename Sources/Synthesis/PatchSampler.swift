import Basics
import Degradations
import Images
import Records

/// Makes the clean patch of a record; the same numbers give the same patch.
struct PatchSampler: Sendable {
  /// Streams of a record that belong to its patch.
  enum Stream: UInt32 {
    case crop = 16
    /// And the four streams behind it.
    case depth = 32
  }

  /// Draws of a patch until it is textured enough.
  private static let attempts = 16
  /// The least deviation of fine detail, in 8-bit codes, of a patch that is not flat.
  private static let flatLimit = 2.0

  let recipe: Recipe
  let split: Split
  let source: CleanSource

  /// Returns the patch number `patch` of source number `number`.
  func patch(_ patch: Int, of number: Int) throws(Problem) -> CleanPatch {
    let index = split.drawIndex(patch)
    switch source {
    case .deadLeaves: return generated(number)
    case .photos(let library):
      let photo = library.photos[number]
      let picture = try library.picture(number)
      let (image, place) = cut(picture, index)
      return CleanPatch(
        image: image, bytes: image.bytes, scene: try scene(of: image, place, number, index),
        source: PatchSampler.label(photo, picture), crop: place.json)
    }
  }

  func random(_ index: UInt64, _ stream: Stream) -> RandomStream {
    RandomStream(seed: UInt64(recipe.seed), index: index, stream: stream.rawValue)
  }

  private func generated(_ number: Int) -> CleanPatch {
    let leaves = DeadLeaves(
      width: recipe.size, height: recipe.size, seed: UInt64(recipe.seed),
      index: split.drawIndex(number), style: recipe.leaves)
    let picture = leaves.render()
    let image = picture.image
    let bytes = image.bytes
    var source: JSON = [
      "id": .string("dead-leaves/\(split.rawValue)/\(number)"),
      "sha256": .string(Digest.sha256(bytes)), "kind": "dead-leaves",
      "width": .integer(image.width), "height": .integer(image.height), "depth_bits": 8,
      "jpeg": false,
    ]
    for member in recipe.leaves.json.object ?? [] { source[member.key] = member.value }
    source["blur"] = picture.blurs
    let place = PatchPlace(width: image.width, height: image.height)
    return CleanPatch(
      image: Image(width: image.width, height: image.height, bytes: bytes), bytes: bytes,
      scene: evened(picture.scene, number), source: source, crop: place.json)
  }

  private static func label(_ photo: Photo, _ picture: StoredPicture) -> JSON {
    var source: JSON = [
      "id": .string(photo.id), "sha256": .string(photo.sha256), "kind": "photo",
      "width": .integer(photo.width), "height": .integer(photo.height),
      "depth_bits": .integer(picture.depthBits), "jpeg": .bool(picture.isJPEG),
    ]
    for member in photo.channels.members { source[member.key] = member.value }
    return source
  }

  /// Cuts a patch; a flat one is kept for at most `flatShare` of the records.
  private func cut(_ picture: StoredPicture, _ index: UInt64) -> (Image, PatchPlace) {
    guard recipe.crop == .random else { return centre(picture) }
    var random = random(index, .crop)
    let mayBeFlat = random.chance(recipe.flatShare)
    var best = drawn(picture, &random)
    var texture = PatchSampler.texture(best.0.bytes, width: recipe.size)
    for _ in 1..<PatchSampler.attempts where !mayBeFlat && texture < PatchSampler.flatLimit {
      let next = drawn(picture, &random)
      let found = PatchSampler.texture(next.0.bytes, width: recipe.size)
      if found > texture { (best, texture) = (next, found) }
    }
    return best
  }

  private func drawn(_ picture: StoredPicture, _ random: inout RandomStream) -> (Image, PatchPlace)
  {
    let side = min(picture.width, picture.height)
    let most = min(recipe.scale[1], Double(side) / Double(recipe.size))
    let scale = random.uniform(min(recipe.scale[0], most), most)
    let span = min(side, Int((scale * Double(recipe.size)).rounded()))
    var place = PatchPlace(
      x: random.integer(below: picture.width - span + 1),
      y: random.integer(below: picture.height - span + 1), width: span, height: span,
      scale: Double(span) / Double(recipe.size))
    place.flip = random.chance(0.5) && recipe.flips
    place.turn = recipe.turns ? random.integer(below: 4) : 0
    return (cut(picture, place), place)
  }

  private func cut(_ picture: StoredPicture, _ place: PatchPlace) -> Image {
    PatchSampler.cut(picture, place, size: recipe.size)
  }

  /// Cuts a place of a picture as a patch of `size` by `size` pixels.
  static func cut(_ picture: StoredPicture, _ place: PatchPlace, size: Int) -> Image {
    let shrinks = place.width > size
    var image = picture.region(
      x: place.x, y: place.y, width: place.width, height: place.height,
      in: shrinks ? .linear : .srgb)
    if shrinks {
      image = image.downscaled(by: place.scale)
      image = Image(width: image.width, height: image.height, bytes: image.bytes)
    }
    return Image(width: size, height: size, bytes: arranged(image, place, size: size).bytes)
  }

  /// Fills a cut up to the patch's size, mirrors and turns it.
  static func arranged(_ cut: Image, _ place: PatchPlace, size: Int) -> Image {
    var image = cut
    // Rounding of the factor may leave one pixel too few.
    let missing = (right: size - image.width, bottom: size - image.height)
    if missing.right > 0 || missing.bottom > 0 {
      image = image.reflectPadded(right: max(0, missing.right), bottom: max(0, missing.bottom))
    }
    if place.flip { image = image.flippedHorizontally() }
    if place.turn != 0 { image = image.turned(quarterTurns: place.turn) }
    return image
  }

  /// The middle of the picture; what a small one lacks is filled by reflection.
  private func centre(_ picture: StoredPicture) -> (Image, PatchPlace) {
    let width = min(picture.width, recipe.size)
    let height = min(picture.height, recipe.size)
    let place = PatchPlace(
      x: (picture.width - width) / 2, y: (picture.height - height) / 2, width: width, height: height
    )
    return (cut(picture, place), place)
  }

  /// The standard deviation of what halving the patch and doubling it again loses, in codes of green,
  /// which makes up most of the luma.
  static func texture(_ bytes: [UInt8], width: Int) -> Double {
    let height = bytes.count / (3 * width)
    var sum = 0
    for y in stride(from: 0, to: height - 1, by: 2) {
      for x in stride(from: 0, to: width - 1, by: 2) {
        let at = (y * width + x) * 3 + 1
        let four = SIMD4(
          Int32(bytes[at]), Int32(bytes[at + 3]), Int32(bytes[at + 3 * width]),
          Int32(bytes[at + 3 * width + 3]))
        // Four times the squared distances from the mean of the four, kept whole.
        let squares = four &* four
        let total = Int(four.wrappedSum())
        sum += 4 * Int(squares.wrappedSum()) - total * total
      }
    }
    let pixels = (height / 2) * (width / 2) * 4
    return pixels > 0 ? (Double(sum) / 4 / Double(pixels)).squareRoot() : 0
  }
}
