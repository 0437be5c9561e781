import Basics
import Degradations
import Images
import TestSupport
import Testing

@testable import Synthesis

@Suite struct DepthFileTests {
  private let numbers = [0, 3, 200, 7, 255, 90]

  private func values(_ file: [UInt8]) throws -> (StoredMap, [Float]) {
    let map = try DepthFile.decode(file, place: "m.npy")
    return (map, map.values.pixels)
  }

  @Test("NumPy arrays of every kind are the same map") func arrays() throws {
    let wanted = numbers.map { Float($0) }
    let little = numbers.map { bytes(of: UInt16($0)) }
    let doubles = numbers.flatMap { bytes(of: Double($0).bitPattern) }
    let files = [
      npy(numbers.map { UInt8($0) }, type: "|u1", shape: [2, 3]),
      npy(Array(little.joined()), type: "<u2", shape: [2, 3, 1]),
      npy(little.flatMap { $0.reversed() }, type: ">u2", shape: [2, 3]),
      npy(wanted, shape: [2, 3]), npy(doubles, type: "<f8", shape: [2, 3]),
    ]
    for (file, bits) in zip(files, [8, 16, 16, 32, 32]) {
      let (map, found) = try values(file)
      #expect(found == wanted && map.bits == bits)
      #expect(map.values.width == 3 && map.values.height == 2)
    }
  }

  @Test("pictures of codes are read too, by their content") func pictures() throws {
    let (map, found) = try values(mapFile(3, 1) { x, _ in Float(x) / 2 })
    #expect(map.bits == 16 && found == [0, 32768, 65535])
  }

  @Test("arrays that are no map are refused in a line") func refused() throws {
    func problem(_ file: [UInt8]) -> String {
      let error = #expect(throws: Problem.self) { try DepthFile.decode(file, place: "m") }
      return error?.description ?? ""
    }
    let colours = npy([UInt8](repeating: 1, count: 18), type: "|u1", shape: [2, 3, 3])
    #expect(problem(colours).hasPrefix("m: has the shape [2, 3, 3], not height x width\n"))
    let signed = npy([UInt8](repeating: 1, count: 6), type: "|i1", shape: [2, 3])
    #expect(problem(signed).hasPrefix("m: has elements of type '|i1'\n"))
    #expect(problem(Array(colours.prefix(60))).hasPrefix("m: npy: the header announces"))
    #expect(problem(Array("text".utf8)).hasPrefix("m: is not a map\n"))
    #expect(problem([]).hasPrefix("m: is an empty file\n"))
  }

  private func map(_ file: [UInt8], _ width: Int, _ height: Int) throws -> DepthMap {
    try DepthMap(
      file, id: "maps/m", encoding: DepthEncoding(.distance), width: width, height: height,
      place: "m")
  }

  @Test("a map of another size is resized to the picture; one of another shape is refused")
  func sizes() throws {
    let ramp = mapFile(8, 4) { x, _ in (Float(x) + 0.5) / 8 }
    let larger = try map(ramp, 32, 16)
    for x in 4..<28 { #expect(abs(larger.depth[x, 5, 0] - (Float(x) + 0.5) / 32) < 1e-4) }
    let smaller = try map(ramp, 4, 2)
    for x in 0..<4 { #expect(abs(smaller.depth[x, 1, 0] - (Float(x) + 0.5) / 4) < 1e-4) }
    #expect(try map(ramp, 8, 4).label["width"] == 8)
    let error = #expect(throws: Problem.self) { try map(ramp, 4, 8) }
    #expect(error?.what == "is 8x4, of another shape than the picture, 4x8")
  }

  @Test("unknown places are filled before a map is resized") func fillThenResize() throws {
    let file = npy([0.5, .nan, .nan, 0.5], shape: [2, 2])
    let made = try map(file, 8, 8)
    #expect(made.depth.pixels.allSatisfy { $0 == 0.5 })
    #expect(made.label["filled"] == 0.5)
  }
}
