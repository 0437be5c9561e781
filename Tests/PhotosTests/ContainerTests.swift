import Basics
import Testing

@testable import Photos

@Suite struct ContainerTests {
  @Test("a Qt resource file gives its files by name")
  func qtResource() throws {
    let file = Containers.qt([("a.webp", [1, 2, 3]), ("b\u{e9}.webp", [4])])
    let resource = try QtResource(file, place: "x")
    #expect(try resource.file("a.webp") == [1, 2, 3])
    #expect(try resource.file("b\u{e9}.webp") == [4])
    #expect(try resource.file("c.webp") == nil)
  }

  @Test("a compressed photograph is refused by name")
  func compressed() throws {
    let resource = try QtResource(Containers.qt([("a.webp", [1])], flags: 1), place: "x")
    #expect(throws: Problem.self) { try resource.file("a.webp") }
  }

  @Test("the longest JPEG of a theme is its photograph")
  func theme() throws {
    let pieces: [(name: String, data: [UInt8])] = [
      ("edje/file", [UInt8](repeating: 0, count: 50)), ("edje/images/0", [0xFF, 0xD8, 1]),
      ("edje/images/1", [0xFF, 0xD8, 1, 2]), ("edje/images/2", [9, 9, 9, 9, 9, 9]),
    ]
    #expect(try EETFile.largestJPEG(in: Containers.eet(pieces), place: "x") == [0xFF, 0xD8, 1, 2])
    #expect(try EETFile.largestJPEG(in: Containers.eet([]), place: "x") == nil)
  }

  @Test("changed and cut containers end in a problem or in data", arguments: [false, true])
  func damaged(theme: Bool) throws {
    let pieces: [(name: String, data: [UInt8])] = [
      ("edje/images/0", [0xFF, 0xD8, 1]), ("edje/images/1", [0xFF, 0xD8, 1, 2]),
    ]
    let whole = theme ? Containers.eet(pieces) : Containers.qt(pieces)
    var random = RandomStream(seed: 5)
    for round in 0..<400 {
      var file = whole
      if round < whole.count {
        file.removeLast(round + 1)
      } else {
        for _ in 0..<2 {
          file[random.integer(below: file.count)] = UInt8(random.integer(below: 256))
        }
      }
      do throws(Problem) {
        _ =
          theme
          ? try EETFile.largestJPEG(in: file, place: "x")
          : try QtResource(file, place: "x").file("edje/images/0")
      } catch {
        #expect(error.place == "x" && !error.what.isEmpty)
      }
    }
  }
}
