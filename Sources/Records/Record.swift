import Basics

/// The members that share a key in a shard: a degraded picture, its clean twin and their label.
public struct Record: Equatable, Sendable {
  /// Nine digits; the record's name in its shard.
  public let key: String
  /// Name behind the key (`lq.npy`) and content, sorted by name.
  public var members: [(name: String, bytes: [UInt8])]

  /// Creates a record from members in any order.
  public init(key: String, members: [(name: String, bytes: [UInt8])]) {
    self.key = key
    self.members = members.sorted { $0.name < $1.name }
  }

  /// Creates the record of a picture pair.
  ///
  /// - Parameters:
  ///   - label: The record's JSON without its `crc32c`.
  ///   - shape: Height, width, channels of both pictures.
  ///   - planes: Further `.npy` files, with their fields.
  ///   - textSize: The bytes that the JSON member fills, the same for a whole set.
  /// - Returns: nil when the label needs more than `textSize` bytes.
  public init?(
    index: Int, label: JSON, lq: [UInt8], gt: [UInt8], shape: [Int],
    planes: [(name: String, bytes: [UInt8])] = [], textSize: Int
  ) {
    let pictures =
      [
        (name: Record.gtField, bytes: NPYArray.file(gt, shape: shape)),
        (name: Record.lqField, bytes: NPYArray.file(lq, shape: shape)),
      ] + planes
    guard let text = RecordText.bytes(label, beside: pictures, size: textSize) else { return nil }
    self.init(
      key: Record.key(index), members: pictures + [(name: Record.textField, bytes: text)])
  }

  /// The key of record number `index`.
  public static func key(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  /// The clean picture's field in the raw form.
  public static let gtField = "gt.npy"
  /// The degraded picture's field in the raw form.
  public static let lqField = "lq.npy"
  /// The label's field.
  public static let textField = "json"

  /// Compares key and members.
  public static func == (a: Record, b: Record) -> Bool {
    a.key == b.key
      && a.members.elementsEqual(b.members) { $0.name == $1.name && $0.bytes == $1.bytes }
  }
}
