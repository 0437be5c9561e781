import CPixels

/// CRC-32C (Castagnoli), as TFRecord and iSCSI use it; hardware-accelerated where the CPU has it.
public enum Checksum {
  /// Returns the CRC-32C of `bytes`; "123456789" gives 0xE3069283.
  public static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    dp_crc32c(0, bytes.baseAddress, bytes.count)
  }

  /// Returns the CRC-32C of an array.
  public static func crc32c(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32c($0) } }

  /// Returns the CRC-32 of zip archives (ISO-HDLC); "123456789" gives 0xCBF43926.
  public static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
  }

  private static let table = (0..<256).map { first -> UInt32 in
    (0..<8).reduce(UInt32(first)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
  }

  /// Eight lower-case hexadecimal digits.
  public static func text(_ crc: UInt32) -> String {
    let digits = String(crc, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
