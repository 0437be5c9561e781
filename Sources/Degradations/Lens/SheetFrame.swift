import CPixels
import Images

/// The pixels of one sheet in a mirrored border, empty elsewhere, ready to be blurred.
///
/// Only what the sheet's light can reach is blurred and laid over what is behind it; the frame is used
/// again for every sheet.
struct SheetFrame {
  private let width: Int
  private let height: Int
  /// Room for the widest border; zero between two sheets.
  private var values: [SIMD4<Float>]
  private var blurred: [SIMD4<Float>]
  /// Premultiplied colour and coverage of the sheets so far.
  private var sum: [SIMD4<Float>]

  init(width: Int, height: Int, widestRadius r: Int) {
    (self.width, self.height) = (width, height)
    let slack = KernelBlur.slack
    values = Array(repeating: .zero, count: (width + 2 * r) * (height + 2 * r) + slack)
    blurred = PixelKernels.made(width * height) { _, _ in }
    sum = Array(repeating: .zero, count: width * height)
  }

  /// Writes the sum of the sheets, over its coverage, as RGB pixels.
  func write(to pixels: inout [Float]) {
    sum.withUnsafeBytes { sum in
      PixelKernels.used.unpremultiply(
        &pixels, sum.baseAddress?.assumingMemoryBound(to: Float.self), width * height)
    }
  }

  /// Blurs the pixels of a sheet and lays them over those behind it.
  ///
  /// - Parameter held: The marks of the sheet, as `SheetMarks` has them.
  mutating func lay(_ sheet: Int16, of planes: dp_sheets, held: ArraySlice<UInt8>, blur: KernelBlur)
  {
    let r = blur.radius
    let reach = SheetReach(held, width: width, height: height)
    withKernels(planes, held, r) { frame, stride, planes, held in
      PixelKernels.used.fill_strips(frame, stride, planes, sheet, held)
    }
    let mirrored = mirror(reach.rows, r)
    blur.withScratch(channels: 4) { scratch in
      for part in reach.parts(radius: r) { lay(part, blur, scratch) }
    }
    withKernels(planes, held, r) { frame, stride, planes, held in
      PixelKernels.used.clear_strips(frame, stride, planes, held)
    }
    clearBorder(reach.rows, r, mirrored)
  }

  /// Lends the frame's first pixel inside the border, the values between its rows, and the rest.
  private mutating func withKernels(
    _ planes: dp_sheets, _ held: ArraySlice<UInt8>, _ r: Int,
    _ body: (
      UnsafeMutablePointer<Float>, Int, UnsafePointer<dp_sheets>, UnsafePointer<UInt8>?
    ) -> Void
  ) {
    let stride = width + 2 * r
    values.withFloats { frame in
      held.withUnsafeBufferPointer { held in
        withUnsafePointer(to: planes) {
          body(frame + 4 * (r * stride + r), 4 * stride, $0, held.baseAddress)
        }
      }
    }
  }

  /// Blurs a part of the sheet and lays it over what is behind it.
  private mutating func lay(
    _ part: SheetReach.Part, _ blur: KernelBlur, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (count, rows) = (part.columns.count, part.rows.count)
    let stride = width + 2 * blur.radius
    let start = part.rows.lowerBound * stride + part.columns.lowerBound
    let place = part.rows.lowerBound * width + part.columns.lowerBound
    values.withFloats { frame in
      blurred.withFloats { near in
        sum.withFloats { far in
          blur.blur(
            BlurredArea(
              out: near, outStride: 4 * count, frame: frame + 4 * start, frameStride: 4 * stride,
              columns: count, rows: rows, channels: 4),
            scratch: scratch)
          PixelKernels.used.lay_over(far + 4 * place, 4 * width, near, 4 * count, count, rows)
        }
      }
    }
  }

  /// Empties the border left and right of some rows, and rows above and below.
  private mutating func clearBorder(_ rows: [Int], _ r: Int, _ beyond: [Int]) {
    let (width, stride) = (width, width + 2 * r)
    values.withFloats { frame in
      for row in rows {
        let start = frame + 4 * (row + r) * stride
        start.update(repeating: 0, count: 4 * r)
        (start + 4 * (r + width)).update(repeating: 0, count: 4 * r)
      }
      for row in beyond { (frame + 4 * row * stride).update(repeating: 0, count: 4 * stride) }
    }
  }

  /// Mirrors what some rows hold into the border; returns the rows above and below that hold something.
  private mutating func mirror(_ rows: [Int], _ r: Int) -> [Int] {
    let (width, height, stride) = (width, height, width + 2 * r)
    let held = Set(rows)
    let beyond = (Array(0..<r) + Array(height + r..<height + 2 * r)).filter {
      held.contains(Image.reflected($0 - r, height))
    }
    values.withFloats { frame in
      for row in rows {
        mirrorEnds(frame + 4 * ((row + r) * stride + r), width: width, channels: 4, radius: r)
      }
      for row in beyond {
        let twin = Image.reflected(row - r, height) + r
        (frame + 4 * row * stride).update(from: frame + 4 * twin * stride, count: 4 * stride)
      }
    }
    return beyond
  }
}

extension [SIMD4<Float>] {
  /// Lends the values to a kernel; there is at least one.
  fileprivate mutating func withFloats(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    withUnsafeMutableBytes { bytes in
      if let floats = bytes.assumingMemoryBound(to: Float.self).baseAddress { body(floats) }
    }
  }
}
