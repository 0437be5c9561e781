import Basics
import Degradations
import Foundation
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Class numbers are part of the data: the lists stand here once more, so that none moves unseen.
@Suite struct ClassListTests {
  private let folder = TemporaryFolder()
  private static let d5 = ["haze", "rain-streak", "gaussian-noise", "motion-blur", "low-light"]
  private static let d10 = [
    "gaussian-noise", "motion-blur", "defocus-blur", "jpeg", "haze", "snow", "rain-streak",
    "mosaic", "low-light", "inpainting",
  ]
  private static let d12 = [
    "gaussian-noise", "camera-noise", "motion-blur", "defocus-blur", "jpeg", "haze",
    "rain-streak", "snow", "mosaic", "low-light", "moire", "raindrop",
  ]
  private static let cdd = [
    "low", "haze", "rain", "snow", "low_haze", "low_rain", "low_snow", "haze_rain", "haze_snow",
    "low_haze_rain", "low_haze_snow",
  ]
  private static let uir = [
    "gaussian-noise", "poisson-noise", "salt-pepper-noise", "camera-noise", "motion-blur",
    "defocus-blur", "gaussian-blur", "jpeg", "mosaic", "haze", "rain-streak", "raindrop", "snow",
    "low-light", "moire", "rain-streak+raindrop", "motion-blur+jpeg", "motion-blur+rain-streak",
    "motion-blur+low-light+gaussian-noise",
  ]
  private static let lists: [(recipe: String, classes: [String])] = [
    ("3d", Array(d5[..<3])), ("3d-published", Array(d5[..<3])), ("5d", d5), ("5d-published", d5),
    ("5d-test", d5), ("10d", d10), ("10d-published", d10), ("12d", d12), ("12d-published", d12),
    ("cdd-11", cdd), ("cdd-11-published", cdd), ("uir-19", uir), ("uir-19-published", uir),
    ("mixed", ["mixed"]), ("real-esrgan", ["real-esrgan"]),
  ]

  private static let root =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/manifests/"

  @Test("every recipe for synthesis is in the list")
  func complete() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: ClassListTests.root)
    let synthesis = try files.filter { $0.hasSuffix(".yaml") }.filter { file in
      String(decoding: try readFile(ClassListTests.root + file), as: UTF8.self).contains(
        "\nclasses:")
    }
    // The gallery is for looking; its class set is that of 5d.
    #expect(
      Set(synthesis) == Set(ClassListTests.lists.map { $0.recipe + ".yaml" } + ["gallery.yaml"]))
  }

  @Test("a set has the classes in their order, and its labels their numbers", arguments: lists)
  func classes(_ recipe: String, _ classes: [String]) throws {
    var plan = try Recipe(reading: ClassListTests.root + recipe + ".yaml")
    #expect(plan.classes.map(\.name) == classes)
    let count = plan.sampling == .grid ? nil : 2 * classes.count
    try plan.override(folders: [], count: count, seed: nil, size: 32)
    if plan.sampling == .grid { plan.pictures = 1 }
    let made = try Synthesizer(plan, split: .test, workers: 1).run(into: folder.file(recipe))
    #expect(try #require(made).classes == classes)
    let reader = try RecordReader(manifest: folder.file("\(recipe)/manifest.json"))
    for index in 0..<reader.count {
      let label = try reader.label(index)
      #expect(label.classNumber == classes.firstIndex(of: label.className))
      let places = zip(ClassSet.places, label.multi).filter { $0.1 == 1 }.map(\.0)
      #expect(Set(places) == Set(label.chain.map(\.op)))
    }
  }
}
