import Basics
import Testing

@Suite struct RandomStreamTests {
  @Test("Philox gives the published known answers")
  func knownAnswers() {
    // Random123's kat_vectors: philox4x32 10, counter and key zero, and all ones.
    let zero = RandomStream(seed: 0).block(0)
    #expect(zero == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = RandomStream(seed: .max, index: .max, stream: .max).block(.max)
    #expect(ones == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  }

  @Test("normal draws have mean 0, deviation 1 and the right tails")
  func normalMoments() {
    var random = RandomStream(seed: 5, index: 7)
    let draws = (0..<200_000).map { _ in random.normal() }
    let mean = draws.reduce(0, +) / Double(draws.count)
    let variance = draws.map { $0 * $0 }.reduce(0, +) / Double(draws.count)
    let beyondTwo = Double(draws.filter { abs($0) > 2 }.count) / Double(draws.count)
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 1) < 0.02)
    #expect(abs(beyondTwo - 0.0455) < 0.003)
  }

  @Test("streams with another seed, index or number share nothing")
  func independence() {
    var a = RandomStream(seed: 1, index: 1, stream: 1)
    var others = [
      RandomStream(seed: 2, index: 1, stream: 1), RandomStream(seed: 1, index: 2, stream: 1),
      RandomStream(seed: 1, index: 1, stream: 2),
    ]
    let first = a.next64()
    for i in others.indices { #expect(others[i].next64() != first) }
  }
}
