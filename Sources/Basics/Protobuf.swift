/// The bytes of a protobuf message under construction; fields by number.
public struct ProtobufMessage {
  /// The message so far.
  public private(set) var bytes: [UInt8] = []

  /// Creates an empty message.
  public init() {}

  /// Appends a whole number.
  public mutating func append(_ field: Int, _ value: Int) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// Appends a 64-bit number.
  public mutating func append(_ field: Int, _ value: Double) {
    varint(UInt64(field << 3 | 1))
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  /// Appends a 32-bit number.
  public mutating func append(_ field: Int, _ value: Float) {
    varint(UInt64(field << 3 | 5))
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  /// Appends bytes.
  public mutating func append(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  /// Appends a text.
  public mutating func append(_ field: Int, _ value: String) { append(field, Array(value.utf8)) }
  /// Appends a message within this one.
  public mutating func append(_ field: Int, _ value: ProtobufMessage) { append(field, value.bytes) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
