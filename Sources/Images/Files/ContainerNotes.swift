/// What the chunks around the pixels say that the decoders do not: which way is up, and whether the
/// picture moves.
///
/// The chunks are walked here, in memory-safe code, because they come from strangers.
struct ContainerNotes: Equatable {
  /// 1...8 as in EXIF; 1 is upright.
  var orientation = 1
  var isAnimated = false

  /// Notes on a file whose decoder knows all there is to know.
  init() {}

  /// Notes on a PNG file: its eXIf chunk; an acTL chunk makes it animated.
  init(png file: [UInt8]) {
    let reader = ByteReader(file[...], bigEndian: true)
    var place = 8
    while let size = reader.u32(place), let name = reader.text(place + 4, 4) {
      if name == "acTL" { isAnimated = true }
      if name == "eXIf" { note(exif: reader.slice(place + 8, size)) }
      place += 12 + size
    }
  }

  /// Notes on a JPEG file: its first APP1 segment with EXIF data.
  init(jpeg file: [UInt8]) {
    let reader = ByteReader(file[...], bigEndian: true)
    var place = 2
    while let marker = reader.u16(place), let size = reader.u16(place + 2), size >= 2 {
      // The picture itself begins at SOS; what is no marker is damage, which the decoder reports.
      guard marker >> 8 == 0xFF, marker != 0xFFDA else { return }
      if marker == 0xFFE1, reader.text(place + 4, 6) == "Exif\0\0" {
        note(exif: reader.slice(place + 10, size - 8))
        return
      }
      place += 2 + size
    }
  }

  /// Notes on a WebP file: its EXIF chunk; an ANIM chunk makes it animated.
  init(webp file: [UInt8]) {
    let reader = ByteReader(file[...], bigEndian: false)
    var place = 12
    while let name = reader.text(place, 4), let size = reader.u32(place + 4) {
      if name == "ANIM" { isAnimated = true }
      if name == "EXIF" {
        // Some writers keep the letters that belong to JPEG's segment.
        let letters = reader.text(place + 8, 6) == "Exif\0\0" ? 6 : 0
        note(exif: reader.slice(place + 8 + letters, size - letters))
      }
      place += 8 + size + size % 2
    }
  }

  private mutating func note(exif: ArraySlice<UInt8>?) {
    if let exif, let value = exifOrientation(exif) { orientation = value }
  }
}

/// Returns tag 0x112 of the first directory of EXIF data (a TIFF structure), if it is 1...8.
func exifOrientation(_ exif: ArraySlice<UInt8>) -> Int? {
  let order = exif.prefix(2)
  guard order.elementsEqual("MM".utf8) || order.elementsEqual("II".utf8) else { return nil }
  let reader = ByteReader(exif, bigEndian: order.elementsEqual("MM".utf8))
  guard let directory = reader.u32(4), let entries = reader.u16(directory) else { return nil }
  for entry in 0..<entries {
    let place = directory + 2 + 12 * entry
    guard let tag = reader.u16(place) else { return nil }
    if tag == 0x112, let value = reader.u16(place + 8), (1...8).contains(value) { return value }
  }
  return nil
}
