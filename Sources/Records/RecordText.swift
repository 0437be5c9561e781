import Basics

/// The JSON member of a record: one line, padded with blanks to the set's size, with the CRC-32C of
/// every member, its own included.
///
/// Its own checksum is taken over its bytes with those eight digits set to `00000000`.
public enum RecordText {
  private static let blankDigits = "00000000"
  private static let key = Array("\"crc32c\":{".utf8)

  /// The text for `label` (which has no `crc32c` yet); nil when it does not fit into `size` bytes.
  static func bytes(
    _ label: JSON, beside siblings: [(name: String, bytes: [UInt8])], size: Int
  ) -> [UInt8]? {
    var checksums = siblings.map {
      JSON.Member($0.name, .string(Checksum.text(Checksum.crc32c($0.bytes))))
    }
    checksums.append(JSON.Member(Record.textField, .string(blankDigits)))
    checksums.sort { $0.key < $1.key }
    var whole = label
    whole["crc32c"] = .object(checksums)
    var text = Array(whole.compact.utf8)
    guard text.count < size else { return nil }
    text += [UInt8](repeating: UInt8(ascii: " "), count: size - 1 - text.count)
    text.append(UInt8(ascii: "\n"))
    let own = Checksum.text(Checksum.crc32c(text))
    if let place = text.withUnsafeBytes({ places($0) })?[Record.textField] {
      text.replaceSubrange(place, with: own.utf8)
    }
    return text
  }

  /// The same text padded to another size; nil when it does not fit, or is no record's text.
  static func resized(_ text: [UInt8], to size: Int) -> [UInt8]? {
    var text = text
    while let last = text.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\n") {
      text.removeLast()
    }
    guard text.count < size else { return nil }
    text += [UInt8](repeating: UInt8(ascii: " "), count: size - 1 - text.count)
    text.append(UInt8(ascii: "\n"))
    guard let place = text.withUnsafeBytes({ places($0) })?[Record.textField] else { return nil }
    text.replaceSubrange(place, with: blankDigits.utf8)
    text.replaceSubrange(place, with: Checksum.text(Checksum.crc32c(text)).utf8)
    return text
  }

  /// The checksums that a record's text states; nil when they cannot be found.
  static func checksums(_ text: UnsafeRawBufferPointer) -> [String: UInt32]? {
    guard let places = places(text) else { return nil }
    var found: [String: UInt32] = [:]
    for (field, place) in places {
      let digits = String(decoding: text[place], as: UTF8.self)
      // Only the writer's spelling counts: a flipped bit may turn a letter into its capital.
      guard let value = UInt32(digits, radix: 16), Checksum.text(value) == digits else {
        return nil
      }
      found[field] = value
    }
    return found
  }

  /// Whether the text fits the checksum of itself.
  static func isIntact(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let place = places(text)?[Record.textField],
      let stated = checksums(text)?[Record.textField]
    else { return false }
    var copy = Array(text)
    copy.replaceSubrange(place, with: blankDigits.utf8)
    return Checksum.crc32c(copy) == stated
  }

  /// Where the eight digits of each member stand: the last object of the text, read without a parser
  /// since every record that is handed out is checked.
  private static func places(_ text: UnsafeRawBufferPointer) -> [String: Range<Int>]? {
    guard let start = lastKey(text) else { return nil }
    var found: [String: Range<Int>] = [:]
    var at = start + key.count
    while at < text.count, text[at] == UInt8(ascii: "\"") {
      guard let end = text[(at + 1)...].firstIndex(of: UInt8(ascii: "\"")), end + 12 < text.count,
        text[end + 1] == UInt8(ascii: ":"), text[end + 2] == UInt8(ascii: "\""),
        text[end + 11] == UInt8(ascii: "\"")
      else { return nil }
      found[String(decoding: text[at + 1..<end], as: UTF8.self)] = end + 3..<end + 11
      at = text[end + 12] == UInt8(ascii: ",") ? end + 13 : end + 12
    }
    return found.isEmpty ? nil : found
  }

  private static func lastKey(_ text: UnsafeRawBufferPointer) -> Int? {
    let ending = text.lastIndex { $0 != 32 && $0 != 10 } ?? 0
    var at = ending - key.count
    while at >= 0 {
      if text[at] == key[0], text[at..<at + key.count].elementsEqual(key) { return at }
      at -= 1
    }
    return nil
  }
}
