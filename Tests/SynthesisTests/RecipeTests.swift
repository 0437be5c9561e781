import Basics
import Degradations
import Foundation
import Synthesis
import TestSupport
import Testing

@Suite struct RecipeTests {
  private let folder = TemporaryFolder()

  private func problem(_ text: String) throws -> Problem {
    let error = #expect(throws: Problem.self) { try recipe(text, in: folder) }
    return try #require(error)
  }

  @Test(
    "the recipes of the repository are read",
    arguments: [
      "3d", "3d-published", "5d", "5d-published", "5d-test", "10d", "10d-published", "12d",
      "12d-published", "cdd-11", "cdd-11-published", "uir-19", "uir-19-published", "mixed",
      "real-esrgan", "gallery",
    ])
  func manifests(_ name: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let recipe = try Recipe(reading: root.path + "/manifests/\(name).yaml")
    #expect(recipe.name == name)
    #expect(recipe.size == 256)
    if name != "gallery" { #expect(recipe.classes.map(\.name) == recipe.classSet.classes) }
    if name == "5d-test" {
      #expect(recipe.sampling == .grid && recipe.crop == .centre)
      #expect(recipe.classes.allSatisfy { $0.severities == [0.1, 0.3, 0.5, 0.7, 0.9] })
    }
  }

  @Test("an unknown key is named with its line and the nearest valid one")
  func unknownKey() throws {
    let found = try problem("classes: 5d\ngt_sise: 64\n")
    #expect(found.place.hasSuffix("sample.yaml:2"))
    #expect(found.what == "unknown key 'gt_sise'")
    #expect(found.fix == "did you mean 'gt_size'?")
    let inner = try problem("classes: 5d\npatch:\n  crop: random\n  use_flip: true\n")
    #expect(inner.place.hasSuffix("sample.yaml:4"))
    #expect(inner.what == "unknown key 'patch.use_flip'")
    #expect(inner.fix == "did you mean 'use_hflip'?")
    let name = try problem("classes: 5d\ndegradations:\n  hase: {}\n")
    #expect(
      name.description.hasSuffix(
        "sample.yaml:3: unknown key 'degradations.hase'\n  did you mean 'haze'?"))
  }

  @Test(
    "a value that does not fit is named",
    arguments: [
      ("gt_size: 256\n", "'classes' is missing"),
      (
        "classes: 6d\n",
        "'classes' is \"6d\", not one of 3d, 5d, 10d, 12d, cdd-11, uir-19, mixed, real-esrgan"
      ),
      ("classes: 5d\ngt_size: 5\n", "'gt_size' is 5, not a whole number from 16 to 4096"),
      ("classes: 5d\ncount: many\n", "'count' is \"many\", not a whole number from 1 to 999999999"),
      ("classes: 5d\nspace: lab\n", "'space' is \"lab\", not one of srgb, linear"),
      (
        "classes: 5d\nseverity: [0.9, 0.1]\n",
        "'severity' is [0.9,0.1], not a rising list of numbers from 0.0 to 1.0"
      ),
      ("classes: 5d\nseverity: [0.1, 0.2, 0.3]\n", "'severity' wants two bounds"),
      (
        "classes: 5d\nseverity: [0.1, 0.2]\nlevels: [0.1]\n", "'levels' and severity are both given"
      ),
      ("classes: 5d\nsplits: {trian: 1}\n", "unknown key 'splits.trian'"),
      ("classes: 5d\nsampling: grid\nlevel: [0.1]\n", "unknown key 'level'"),
      ("classes: 5d\nsplits: {train: 0.5}\n", "'splits' add up to 0.5, not to 1"),
      (
        "classes: 5d\ndegradations: {haze: {weight: 0}}\n",
        "'degradations' gives every class the weight 0"
      ),
      ("classes: 5d\nsampling: grid\n", "'sampling' is grid, but haze has no levels"),
      (
        "classes: 5d\nsampling: grid\nlevels: [0.1]\ncount: 9\n",
        "'count' is given by sources, classes and levels in a grid"
      ),
      (
        "classes: 5d\nclean: {folders: [a]}\n", "'clean.folders' are given, but kind is dead-leaves"
      ),
      (
        "classes: 5d\nclean: {kind: folder, folders: [a], textures: 0.5}\n",
        "'clean.textures' is of generated pictures, but kind is folder"
      ),
      (
        "classes: 5d\nclean: {depth_of_field: 2}\n",
        "'clean.depth_of_field' is 2, not a number from 0.0 to 1.0"
      ),
      (
        "classes: 5d\ndegradations: {haze: {set: {sigma: 5}}}\n",
        "'degradations.haze.set.sigma' is no parameter of haze"
      ),
      (
        "classes: 5d\ndegradations: {haze: {set: {beta: [-1, 2]}}}\n",
        "'degradations.haze.set.beta' does not fit: haze.beta wants a number"
      ),
      (
        "classes: 5d\ndegradations: {haze: {set: {beta: {lag: [1, 2]}}}}\n",
        "'degradations.haze.set.beta' is no value and no draw"
      ),
      (
        "classes: mixed\ndegradations: {mixed: {from: [haze, rain]}}\n",
        "'degradations.mixed.from' names 'rain', which is unknown"
      ),
      (
        "classes: mixed\ndegradations: {mixed: {chain: [{op: hase}]}}\n",
        "'degradations.mixed.chain[0].op' names 'hase', which is unknown"
      ),
      (
        "classes: mixed\ndegradations: {mixed: {chain: [{one_of: [{chain: []}]}]}}\n",
        "'degradations.mixed.chain[0].one_of[0].chain' is empty"
      ),
      (
        "classes: mixed\ndegradations: {mixed: {from: [haze], lengths: [0, 0]}}\n",
        "'degradations.mixed.lengths' wants the odds"
      ),
      ("classes: mixed\n", "'degradations.mixed' does not say what it is made of"),
      ("classes: 5d\norder: givn\n", "'order' is \"givn\", not one of formation, given"),
      ("classes: 5d\npatch: nothing\n", "'patch' must hold keys"),
      ("classes: [5d\n", "is not valid YAML"),
    ])
  func wrongValues(_ text: String, _ what: String) throws {
    let found = try problem(text)
    #expect(found.what.hasPrefix(what), "\(found.what)")
    #expect(found.place.contains("sample.yaml"))
  }

  @Test("the resolved recipe has everything filled in, and folders by their last name")
  func json() throws {
    var recipe = try recipe("classes: 3d\nseverity: [0.2, 0.4]\n", in: folder)
    try recipe.override(folders: ["/some/where/photos/"], count: 5, seed: 8, size: 64)
    let json = recipe.json
    #expect(json["name"] == "sample" && json["seed"] == 8 && json["gt_size"] == 64)
    #expect(json["clean"]?["folders"] == ["photos"])
    #expect(json["degradations"]?["rain-streak"] == ["severity": [0.2, 0.4], "weight": 1.0])
    #expect(throws: Problem.self) {
      try recipe.override(folders: [], count: 0, seed: nil, size: nil)
    }
  }
}
