import CCrypto

/// SHA-256 of bytes that arrive in pieces, computed by OpenSSL (which uses the CPU's own instructions).
public final class Digest {
  private let context: OpaquePointer

  /// Creates the digest of no bytes.
  public init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Ends the digest and returns it as 64 lower-case hexadecimal digits.
  public func finish() -> String {
    var out = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &out, nil)
    return Digest.hexadecimal(out)
  }

  /// Returns the SHA-256 of `bytes` in hexadecimal.
  public static func sha256(_ bytes: [UInt8]) -> String {
    let digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
