import Basics
import Degradations
import Images
import TestSupport
import Testing

/// What a label says is what was done: another value makes another picture.
@Suite("Every parameter of the catalog") struct CatalogParameterTests {
  /// Parameters that tell of the picture and are not read when it is made; their notes say so.
  private static let descriptive: Set = ["haze.mean_t", "gaussian-noise.clip"]
  private static let names = DegradationCatalog.all.map { $0.name }
  private static let spaces = [Image.Space.linear, .srgb]

  @Test(
    "another value of a parameter makes another picture, where it is not only descriptive",
    arguments: names)
  func counts(name: String) throws {
    var waiting: Set<String> = []
    var counted: Set<String> = []
    for index in UInt64(0)..<80 {
      for space in Self.spaces {
        var (gt, scene) = testPicture(64, 48, index: index)
        // Something for the gain of highlights.
        for i in 0..<60 { gt[20 + i % 6, 10 + i / 6, 0] = 1 }
        let chain = try DegradationChain([(name, 0.6)], space: space)
        let made = chain.apply(to: gt, scene: scene, seed: 17, index: index)
        let keys = (made.steps[0].parameters.object ?? []).map(\.key)
        waiting.formUnion(keys.filter { !counted.contains($0) })
        for key in keys where waiting.contains(key) {
          let isWord = made.steps[0].parameters[key]?.string != nil
          let counts = try variants(of: made.steps[0], key).contains { step in
            guard
              let picture = try? DegradationChain.replay(
                [step], on: gt, scene: scene, seed: 17, index: index)
            else {
              // A word that the notes name is refused where it wants other parameters beside it.
              return isWord
            }
            return picture.bytes != made.lq.bytes
          }
          guard counts else { continue }
          waiting.remove(key)
          counted.insert(key)
        }
      }
    }
    #expect(!counted.isEmpty)
    let idle = Set(waiting.map { "\(name).\($0)" })
    #expect(idle == Self.descriptive.filter { $0.hasPrefix(name + ".") })
  }

  /// The step with other values of one parameter; those that do not fit are refused by `replay`.
  private func variants(of step: ChainStep, _ key: String) throws -> [ChainStep] {
    let type = try DegradationCatalog.type(named: step.op)
    let note = try #require(type.notes.parameters.first { $0.name == key })
    let value = try #require(step.parameters[key])
    let words = note.range.split(separator: ", ").map(String.init)
    let others =
      if case .array(let list) = value {
        list.indices.flatMap { i in
          Self.variants(of: list[i], words).map { other in
            var changed = list
            changed[i] = other
            return JSON.array(changed)
          }
        }
      } else {
        Self.variants(of: value, words)
      }
    return try others.map { other in
      var json = step.json
      var parameters = step.parameters
      parameters[key] = other
      json["parameters"] = parameters
      return try ChainStep(json)
    }
  }

  private static func variants(of value: JSON, _ words: [String]) -> [JSON] {
    switch value {
    case .bool(let truth): [.bool(!truth)]
    case .integer(let number):
      [.integer(number + 1), .integer(number - 1), .integer(number + 2), .integer(number / 2)]
    case .number(let number):
      [.number(number * 1.5 + 0.05), .number(number * 0.5), .number(number - 0.05)]
    case .string(let word): words.filter { $0 != word }.map { .string($0) }
    default: []
    }
  }

  @Test(
    "severity 0 in a chain changes nothing, and neither the other links' draws", arguments: names)
  func zeroInChain(name: String) throws {
    let other = name == "haze" ? "gaussian-noise" : "haze"
    let (gt, scene) = testPicture(48, 40)
    for space in Self.spaces {
      let alone = try DegradationChain([(other, 0.5)], space: space)
        .apply(to: gt, scene: scene, seed: 1, index: 2)
      let both = try DegradationChain([(name, 0), (other, 0.5)], space: space)
        .apply(to: gt, scene: scene, seed: 1, index: 2)
      #expect(both.lq == alone.lq && both.steps == alone.steps)
      let nothing = try DegradationChain([(name, 0)], space: space)
        .degrade(gt.bytes, scene: scene, seed: 1, index: 2)
      #expect(nothing.lq == gt.bytes && nothing.steps.isEmpty)
    }
  }

  @Test("chains of everything stay in range, at any size and on any picture")
  func wholeChain() throws {
    for (width, height) in [(1, 1), (2, 3), (3, 2), (17, 31), (40, 25)] {
      let all = DegradationCatalog.all.filter { min(width, height) >= $0.smallestSide }
        .map { (name: $0.name, severity: 0.5) }
      for gt in extremePictures(width, height) {
        for space in Self.spaces {
          let scene = Scene(width: width, height: height)
          let lq = try DegradationChain(all, space: space)
            .apply(to: gt, scene: scene, seed: 3, index: 4).lq
          #expect(lq.width == width && lq.height == height)
          #expect(lq.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
      }
    }
  }
}

/// Black, white, a checkerboard of both, and stripes of pure colours.
func extremePictures(_ width: Int, _ height: Int) -> [Image] {
  func picture(_ code: (_ x: Int, _ y: Int, _ channel: Int) -> Bool) -> Image {
    let bytes = (0..<3 * width * height).map { i -> UInt8 in
      code(i / 3 % width, i / 3 / width, i % 3) ? 255 : 0
    }
    return Image(width: width, height: height, bytes: bytes)
  }
  return [
    picture { _, _, _ in false }, picture { _, _, _ in true },
    picture { x, y, _ in (x + y) % 2 == 0 },
    picture { x, _, c in x % 3 == c },
  ]
}
