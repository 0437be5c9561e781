import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

@Suite struct PhotoLibraryTests {
  private let folder = TemporaryFolder()

  private func library(_ folders: [String], _ split: Split, crop: String = "random", size: Int = 32)
    throws -> PhotoLibrary
  {
    var recipe = try recipe("classes: 5d\ngt_size: \(size)\npatch: {crop: \(crop)}\n", in: folder)
    try recipe.override(folders: folders, count: nil, seed: nil, size: nil)
    return try PhotoLibrary(recipe, split: split, workers: 2) { _, _ in }
  }

  @Test("every photograph is in one split, and the shares are kept") func splits() throws {
    let path = try photos(20, in: folder)
    let parts = try Split.allCases.map { try library([path], $0).photos.map(\.id) }
    #expect(parts.map(\.count) == [16, 2, 2])
    #expect(Set(parts.joined()).count == 20)
  }

  @Test("equal files are never in two splits: the second is set aside") func twins() throws {
    let path = try photos(4, in: folder)
    try FileManager.default.copyItem(atPath: path + "/photo-1.png", toPath: path + "/twin.png")
    let found = try library([path], .train)
    #expect(found.setAside.map(\.file) == ["photos/twin.png"])
    #expect(found.setAside.first?.reason == "is the same file as photos/photo-1.png")
  }

  @Test("a folder with train and test inside is split already") func splitFolders() throws {
    let path = try photos(6, in: folder)
    let manager = FileManager.default
    for (split, numbers) in [("train", 0..<4), ("test", 4..<6)] {
      try manager.createDirectory(atPath: "\(path)/\(split)", withIntermediateDirectories: true)
      for i in numbers {
        try manager.moveItem(
          atPath: "\(path)/photo-\(i).png", toPath: "\(path)/\(split)/photo-\(i).png")
      }
    }
    #expect(try library([path], .train).photos.count == 4)
    #expect(
      try library([path], .test).photos.map(\.id) == [
        "photos/test/photo-4.png", "photos/test/photo-5.png",
      ])
  }

  @Test("a training file that is in the test folder too is set aside") func leak() throws {
    let path = try photos(0, in: folder)
    for (split, numbers) in [("train", 0..<4), ("test", 3..<6)] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(split)", withIntermediateDirectories: true)
      for i in numbers {
        try PNGFile.write(photo(i, width: 40, height: 40), to: "\(path)/\(split)/\(split)-\(i).png")
      }
    }
    let training = try library([path], .train)
    #expect(training.photos.count == 3)
    #expect(training.setAside.first?.file == "photos/train/train-3.png")
    #expect(training.setAside.first?.reason == "is the same file as photos/test/test-3.png")
    #expect(try library([path], .test).photos.count == 3)
  }

  @Test("folders of one name keep their pictures apart") func sameName() throws {
    let first = try photos(6, in: folder)
    let second = folder.file("more/photos")
    try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
    for i in 6..<10 {
      try PNGFile.write(photo(i, width: 40, height: 40), to: "\(second)/photo-0\(i).png")
    }
    let parts = try Split.allCases.map { try library([first, second], $0, crop: "centre").photos }
    let ids = parts.joined().map(\.id).sorted()
    #expect(ids.count == 10 && Set(ids).count == 10)
    #expect(ids.first == "photos-2/photo-06.png")
  }

  @Test("a bad picture is set aside with its reason, and the others are used") func badPicture()
    throws
  {
    let path = try photos(10, in: folder)
    let whole = try readFile(path + "/photo-3.png")
    try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: path + "/cut.png")
    try AtomicFile.write("no picture", to: path + "/text.jpg")
    let found = try library([path], .train)
    #expect(found.photos.count == 8)
    #expect(found.setAside.map(\.file) == ["photos/cut.png", "photos/text.jpg"])
    #expect(found.setAside.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains(folder.path) })
  }

  @Test("pictures smaller than the patch are set aside for training and filled up for tests")
  func small() throws {
    let path = try photos(10, in: folder)
    for i in 10..<20 {
      try PNGFile.write(photo(i, width: 60, height: 26), to: "\(path)/photo-\(i).png")
    }
    let training = try library([path], .train)
    #expect(training.photos.count + training.setAside.count == 16)
    #expect(training.photos.allSatisfy { $0.height == 40 })
    #expect(training.setAside.first?.reason == "has 60x26 pixels, less than the patch of 32")
    let testing = try library([path], .train, crop: "centre")
    #expect(testing.photos.count == 16 && testing.setAside.isEmpty)
  }

  @Test("a missing or empty folder is named, with what to do") func nothing() throws {
    let missing = #expect(throws: Problem.self) { try library(["/none/photos"], .train) }
    #expect(missing?.place == "/none/photos")
    let empty = folder.file("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let none = #expect(throws: Problem.self) { try library([empty], .train) }
    #expect(none?.what == "no usable picture for the split train, 0 set aside")
  }
}
