import Basics

/// The sides of a tensor: n maps of h rows, w columns and c channels.
///
/// Memory is dense NHWC: element (n, i, j, c) lies at `((n*h + i)*w + j)*c_total + c`. A vector is
/// [1, 1, 1, c], class scores [n, 1, 1, classes], tokens of a map stay a map.
public struct Shape: Equatable, Sendable, CustomStringConvertible {
  /// Pictures in the batch.
  public let n: Int
  /// Rows.
  public let h: Int
  /// Columns.
  public let w: Int
  /// Channels.
  public let c: Int

  /// Creates a shape; all sides are at least 1.
  public init(_ n: Int, _ h: Int, _ w: Int, _ c: Int) {
    require(n > 0 && h > 0 && w > 0 && c > 0, "Shape: [\(n), \(h), \(w), \(c)] has an empty side")
    (self.n, self.h, self.w, self.c) = (n, h, w, c)
  }

  /// Elements in all.
  public var count: Int { n * h * w * c }
  /// Pixels in all: n h w.
  public var pixels: Int { n * h * w }
  /// Pixels of one map: h w.
  public var area: Int { h * w }

  /// The same maps with another count of channels.
  public func channels(_ c: Int) -> Shape { Shape(n, h, w, c) }

  /// The shape as `[n, h, w, c]`.
  public var description: String { "[\(n), \(h), \(w), \(c)]" }
}
