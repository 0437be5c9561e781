import Basics

/// Square windows of a map, as SwinIR attends in them.
public struct Windows: Sendable {
  /// Rows and columns of a window.
  public let side: Int
  /// How far the map is rolled up and left before it is cut.
  public let shift: Int

  /// Creates the cut.
  public init(side: Int, shift: Int = 0) {
    require(side > 0 && shift >= 0 && shift < side, "Windows: side \(side), shift \(shift)")
    (self.side, self.shift) = (side, shift)
  }

  /// Rolls the maps and cuts them: windows row major in the map, pixels row major in the window.
  ///
  /// - Parameter x: `[n, h, w, c]`, h and w multiples of `side`.
  /// - Returns: `[n h w / side^2, side, side, c]`.
  public func cut(_ x: Tensor) -> Tensor {
    let s = x.shape
    require(
      s.h % side == 0 && s.w % side == 0, "Windows: sides of \(s) must be multiples of \(side)")
    let rolled = shift == 0 ? x : gathered(x, rows: places(s.h, shift), columns: places(s.w, shift))
    return reordered(
      rolled, Shape(s.pixels / (side * side), side, side, s.c), cutting: true, map: s)
  }

  /// Undoes `cut` for maps of `shape`.
  public func joined(_ x: Tensor, into shape: Shape) -> Tensor {
    let map = reordered(x, shape, cutting: false, map: shape)
    return shift == 0
      ? map : gathered(map, rows: places(shape.h, -shift), columns: places(shape.w, -shift))
  }

  private func places(_ side: Int, _ by: Int) -> [Int] {
    (0..<side).map { ($0 + by + side) % side }
  }

  private func reordered(_ x: Tensor, _ shape: Shape, cutting: Bool, map: Shape) -> Tensor {
    let y = Tensor(shape)
    let line = side * map.c
    for n in 0..<map.n {
      for i in 0..<map.h {
        for block in 0..<map.w / side {
          let inMap = ((n * map.h + i) * map.w + block * side) * map.c
          let window = (n * (map.h / side) + i / side) * (map.w / side) + block
          let inWindows = (window * side + i % side) * line
          (y.pointer + (cutting ? inWindows : inMap)).update(
            from: x.pointer + (cutting ? inMap : inWindows), count: line)
        }
      }
    }
    let origin = x.shape
    return y.recorded(from: [x]) { dy in [self.reordered(dy, origin, cutting: !cutting, map: map)] }
  }

  /// The row of the relative position table for each pair of pixels of a window.
  ///
  /// - Returns: side^2 rows of side^2 numbers: (yi - yj + side - 1)(2 side - 1) + xi - xj + side - 1.
  public var relativePositions: [[Int]] {
    (0..<side * side).map { i in
      (0..<side * side).map { j in
        (i / side - j / side + side - 1) * (2 * side - 1) + i % side - j % side + side - 1
      }
    }
  }

  /// What is added to the scores of each window of a rolled map: -100 between pixels from opposite edges.
  ///
  /// - Returns: For each window of one map, side^2 rows of side^2 values.
  public func mask(height: Int, width: Int) -> [[[Float]]] {
    func part(_ i: Int, _ length: Int) -> Int {
      (i >= length - side ? 1 : 0) + (i >= length - shift ? 1 : 0)
    }
    return (0..<height / side * (width / side)).map { window in
      let (top, left) = (window / (width / side) * side, window % (width / side) * side)
      let cells = (0..<side * side).map {
        part(top + $0 / side, height) * 3 + part(left + $0 % side, width)
      }
      return cells.map { a in cells.map { $0 == a ? 0 : -100 } }
    }
  }
}
