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
  /// - Parameter runs: Where they are, row by row; at least one.
  mutating func lay(
    _ runs: [SheetRun], front: [SIMD4<Float>], back: Backdrop, blur: KernelBlur
  ) {
    let r = blur.radius
    let stride = width + 2 * r
    var reach = SheetReach(width: width, height: height)
    for run in runs {
      fill(run, front, back, at: (run.y + r) * stride + r)
      reach.mark(run)
    }
    let rows = (runs.first?.y ?? 0)..<(runs.last?.y ?? -1) + 1
    let filled = mirror(rows, r, stride)
    let (width, parts) = (width, reach.parts(radius: r))
    values.withUnsafeMutableBytes { frame in
      blurred.withUnsafeMutableBytes { blurred in
        sum.withUnsafeMutableBytes { sum in
          guard let frame = frame.baseAddress?.assumingMemoryBound(to: Float.self),
            let near = blurred.baseAddress?.assumingMemoryBound(to: Float.self),
            let far = sum.baseAddress?.assumingMemoryBound(to: Float.self)
          else { return }
          blur.withScratch(channels: 4) { scratch in
            for part in parts {
              let count = part.columns.count
              let start = part.rows.lowerBound * stride + part.columns.lowerBound
              blur.blur(
                BlurredArea(
                  out: near, outStride: 4 * count, frame: frame + 4 * start,
                  frameStride: 4 * stride, columns: count, rows: part.rows.count, channels: 4),
                scratch: scratch)
              let place = part.rows.lowerBound * width + part.columns.lowerBound
              PixelKernels.used.lay_over(
                far + 4 * place, 4 * width, near, 4 * count, count, part.rows.count)
            }
          }
          (frame + 4 * filled.lowerBound * stride)
            .update(repeating: 0, count: 4 * filled.count * stride)
        }
      }
    }
  }

  private mutating func fill(
    _ run: SheetRun, _ front: [SIMD4<Float>], _ back: Backdrop, at start: Int
  ) {
    values.withUnsafeMutableBufferPointer { values in
      front.withUnsafeBufferPointer { front in
        for x in run.columns {
          values[start + x] =
            run.isGuessed ? back.colours[back.place(x, run.y)] : front[run.y * width + x]
        }
      }
    }
  }

  /// Mirrors what some rows hold into the border; returns the rows of the frame that hold something.
  private mutating func mirror(_ rows: Range<Int>, _ r: Int, _ stride: Int) -> Range<Int> {
    var filled = rows.lowerBound + r..<rows.upperBound + r
    let (width, height) = (width, height)
    values.withUnsafeMutableBytes { bytes in
      guard let frame = bytes.baseAddress?.assumingMemoryBound(to: Float.self) else { return }
      for row in filled {
        mirrorEnds(frame + 4 * (row * stride + r), width: width, channels: 4, radius: r)
      }
      for row in Array(0..<r) + Array(height + r..<height + 2 * r) {
        let twin = Image.reflected(row - r, height)
        guard rows.contains(twin) else { continue }
        (frame + 4 * row * stride).update(from: frame + 4 * (twin + r) * stride, count: 4 * stride)
        filled = min(filled.lowerBound, row)..<max(filled.upperBound, row + 1)
      }
    }
    return filled
  }
}
