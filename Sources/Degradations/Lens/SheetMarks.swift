import CPixels

/// Which strips of a picture, 16 pixels of a row, hold something of which sheet.
struct SheetMarks {
  /// The sheets that hold something, the farthest first.
  let sheets: [Int16]

  private let low: Int16
  /// The marks of one sheet, strip by strip, row after row.
  private let plane: Int
  private let marks: [UInt8]

  /// Marks the sheets of what is seen and of what lies behind it; sheets farther than those hold nothing.
  init(front: [Int16], back: [Int16], none: Int16, width: Int, height: Int) {
    let (low, high) = SheetMarks.bounds(front, back, none: none)
    self.low = low
    plane = (width + 15) / 16 * height
    var marks = [UInt8](repeating: 0, count: (Int(high - low) + 1) * plane)
    front.withUnsafeBufferPointer { front in
      back.withUnsafeBufferPointer { back in
        var planes = dp_sheets(
          width: width, height: height, block: 1, seen: nil, guess: nil, front: front.baseAddress,
          back: back.baseAddress)
        PixelKernels.used.mark_sheets(&marks, &planes, low)
      }
    }
    let plane = plane
    self.marks = marks
    sheets = (low...high).filter { sheet in
      marks[Int(sheet - low) * plane..<Int(sheet - low + 1) * plane].contains(1)
    }
  }

  /// The marks of a sheet: strip by strip, row after row.
  func held(by sheet: Int16) -> ArraySlice<UInt8> {
    marks[Int(sheet - low) * plane..<Int(sheet - low + 1) * plane]
  }

  /// The farthest sheet of all and the nearest that is seen.
  private static func bounds(_ front: [Int16], _ back: [Int16], none: Int16) -> (Int16, Int16) {
    var low = front[0]
    var high = low
    front.withUnsafeBufferPointer { for sheet in $0 { high = max(high, sheet) } }
    front.withUnsafeBufferPointer { for sheet in $0 { low = min(low, sheet) } }
    back.withUnsafeBufferPointer {
      for sheet in $0 { low = min(low, sheet == none ? .max : sheet) }
    }
    return (low, high)
  }
}
