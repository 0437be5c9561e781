import Basics
import Testing

/// Sizes as people write and read them.
@Suite struct ByteCountTests {
  @Test(
    "sizes are read with units of 1024",
    arguments: [
      ("8GiB", 8 << 30), ("8g", 8 << 30), ("1.5 GiB", 3 << 29), ("512MiB", 512 << 20),
      ("4096", 4096), ("2T", 2 << 40), ("16 b", 16),
    ])
  func reads(text: String, bytes: Int) { #expect(ByteCount(parsing: text)?.bytes == bytes) }

  @Test(
    "what is no size is refused",
    arguments: ["", "GiB", "8GB", "8XiB", "-1GiB", "0", "1.2.3GiB", "nan", "99999999T"])
  func refuses(text: String) { #expect(ByteCount(parsing: text) == nil) }

  @Test(
    "sizes are written with three digits",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (38_168_000, "36.4 MiB"),
      (1 << 20, "1.00 MiB"), (1023 << 20, "1023 MiB"), ((1024 << 20) - 1, "1.00 GiB"),
      (173_946_175_488, "162 GiB"),
    ])
  func writes(bytes: Int, text: String) { #expect("\(ByteCount(bytes))" == text) }

  @Test("counts are grouped, and rounded with units") func counts() {
    #expect(
      [0, 12, 999, 1000, 67_888_835].map { grouped($0) } == [
        "0", "12", "999", "1,000", "67,888,835",
      ])
    #expect(grouped(-1234) == "-1,234")
    #expect(
      [0, 999, 1000, 15_770_361_856, 999_600_000].map { abbreviated($0) }
        == ["0", "999", "1.00 k", "15.8 G", "1.00 G"])
    #expect(alignedRight("ab", 4) + alignedLeft("cd", 4) + "|" == "  abcd  |")
    #expect(alignedRight("abc", 2) + alignedLeft("de", 2) + "|" == " abcde |")
    #expect(trimmedRight(alignedLeft("  ab", 9)) == "  ab" && trimmedRight("   ") == "")
  }

  @Test("this machine has memory free, and no more than its kernel says") func freeMemory() {
    #expect(FreeMemory.bytes > 0)
    #expect(FreeMemory.bytes < 1 << 50)
  }
}
