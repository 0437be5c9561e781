import Basics
import Foundation
import TestSupport
import Testing

@testable import Training

/// TensorBoard event files, read by a reader of our own.
@Suite struct EventFileTests {
  @Test("a frame has the bytes that TensorFlow writes") func frameEqualsReference() {
    // The record "abc" as TFRecordWriter writes it.
    #expect(EventFile.frame(Array("abc".utf8)).count == 8 + 4 + 3 + 4)
    #expect(EventFile.frame([]).prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0x29, 0x03, 0x98, 0x07])
  }

  @Test("scalars and pictures are read back") func eventsReadBack() throws {
    let folder = TemporaryFolder()
    let file = try EventFile(in: folder.path, resumingAt: 11)
    try file.write([("train/l_pix", 0.25), ("lr", 3e-4)], iteration: 12)
    try file.write("val/haze", png: [1, 2, 3], width: 5, height: 4, iteration: 300)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let name = try #require(names.first)
    #expect(name.hasPrefix("events.out.tfevents."))
    let events = try Frames(readFile(folder.file(name))).events
    #expect(events.count == 4)
    #expect(events[0][3]?.text == "brain.Event:2")
    #expect(events[1][2]?.number == 11)
    #expect(events[1][7]?.message?[1]?.number == 1)
    #expect(events[2][2]?.number == 12)
    let values = (events[2][5]?.message?.all(1) ?? []).compactMap(\.message)
    #expect(values.map { $0[1]?.text } == ["train/l_pix", "lr"])
    #expect(values.map { $0[2]?.float } == [0.25, Float(3e-4)])
    let image = try #require(events[3][5]?.message?[1]?.message?[4]?.message)
    #expect(events[3][2]?.number == 300)
    #expect([1, 2, 3].map { image[$0]?.number } == [4, 5, 3])
    #expect(image[4]?.bytes == [1, 2, 3])
  }
}

/// The frames of a TFRecord file, checksums checked.
private struct Frames {
  var events: [Fields] = []

  init(_ file: [UInt8]) throws {
    var at = 0
    while at < file.count {
      let length = Int(file[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      #expect(Frames.checksum(file[at + 8..<at + 12]) == Frames.masked(file[at..<at + 8]))
      let payload = file[at + 12..<at + 12 + length]
      let end = at + 12 + length
      #expect(Frames.checksum(file[end..<end + 4]) == Frames.masked(payload))
      events.append(try #require(Fields(Array(payload))))
      at = end + 4
    }
  }

  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let crc = Checksum.crc32c(Array(bytes))
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }
}

/// A protobuf message's fields.
private struct Fields {
  struct Value {
    var number: Int?
    var bytes: [UInt8] = []
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var message: Fields? { Fields(bytes) }
    var float: Float {
      Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }
  private var fields: [(Int, Value)] = []

  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        guard let byte = rest.popFirst() else { return nil }
        value |= UInt64(byte & 0x7F) << UInt64(shift)
        if byte & 0x80 == 0 { return value }
      }
      return nil
    }
    while !rest.isEmpty {
      guard let tag = varint() else { return nil }
      var value = Value()
      switch tag & 7 {
      case 0:
        guard let number = varint() else { return nil }
        value.number = Int(truncatingIfNeeded: number)
      case 1, 5:
        let length = tag & 7 == 1 ? 8 : 4
        guard rest.count >= length else { return nil }
        value.bytes = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
      default:
        guard let length = varint(), rest.count >= length else { return nil }
        value.bytes = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
      }
      fields.append((Int(tag >> 3), value))
    }
  }

  subscript(number: Int) -> Value? { fields.first { $0.0 == number }?.1 }
  func all(_ number: Int) -> [Value] { fields.filter { $0.0 == number }.map(\.1) }
}
