import Images
import Testing

@Suite struct CodecVersionsTests {
  @Test("every library tells a version of digits and points") func versions() {
    #expect(CodecVersions.all.map(\.name) == ["libjpeg", "libpng", "libtiff", "libwebp"])
    for (_, version) in CodecVersions.all {
      #expect(version.split(separator: ".").count >= 3, "\(version)")
      #expect(version.allSatisfy { $0.isNumber || $0 == "." }, "\(version)")
    }
  }
}
