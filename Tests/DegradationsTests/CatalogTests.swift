import Basics
import Degradations
import Foundation
import Images
import TestSupport
import Testing

/// A picture with edges, a ramp and texture, and a depth that grows upwards.
func testPicture(_ width: Int, _ height: Int, index: UInt64 = 0) -> (gt: Image, scene: Scene) {
  var random = RandomStream(seed: 77, index: index)
  let (a, b) = (random.uniform(8, 20), random.uniform(8, 20))
  let colour = (0..<3).map { _ in random.uniform(0.3, 0.9) }
  var bytes: [UInt8] = []
  var depth: [Float] = []
  for y in 0..<height {
    for x in 0..<width {
      let check = (Int(Double(x) / a) + Int(Double(y) / b)) % 2 == 0
      for c in 0..<3 {
        let ramp = 60 * Double(x) / Double(width)
        let light = (check ? 150 : 40) * colour[c] + ramp + random.uniform(0, 12)
        bytes.append(UInt8(min(light, 255)))
      }
      depth.append(1 - Float(y) / Float(height))
    }
  }
  let scene = Scene(width: width, height: height, depth: depth, depthLabel: ["kind": "test"])
  return (Image(width: width, height: height, bytes: bytes), scene)
}

private func psnr(_ a: Image, _ b: Image) -> Double {
  let sum = zip(a.bytes, b.bytes).reduce(0.0) { sum, pair in
    let step = Double(pair.0) - Double(pair.1)
    return sum + step * step
  }
  return 10 * log10(255 * 255 * Double(a.pixels.count) / max(sum, 1e-9))
}

private let names: [String] = DegradationCatalog.all.map { $0.name }
private let spaces = [Image.Space.linear, .srgb]

@Suite("Every degradation of the catalog") struct CatalogTests {

  @Test("names are unique and have a place in the label")
  func uniqueNames() {
    #expect(Set(names).count == names.count)
    for name in names { #expect(ClassSet.places.contains(name)) }
  }

  @Test("the notes describe every parameter of the label", arguments: names)
  func notes(name: String) throws {
    let type = try DegradationCatalog.type(named: name)
    let (_, scene) = testPicture(32, 32)
    var seen: Set<String> = []
    for (seed, space) in (0..<200).flatMap({ seed in spaces.map { (seed, $0) } }) {
      var random = RandomStream(seed: UInt64(seed))
      let op = type.init(
        severity: 0.5, scene: scene, space: type.space(physics: space), drawing: &random)
      seen.formUnion((op.parameters.object ?? []).map(\.key))
    }
    let described = Set(type.notes.parameters.map(\.name))
    #expect(seen.isSubset(of: described), "without a note: \(seen.subtracting(described))")
    #expect(type.notes.parameters.count == described.count)
    #expect(type.notes.summary.hasSuffix(".") && !type.notes.source.isEmpty)
  }

  @Test("the catalog is listed in order of formation")
  func order() {
    let stages = DegradationCatalog.all.map { $0.stage }
    #expect(stages == stages.sorted())
  }

  @Test("each file of a stage's folder is named after a type in use, and each name has a file")
  func files() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Degradations")
    for type in DegradationCatalog.all {
      let file = type.name.split(separator: "-").map { $0.capitalized }.joined() + ".swift"
      let stage = type.stage == .isp ? "ISP" : type.stage.name.capitalized
      let path = sources.appendingPathComponent(stage).appendingPathComponent(file).path
      #expect(FileManager.default.fileExists(atPath: path), "\(stage)/\(file)")
    }
  }

  @Test("severity 0 returns the picture", arguments: names)
  func identity(name: String) throws {
    let (gt, scene) = testPicture(48, 32)
    let made = try DegradationChain([(name, 0)]).apply(to: gt, scene: scene, seed: 1, index: 2)
    #expect(made.lq == gt && made.steps.isEmpty)
  }

  /// A mosaic is whole at any severity: there is no half of a colour filter.
  @Test(
    "a very small severity hardly changes the picture", arguments: names.filter { $0 != "mosaic" })
  func nearlyIdentity(name: String) throws {
    let (gt, scene) = testPicture(64, 64)
    let made = try DegradationChain([(name, 0.002)]).apply(to: gt, scene: scene, seed: 1, index: 2)
    // JPEG begins with quality 95, which texture feels.
    let least: Double = name == "jpeg" ? 35 : 40
    #expect(psnr(made.lq, gt) > least, "\(psnr(made.lq, gt)) dB")
  }

  @Test("PSNR falls with severity", arguments: names, spaces)
  func falling(name: String, space: Image.Space) throws {
    // Twelve pictures or more, under two seeds.
    let records = UInt64(Effort.repeats(12, proof: 60))
    let means = try [0.1, 0.3, 0.5, 0.7, 0.9, 1.0].map { severity in
      let chain = try DegradationChain([(name, severity)], space: space)
      return (UInt64(0)..<records).reduce(0.0) { sum, index in
        let (gt, scene) = testPicture(96, 96, index: index)
        let lq = chain.apply(to: gt, scene: scene, seed: 5 + index % 2, index: index).lq
        return sum + psnr(lq, gt) / Double(records)
      }
    }
    for (before, after) in zip(means, means.dropFirst()) { #expect(after < before, "\(means)") }
  }

  @Test(
    "any size works, the smallest and odd ones too, but for a side of 1 under colour filters",
    arguments: names)
  func sizes(name: String) throws {
    let smallest = try DegradationCatalog.type(named: name).smallestSide
    #expect(smallest == (name == "mosaic" ? 2 : 1))
    for (width, height) in [(1, 1), (1, 7), (2, 3), (3, 5), (17, 31), (64, 9)] {
      for space in spaces {
        for severity in [0.1, 1.0] {
          let (gt, scene) = testPicture(width, height)
          let chain = try DegradationChain([(name, severity)], space: space)
          let made = Result {
            try chain.apply(to: gt, scene: scene, seed: 3, index: 4, settings: []).lq
          }
          guard min(width, height) >= smallest else {
            #expect(throws: Problem.self) { try made.get() }
            continue
          }
          let lq = try made.get()
          #expect(lq.width == width && lq.height == height && lq.channels == 3)
          #expect(lq.space == .srgb && lq.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
      }
    }
  }

  @Test("black, white, checkered and pure colours stay in range", arguments: names)
  func extremes(name: String) throws {
    for (i, gt) in extremePictures(40, 24).enumerated() {
      for space in spaces {
        for severity in [0.1, 0.5, 1] {
          let chain = try DegradationChain([(name, severity)], space: space)
          let lq = chain.apply(
            to: gt, scene: Scene(width: 40, height: 24), seed: 3, index: UInt64(i)
          ).lq
          // NaN is in no range.
          #expect(lq.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
      }
    }
  }

  @Test("the bytes depend on no other record and on no thread", arguments: names)
  func threads(name: String) async throws {
    let chain = try DegradationChain([(name, 0.6)])
    @Sendable func record(_ index: UInt64) -> [UInt8] {
      let (gt, scene) = testPicture(40, 40, index: index)
      return chain.apply(to: gt, scene: scene, seed: 9, index: index).lq.bytes
    }
    let forwards = (0..<8).map { record($0) }
    let backwards = (0..<8).reversed().map { record($0) }.reversed()
    let together = await withTaskGroup(of: (UInt64, [UInt8]).self) { group in
      for index in UInt64(0)..<8 { group.addTask { (index, record(index)) } }
      return await group.reduce(into: [UInt64: [UInt8]]()) { $0[$1.0] = $1.1 }
    }
    #expect(forwards == Array(backwards))
    for (index, bytes) in together { #expect(bytes == forwards[Int(index)]) }
  }

  @Test("two records differ although their pictures are the same", arguments: names)
  func twoRecords(name: String) throws {
    let (gt, scene) = testPicture(64, 64)
    let chain = try DegradationChain([(name, 0.5)])
    let one = chain.apply(to: gt, scene: scene, seed: 9, index: 1).lq
    let other = chain.apply(to: gt, scene: scene, seed: 9, index: 2).lq
    let seeded = chain.apply(to: gt, scene: scene, seed: 10, index: 1).lq
    #expect(one.bytes != other.bytes && one.bytes != seeded.bytes)
  }

  @Test("the label makes the same picture again, to the bit", arguments: names, spaces)
  func label(name: String, space: Image.Space) throws {
    for index in UInt64(0)..<8 {
      let (gt, scene) = testPicture(57, 43, index: index)
      let chain = try DegradationChain([(name, 0.05 + 0.1 * Double(index))], space: space)
      let made = chain.apply(to: gt, scene: scene, seed: 11, index: index)
      let text = made.steps[0].json.compact
      #expect(text.utf8.count < 700, "\(text)")
      let step = try ChainStep(JSON(parsing: Array(text.utf8)[...], place: "label"))
      let again = try DegradationChain.replay([step], on: gt, scene: scene, seed: 11, index: index)
      #expect(again.pixels == made.lq.pixels, "\(text)")
    }
  }

  @Test("a label without one of its parameters is refused by name", arguments: names)
  func missingParameter(name: String) throws {
    let (gt, scene) = testPicture(16, 16)
    let step = try DegradationChain([(name, 0.5)])
      .apply(to: gt, scene: scene, seed: 1, index: 1).steps[0]
    let type = try DegradationCatalog.type(named: name)
    for member in step.parameters.object ?? [] where !["clip", "path"].contains(member.key) {
      var parameters = step.parameters
      parameters[member.key] = nil
      #expect { _ = try type.init(parameters: parameters) } throws: { error in
        "\(error)".contains("\(name).\(member.key)")
      }
    }
  }

  @Test("the bytes are those of every machine and every earlier day")
  func digest() throws {
    // A change here is a change of every data set made with the degradation: say so in the commit.
    let expected = [
      "defocus-blur": "4a5e974470da3c18", "gaussian-blur": "9ed5d0e12b656e11",
      "sinc-blur": "7ada73f1d42bf02e",
      "low-light": "30ea7e191cc123fa", "haze": "d52bebf414debff6",
      "rain-streak": "f0fce26507a34132", "motion-blur": "0be20692b4daca78",
      "gaussian-noise": "a5b425a055e4a491", "moire": "0204e0190254957a",
      "mosaic": "7d66f5f7588f5d09", "camera-noise": "95c5dc7a70df9ce8",
      "poisson-noise": "8d84a6ac78c3fc39", "resize": "a28fcfcb778ceb12",
      "jpeg": "3ef7c753e03b542d", "salt-pepper-noise": "b35735c1ca5e450d",
      "inpainting": "e7cf38c47c8faa39",
      "snow": "e4bbc89a5c2336f6", "raindrop": "77bf30173b7da410",
    ]
    for name in names {
      var bytes: [UInt8] = []
      for (index, space) in spaces.enumerated() {
        let (gt, scene) = testPicture(67, 45, index: UInt64(index))
        for severity in [0.2, 0.9] {
          let chain = try DegradationChain([(name, severity)], space: space)
          bytes += try chain.degrade(gt.bytes, scene: scene, seed: 1, index: UInt64(index)).lq
        }
      }
      #expect(Digest.sha256(bytes).hasPrefix(expected[name] ?? "none"), "\(name)")
    }
  }
}
