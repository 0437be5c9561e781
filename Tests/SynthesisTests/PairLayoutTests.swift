import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Every layout of `datasets/layouts` on a made-up tree of its shape.
@Suite("Layouts of data sets of pairs") struct PairLayoutTests {
  struct Tree: Sendable, CustomTestStringConvertible {
    let layout: String
    let split: Split
    let files: [String]
    /// lq and gt of every pair, in the order of the lq.
    let pairs: [[String]]
    /// Files, or folders, that are set aside.
    var aside: [String] = []
    var lists: [String: String] = [:]
    var testDescription: String { "\(layout), \(split)" }
  }

  static let trees = [
    Tree(
      layout: "gopro", split: .train,
      files: [
        "train/GOPR0001/blur/01.png", "train/GOPR0001/sharp/01.png",
        "train/GOPR0001/blur_gamma/01.png",
        "train/GOPR0002/blur/07.png", "train/GOPR0002/sharp/08.png", "test/GOPR0003/blur/01.png",
        "test/GOPR0003/sharp/01.png",
      ], pairs: [["train/GOPR0001/blur/01.png", "train/GOPR0001/sharp/01.png"]],
      aside: [
        "train/GOPR0002/blur/07.png", "train/GOPR0002/sharp/08.png", "train/GOPR0001/blur_gamma/",
      ]),
    Tree(
      layout: "gopro", split: .test, files: ["test/input/a.png", "test/target/a.png"],
      pairs: [["test/input/a.png", "test/target/a.png"]]),
    Tree(
      layout: "reds", split: .validation,
      files: ["val_blur/000/00000000.png", "val_sharp/000/00000000.png"],
      pairs: [["val_blur/000/00000000.png", "val_sharp/000/00000000.png"]]),
    Tree(
      layout: "rsblur", split: .train,
      files: [
        "train/0001/real_blur/real_1.png", "train/0001/real_blur/real_2.png",
        "train/0001/gt/gt_1.png",
        "train/0001/gt/gt_2.png", "train/0002/real_blur/real_1.png", "train/0001/avg/avg_1.png",
      ],
      pairs: [
        ["train/0001/real_blur/real_1.png", "train/0001/gt/gt_1.png"],
        ["train/0001/real_blur/real_2.png", "train/0001/gt/gt_2.png"],
      ], aside: ["train/0002/real_blur/real_1.png", "train/0001/avg/"]),
    Tree(
      layout: "realblur-j", split: .test,
      files: ["s1/gt/gt_1.png", "s1/blur/blur_1.png", "s1/blur/blur_9.png"],
      pairs: [["s1/blur/blur_1.png", "s1/gt/gt_1.png"]],
      aside: ["s1/gt/gt_2.png", "s1/blur/blur_9.png"],
      lists: [
        "RealBlur_J_test_list.txt":
          "s1/gt/gt_1.png s1/blur/blur_1.png 0.5\ns1/gt/gt_2.png s1/blur/blur_9.png 1\n"
      ]),
    Tree(
      layout: "realblur-r", split: .train, files: ["g/1.png", "b/1.png"],
      pairs: [["b/1.png", "g/1.png"]], lists: ["RealBlur_R_train_list.txt": "g/1.png b/1.png\n"]),
    Tree(
      layout: "lol-v1", split: .test, files: ["eval15/low/1.png", "eval15/high/1.png"],
      pairs: [["eval15/low/1.png", "eval15/high/1.png"]]),
    Tree(
      layout: "lol-v2-real", split: .train,
      files: [
        "Real_captured/Train/Low/low00001.png", "Real_captured/Train/Normal/normal00001.png",
      ],
      pairs: [
        ["Real_captured/Train/Low/low00001.png", "Real_captured/Train/Normal/normal00001.png"]
      ]),
    Tree(
      layout: "lol-v2-synthetic", split: .train,
      files: ["Synthetic/Train/Low/r1.png", "Synthetic/Train/Normal/r1.png"],
      pairs: [["Synthetic/Train/Low/r1.png", "Synthetic/Train/Normal/r1.png"]]),
    Tree(
      layout: "lsrw", split: .train,
      files: ["Training data/Nikon/low/1.jpg", "Training data/Nikon/high/1.jpg"],
      pairs: [["Training data/Nikon/low/1.jpg", "Training data/Nikon/high/1.jpg"]]),
    Tree(
      layout: "rain100", split: .test,
      files: ["rainy/rain-001.png", "norain/norain-001.png", "rainy/rain-002.png"],
      pairs: [["rainy/rain-001.png", "norain/norain-001.png"]], aside: ["rainy/rain-002.png"]),
    Tree(
      layout: "rain100", split: .train,
      files: [
        "rain_data_train_Light/rain/norain-1.png", "rain_data_train_Light/norain/norain-1.png",
        "rain_data_train_Light/rain/norain-2x2.png", "rain_data_train_Light/norain/norain-2.png",
      ],
      pairs: [
        ["rain_data_train_Light/rain/norain-1.png", "rain_data_train_Light/norain/norain-1.png"],
        ["rain_data_train_Light/rain/norain-2x2.png", "rain_data_train_Light/norain/norain-2.png"],
      ]),
    Tree(
      layout: "rain13k", split: .test,
      files: ["test/Test100/input/1.png", "test/Test100/target/1.jpg"],
      pairs: [["test/Test100/input/1.png", "test/Test100/target/1.jpg"]]),
    Tree(
      layout: "outdoor-rain", split: .train,
      files: [
        "in/im_0001_s80_a04.png", "in/im_0001_s80_a05.png", "gt/im_0001.png", "gt/im_0002.png",
      ],
      pairs: [
        ["in/im_0001_s80_a04.png", "gt/im_0001.png"], ["in/im_0001_s80_a05.png", "gt/im_0001.png"],
      ], aside: ["gt/im_0002.png"]),
    Tree(
      layout: "sots-outdoor", split: .test,
      files: ["hazy/0001_0.8_0.2.jpg", "clear/0001.png", "hazy/0002_0.8_0.2.jpg"],
      pairs: [["hazy/0001_0.8_0.2.jpg", "clear/0001.png"]], aside: ["hazy/0002_0.8_0.2.jpg"]),
    Tree(
      layout: "ots", split: .train,
      files: ["part1/0005_0.8_0.04.jpg", "part2/0005_1_0.2.jpg", "clear/0005.jpg"],
      pairs: [
        ["part1/0005_0.8_0.04.jpg", "clear/0005.jpg"], ["part2/0005_1_0.2.jpg", "clear/0005.jpg"],
      ]),
    Tree(
      layout: "snow100k", split: .train,
      files: ["synthetic/a.jpg", "gt/a.jpg", "mask/a.jpg"],
      pairs: [["synthetic/a.jpg", "gt/a.jpg"]],
      aside: ["mask/"]),
    Tree(
      layout: "csd", split: .test, files: ["Test/Snow/1.tif", "Test/Gt/1.tif", "Test/Mask/1.tif"],
      pairs: [["Test/Snow/1.tif", "Test/Gt/1.tif"]], aside: ["Test/Mask/"]),
    Tree(
      layout: "dpdd", split: .train,
      files: [
        "train_c/source/1P0A0917.png", "train_c/target/1P0A0916.png", "train_c/source/1P0A0999.png",
        "train_c/target/1P0A0998.png",
      ],
      pairs: [
        ["train_c/source/1P0A0917.png", "train_c/target/1P0A0916.png"],
        ["train_c/source/1P0A0999.png", "train_c/target/1P0A0998.png"],
      ]),
    Tree(
      layout: "raindrop", split: .test, files: ["test_a/data/0_rain.png", "test_a/gt/0_clean.png"],
      pairs: [["test_a/data/0_rain.png", "test_a/gt/0_clean.png"]]),
    Tree(
      layout: "sidd", split: .train,
      files: ["0001_001_S6/0001_NOISY_SRGB_010.PNG", "0001_001_S6/0001_GT_SRGB_010.PNG"],
      pairs: [["0001_001_S6/0001_NOISY_SRGB_010.PNG", "0001_001_S6/0001_GT_SRGB_010.PNG"]]),
    Tree(
      layout: "cdd-11", split: .test,
      files: ["test/haze/1.png", "test/low_rain/1.png", "test/clear/1.png", "test/clear/2.png"],
      pairs: [
        ["test/haze/1.png", "test/clear/1.png"], ["test/low_rain/1.png", "test/clear/1.png"],
      ], aside: ["test/clear/2.png"]),
  ]

  static let layouts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("datasets/layouts").path

  static func layout(_ name: String) throws -> PairLayout {
    try PairLayout(reading: "\(layouts)/\(name).yaml")
  }

  @Test("every layout has a tree") func complete() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.layouts)
    #expect(Set(files) == Set(Self.trees.map { $0.layout + ".yaml" }))
  }

  @Test("pairs are found, and what is none is listed", arguments: trees)
  func tree(_ tree: Tree) throws {
    let folder = TemporaryFolder()
    for file in tree.files { try touch(folder.file(file)) }
    for (name, text) in tree.lists { try AtomicFile.write(text, to: folder.file(name)) }
    let found = try PairSearch(
      try Self.layout(tree.layout), split: tree.split, in: folder.file(""))
    let pairs: [[String]] = found.pairs.map { [$0.lq.id, $0.gt.id] }
    #expect(pairs == tree.pairs)
    #expect(Set(found.setAside.map(\.file)) == Set(tree.aside))
  }

  private func touch(_ path: String) throws {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    try AtomicFile.write("a picture", to: path)
  }

  @Test("stars take as few characters as they can, and no slash")
  func patterns() {
    func captures(_ pattern: String, _ path: String) -> [String]? {
      PathPattern(pattern).captures(in: path)
    }
    #expect(captures("hazy/*_*", "hazy/0001_0.8_0.2") == ["0001", "0.8_0.2"])
    #expect(captures("in/im_*_s*_a*", "in/im_0001_s80_a04") == ["0001", "80", "04"])
    #expect(captures("*/blur/*", "a/b/blur/c") == nil)
    #expect(captures("a/*", "a/") == nil)
    #expect(captures("*_rain", "0_rain_rain") == ["0_rain"])
    #expect(captures("*x2", "1x2x2") == ["1x2"])
    #expect(captures("clear/1", "clear/1") == [])
    #expect(PathPattern.filled("{2}/{1}_{2}", with: ["a", "b"]) == "b/a_b")
  }

  @Test("a set of another shape, and a broken list, are refused with what was looked for")
  func refusals() throws {
    let folder = TemporaryFolder()
    try touch(folder.file("photo.png"))
    #expect {
      _ = try PairSearch(try Self.layout("lol-v1"), split: .train, in: folder.file(""))
    } throws: {
      "\($0)".contains("has no pair of the split 'train' of LOL v1")
        && "\($0)".contains("looked for our485/low/*")
    }
    for (text, what) in [("one\n", "has 1 columns, 2 are due"), ("../a.png b.png\n", "outside")] {
      try AtomicFile.write(text, to: folder.file("RealBlur_J_train_list.txt"))
      #expect {
        _ = try PairSearch(try Self.layout("realblur-j"), split: .train, in: folder.file(""))
      } throws: {
        "\($0)".contains("RealBlur_J_train_list.txt:1: ") && "\($0)".contains(what)
      }
    }
  }
}
