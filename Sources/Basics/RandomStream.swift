/// A counter-based random generator: the same (seed, index, stream) gives the same numbers, whatever
/// ran before, in whatever order, on however many threads.
///
/// Philox 4x32-10 (Salmon et al., SC 2011). Key: the seed. Counter: block, stream and index. A value
/// costs about 6 ns; `block(_:)` gives random access, so that a C kernel can fill rows in parallel.
public struct RandomStream: Sendable, Equatable {
  /// The seed of the data set or run.
  public let seed: UInt64
  /// What is being made: the number of the record, iteration or patch.
  public let index: UInt64
  /// Which decision about it: the place of an op in a chain, the purpose of a draw.
  public let stream: UInt32

  private var position: UInt32 = 0
  private var words = SIMD4<UInt32>()
  private var spare: Double?

  /// Creates the stream at its first number.
  public init(seed: UInt64, index: UInt64 = 0, stream: UInt32 = 0) {
    self.seed = seed
    self.index = index
    self.stream = stream
  }

  /// Returns four words of the stream, at any place.
  public func block(_ number: UInt32) -> SIMD4<UInt32> {
    var (c0, c1) = (number, stream)
    var (c2, c3) = (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))
    var k0 = UInt32(truncatingIfNeeded: seed)
    var k1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let a = UInt64(0xD251_1F53) &* UInt64(c0)
      let b = UInt64(0xCD9E_8D57) &* UInt64(c2)
      c0 = UInt32(truncatingIfNeeded: b >> 32) ^ c1 ^ k0
      c2 = UInt32(truncatingIfNeeded: a >> 32) ^ c3 ^ k1
      (c1, c3) = (UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: a))
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }

  /// Returns the next 32 random bits.
  public mutating func next32() -> UInt32 {
    if position & 3 == 0 { words = block(position >> 2) }
    defer { position += 1 }
    return words[Int(position & 3)]
  }

  /// Returns the next 64 random bits.
  public mutating func next64() -> UInt64 {
    let (high, low) = position & 1 == 0 ? nextPair() : (next32(), next32())
    return UInt64(high) << 32 | UInt64(low)
  }

  /// Two words of one block, faster than one by one.
  @inline(__always)
  private mutating func nextPair() -> (UInt32, UInt32) {
    let isFirst = position & 3 == 0
    if isFirst { words = block(position >> 2) }
    position += 2
    return isFirst ? (words.x, words.y) : (words.z, words.w)
  }

  /// Returns a number in 0..<1 with 53 random bits.
  public mutating func uniform() -> Double { Double(next64() >> 11) * 0x1p-53 }

  /// Returns a number between the two bounds.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Returns a whole number in 0..<`count`; `count` is at least 1.
  public mutating func integer(below count: Int) -> Int {
    Int(next64().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Returns true with the given probability.
  public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// Returns a draw from the normal distribution with mean 0 and deviation 1 (Box and Muller).
  public mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    let radius = (-2 * ExactMath.log(1 - uniform())).squareRoot()
    let (sine, cosine) = ExactMath.sincos(2 * .pi * uniform())
    spare = radius * sine
    return radius * cosine
  }

  /// Returns the stream of another decision about the same thing, at its first number.
  public func substream(_ stream: UInt32) -> RandomStream {
    RandomStream(seed: seed, index: index, stream: stream)
  }
}
