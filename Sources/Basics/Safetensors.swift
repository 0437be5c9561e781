/// One named array of a safetensors file: dtype, shape and its bytes, little-endian, row major.
public struct SafetensorsEntry: Sendable, Equatable {
  /// The element type as the format spells it: "F32", "I64", "U8" ...
  public let type: String
  /// The sides, outermost first; empty for a scalar.
  public let shape: [Int]
  /// The elements.
  public let bytes: [UInt8]

  /// Creates an entry from raw bytes.
  public init(type: String, shape: [Int], bytes: [UInt8]) {
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// Creates a 32-bit floating point entry.
  public init(shape: [Int], floats: [Float]) {
    require(
      shape.reduce(1, *) == floats.count, "safetensors: \(floats.count) values for shape \(shape)")
    self.init(type: "F32", shape: shape, bytes: floats.withUnsafeBytes { Array($0) })
  }

  /// The elements of a floating point entry, rounded to 32 bits where they have more; nil for other types.
  public var floats: [Float]? {
    switch type {
    case "F32": elements { (value: Float) in value }
    case "F16": elements { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case "BF16": elements { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case "F64": elements { (value: Double) in Float(value) }
    default: nil
    }
  }

  private func elements<Stored: BitwiseCopyable>(_ convert: (Stored) -> Float) -> [Float] {
    let width = MemoryLayout<Stored>.size
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / width).map {
        convert(raw.loadUnaligned(fromByteOffset: width * $0, as: Stored.self))
      }
    }
  }

  /// The elements of an integer entry ("I64" or "U8"); nil for other types.
  public var integers: [Int]? {
    switch type {
    case "U8": bytes.map { Int($0) }
    case "I64":
      bytes.withUnsafeBytes { raw in
        (0..<raw.count / 8).map { Int(raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
      }
    default: nil
    }
  }
}

extension SafetensorsEntry {
  /// Bytes of an element by its type.
  static let widths = [
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
    "U16": 2, "I8": 1, "U8": 1, "BOOL": 1,
  ]

  /// The elements of a shape; nil when a side is negative, or there are 2^40 and more.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for side in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: side)
      guard side >= 0, !overflow, next < 1 << 40 else { return nil }
      count = next
    }
    return count
  }
}

/// A safetensors file: named arrays and string metadata (huggingface/safetensors, format 0.x).
public struct Safetensors: Sendable {
  /// The arrays in the order they are written.
  public var entries: [(name: String, entry: SafetensorsEntry)]
  /// The texts under `__metadata__`.
  public var metadata: [(key: String, value: String)]

  /// Creates a file's content.
  public init(
    _ entries: [(name: String, entry: SafetensorsEntry)] = [],
    metadata: [(key: String, value: String)] = []
  ) {
    self.entries = entries
    self.metadata = metadata
  }

  /// The entry of that name.
  public subscript(name: String) -> SafetensorsEntry? { entries.first { $0.name == name }?.entry }

  /// Reads a file whole.
  ///
  /// - Throws: `Problem` naming the file, and the tensor where one is at fault.
  public init(reading path: String) throws(Problem) {
    let file = try readFile(path)
    guard file.count >= 8 else {
      throw Problem(
        path, "is not a safetensors file: \(file.count) bytes",
        fix: "give a file such as the weights.safetensors of a run")
    }
    let length = file.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    guard length <= UInt64(file.count - 8) else {
      throw Problem(
        path, "is not a safetensors file: header of \(length) bytes in a file of \(file.count)",
        fix: "give a file such as the weights.safetensors of a run")
    }
    let data = 8 + Int(length)
    let header = try JSON(parsing: file[8..<data], place: path)
    guard let members = header.object else {
      throw Problem(path, "safetensors header is not an object")
    }
    self.init()
    for member in members {
      if member.key == "__metadata__" {
        metadata = (member.value.object ?? []).map { ($0.key, $0.value.string ?? "") }
      } else {
        entries.append((member.key, try Safetensors.entry(member, file, data, path)))
      }
    }
  }

  private static func entry(_ member: JSON.Member, _ file: [UInt8], _ data: Int, _ path: String)
    throws(Problem) -> SafetensorsEntry
  {
    let value = member.value
    guard let type = value["dtype"]?.string, let width = SafetensorsEntry.widths[type],
      let shape = value["shape"]?.array?.compactMap(\.integer),
      let range = value["data_offsets"]?.array?.compactMap(\.integer), range.count == 2,
      0 <= range[0], range[0] <= range[1], range[1] <= file.count - data,
      let count = SafetensorsEntry.count(of: shape), range[1] - range[0] == count * width
    else {
      throw Problem(
        path, "tensor '\(member.key)' does not fit the file",
        fix: "the file is damaged; fetch it again")
    }
    return SafetensorsEntry(
      type: type, shape: shape, bytes: Array(file[data + range[0]..<data + range[1]]))
  }

  /// The bytes of the file; equal contents give equal bytes.
  public func serialized() -> [UInt8] {
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      members.append(
        JSON.Member(
          "__metadata__", .object(metadata.map { JSON.Member($0.key, .string($0.value)) })))
    }
    var offset = 0
    for (name, entry) in entries {
      members.append(
        JSON.Member(
          name,
          [
            "dtype": .string(entry.type), "shape": .array(entry.shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + entry.bytes.count)],
          ]))
      offset += entry.bytes.count
    }
    var header = Array(JSON.object(members).compact.utf8)
    // The data begins at a multiple of 8, as the reference writer does it.
    header += [UInt8](repeating: 32, count: (8 - header.count % 8) % 8)
    var out: [UInt8] = []
    out.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { out += $0 }
    out += header
    for (_, entry) in entries { out += entry.bytes }
    return out
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(Problem) {
    try AtomicFile.write(serialized(), to: path)
  }
}
