import Basics
import Images
import Testing

@Suite("JPEG goldens") struct JpegGoldenTests {
  @Test("files and pixels are those of libjpeg to the bit")
  func cases() throws {
    let golden = try GoldenFamily("jpeg")
    let input = try GoldenInput()
    let limit = try golden.tolerance("same libjpeg-turbo")
    for entry in try #require(golden.facts["cases"]?.array) {
      let quality = try #require(entry["q"]?.integer)
      let kind = try #require(entry["subsampling"]?.string)
      let name = "q\(quality).\(kind)"
      let subsampling = kind.map(String.init).joined(separator: ":")
      let form = try #require(JPEGFile.Subsampling(rawValue: subsampling))
      let file = JPEGFile.encode(input.image, quality: quality, subsampling: form)
      #expect(greatest(file, try golden.codes("\(name).bytes_opencv")) <= limit, "\(name)")
      let made = try input.made(
        "jpeg",
        [
          "passes": 1, "quality": .integer(quality), "grid": [0, 0],
          "subsampling": .string(subsampling),
        ], .srgb)
      #expect(
        greatest(made.bytes, try golden.codes("\(name).decoded_opencv_u8")) <= limit, "\(name)")
    }
  }

  @Test("the quantisation tables are those of annex K, scaled by quality")
  func tables() throws {
    let golden = try GoldenFamily("jpeg")
    let image = try GoldenInput().image
    for name in golden.names where name.hasSuffix(".qtable_luma") {
      let quality = try #require(Int(name.dropFirst().prefix { $0 != "." }))
      let file = JPEGFile.encode(image, quality: quality, subsampling: .none)
      let tables = quantisationTables(of: file)
      #expect(tables[0] == (try words(golden, name)))
      #expect(tables[1] == (try words(golden, "q\(quality).qtable_chroma")))
    }
  }

  private func words(_ golden: GoldenFamily, _ name: String) throws -> [Int] {
    try #require(golden.file[name]).bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Int(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)))
      }
    }
  }

  /// The 8-bit tables of a file's DQT segments by their number, row by row.
  private func quantisationTables(of file: [UInt8]) -> [Int: [Int]] {
    var tables: [Int: [Int]] = [:]
    var i = 2
    while i + 4 < file.count && file[i + 1] != 0xDA {
      let length = Int(file[i + 2]) << 8 | Int(file[i + 3])
      if file[i + 1] == 0xDB {
        for start in stride(from: i + 4, to: i + 2 + length, by: 65) {
          var table = [Int](repeating: 0, count: 64)
          for (k, place) in zigzag().enumerated() { table[place] = Int(file[start + 1 + k]) }
          tables[Int(file[start] & 15)] = table
        }
      }
      i += 2 + length
    }
    return tables
  }

  /// The places of an 8x8 block along its diagonals, up and down in turn.
  private func zigzag() -> [Int] {
    (0..<15).flatMap { diagonal in
      let rows = (0..<8).filter { (0..<8).contains(diagonal - $0) }
      return (diagonal % 2 == 0 ? rows.reversed() : rows).map { $0 * 8 + diagonal - $0 }
    }
  }
}
