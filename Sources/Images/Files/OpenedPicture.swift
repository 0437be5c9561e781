import Basics
import CCodecs

/// A picture file whose header has been read and accepted.
struct OpenedPicture {
  let codec: Codec
  let header: dc_picture
  /// 1...8 as in EXIF.
  let orientation: Int

  /// Sides in pixels as stored, before the orientation is applied.
  var width: Int { Int(header.width) }
  var height: Int { Int(header.height) }

  /// Reads the header and refuses what cannot or must not be decoded.
  init(_ file: [UInt8], _ codec: Codec, _ place: String, _ limit: Double) throws(Problem) {
    self.codec = codec
    let notes = codec.notes(file)
    guard !notes.isAnimated else {
      throw pictureProblem(place, dc_refused, "is an animated picture", codec)
    }
    var header = dc_picture()
    let (status, text) = withMessage { codec.info(file, file.count, &header, $0) }
    guard status == dc_ok else { throw pictureProblem(place, status, text, codec) }
    self.header = header
    orientation = (1...8).contains(header.orientation) ? Int(header.orientation) : notes.orientation
    guard width > 0 && height > 0 else {
      throw Problem(place, "has no pixels (\(width)x\(height))", fix: "leave the file out")
    }
    let megapixels = Double(width) * Double(height) / 1e6
    guard megapixels <= limit else {
      throw Problem(
        place,
        "says it has \(width)x\(height) pixels, above the limit of \(Int(limit)) megapixels",
        fix: "cut it into smaller pictures, or leave it out if its header is damaged")
    }
  }

  /// Decodes the pixels and turns them upright.
  func picture(_ file: [UInt8], _ place: String) throws(Problem) -> Picture {
    let pixels =
      header.depth == 16
      ? try codes(file, place, as: UInt16.self).map { Float($0) / 65535 }
      : try codes(file, place, as: UInt8.self).map { Float($0) / 255 }
    let stored = Image(
      width: width, height: height, channels: Int(header.channels), pixels: pixels)
    return Picture(
      image: stored.upright(from: orientation), depthBits: Int(header.depth),
      isJPEG: codec.name == "jpeg", hadAlpha: header.has_alpha != 0, format: codec.name)
  }

  /// Reads one channel as it is stored, and turns it upright.
  func map(_ file: [UInt8], _ place: String) throws(Problem) -> StoredMap {
    guard header.channels == 1 else {
      throw Problem(place, "has colours, a map has one channel", fix: Codec.mapAdvice)
    }
    let values =
      switch header.depth {
      case 8: try codes(file, place, as: UInt8.self).map { Float($0) }
      case 16: try codes(file, place, as: UInt16.self).map { Float($0) }
      default: try codes(file, place, as: Float.self)
      }
    let stored = Image(width: width, height: height, channels: 1, pixels: values)
    return StoredMap(values: stored.upright(from: orientation), bits: Int(header.depth))
  }

  private func codes<Code: BitwiseCopyable>(_ file: [UInt8], _ place: String, as: Code.Type)
    throws(Problem) -> [Code]
  {
    var failure: Problem?
    // Not filled beforehand: a forged header costs address space, not memory.
    let count = width * height * Int(header.channels)
    let codes = [Code](unsafeUninitializedCapacity: count) { buffer, filled in
      let (status, text) = withMessage { message in
        withUnsafePointer(to: header) {
          codec.read(file, file.count, $0, UnsafeMutableRawPointer(buffer.baseAddress), message)
        }
      }
      filled = status == dc_ok ? count : 0
      if status != dc_ok { failure = pictureProblem(place, status, text, codec) }
    }
    if let failure { throw failure }
    return codes
  }
}

/// The sentence for a decoder's refusal.
private func pictureProblem(_ place: String, _ status: dc_status, _ text: String, _ codec: Codec)
  -> Problem
{
  let name = codec.name.uppercased()
  return switch status {
  case dc_truncated:
    Problem(place, "\(name) picture is cut short: \(text)", fix: "fetch the file again")
  case dc_refused:
    Problem(place, text, fix: codec.advice)
  default:
    Problem(place, "\(name) picture is damaged: \(text)", fix: "fetch the file again")
  }
}

extension Image {
  /// Returns the upright picture of one stored under an EXIF orientation (1...8).
  func upright(from orientation: Int) -> Image {
    switch orientation {
    case 2: flippedHorizontally()
    case 3: turned(quarterTurns: 2)
    case 4: turned(quarterTurns: 2).flippedHorizontally()
    case 5: turned(quarterTurns: 1).flippedHorizontally()
    case 6: turned(quarterTurns: 1)
    case 7: turned(quarterTurns: 3).flippedHorizontally()
    case 8: turned(quarterTurns: 3)
    default: self
    }
  }
}
