import Basics
import CPixels

/// Which square of a picture is taken, and how it is mirrored and turned on the way.
public struct PatchCut: Equatable, Sendable {
  /// Columns to the left of the square.
  public let x: Int
  /// Rows above it.
  public let y: Int
  /// Columns and rows of it.
  public let side: Int
  /// Whether it is mirrored left to right, before it is turned.
  public let flipped: Bool
  /// Quarter turns, counter-clockwise, 0...3.
  public let turns: Int

  /// Creates a cut.
  public init(x: Int, y: Int, side: Int, flipped: Bool = false, turns: Int = 0) {
    (self.x, self.y, self.side, self.flipped, self.turns) = (x, y, side, flipped, turns)
  }

  /// Writes the square of a picture of rows of RGB codes as values 0...1, code / 255, rows of RGB too.
  ///
  /// One pass: a row of codes is put in order where it is mirrored or turned, then divided.
  ///
  /// - Parameters:
  ///   - width: Columns of the picture.
  ///   - values: Takes side x side x 3 values.
  public func write(
    _ picture: UnsafeBufferPointer<UInt8>, width: Int, to values: UnsafeMutablePointer<Float>
  ) {
    let height = picture.count / (3 * width)
    require(
      x >= 0 && y >= 0 && side > 0 && x + side <= width && y + side <= height,
      "PatchCut: \(side)x\(side) at (\(x), \(y)) of a picture of \(width)x\(height)")
    guard let base = picture.baseAddress else { return }
    let kernels = dp_kernels_used().pointee
    let walk = steps(width: width)
    let start = base + walk.start
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * side + 1) { line in
      guard let ordered = line.baseAddress else { return }
      for row in 0..<side {
        let source = start + row * walk.down
        if walk.right != 3 { PatchCut.order(source, step: walk.right, side, to: ordered) }
        kernels.from_codes(
          values + 3 * side * row, walk.right == 3 ? source : UnsafePointer(ordered), 3 * side)
      }
    }
  }

  /// Where the patch's first pixel lies in the picture's bytes, and how far it is to the pixels on its right
  /// and below.
  private func steps(width: Int) -> (start: Int, right: Int, down: Int) {
    let last = side - 1
    let row = 3 * width
    let column = flipped ? -3 : 3
    let corner = 3 * (y * width + x) + (flipped ? 3 * last : 0)
    switch turns {
    case 1: return (corner + last * column, row, -column)
    case 2: return (corner + last * column + last * row, -column, -row)
    case 3: return (corner + last * row, -row, column)
    default: return (corner, column, row)
    }
  }

  /// Copies pixels that lie `step` bytes apart; `line` has room for one byte more.
  ///
  /// Those between the ends are copied as four bytes, the fourth being overwritten by the next pixel: what
  /// is read lies between the pixels at the ends, so within the picture.
  private static func order(
    _ source: UnsafePointer<UInt8>, step: Int, _ count: Int, to line: UnsafeMutablePointer<UInt8>
  ) {
    copyPixel(source, to: line)
    let target = UnsafeMutableRawPointer(line)
    let bytes = UnsafeRawPointer(source)
    for i in stride(from: 1, to: count - 1, by: 1) {
      target.storeBytes(
        of: bytes.loadUnaligned(fromByteOffset: i * step, as: UInt32.self), toByteOffset: 3 * i,
        as: UInt32.self)
    }
    if count > 1 { copyPixel(source + (count - 1) * step, to: line + 3 * (count - 1)) }
  }

  private static func copyPixel(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    for channel in 0..<3 { target[channel] = source[channel] }
  }
}
