import Basics

extension Image {
  /// How a picture of another size is computed.
  public enum Resampling: String, Sendable, CaseIterable {
    /// The mean of the area that a new pixel covers.
    case area
    /// A straight line between the two nearest, along each side.
    case bilinear
    /// A cubic through the four nearest with slope factor -0.75, as OpenCV and PyTorch have it.
    case bicubic
  }

  /// Returns the picture in another size.
  ///
  /// Pixels are areas, so the outer edges of both pictures lie on each other; beyond the edge the
  /// last pixel goes on. As in OpenCV and PyTorch, bilinear and bicubic do not look farther when the
  /// picture shrinks, so fine texture is undersampled. Bicubic may leave the range by a little.
  ///
  /// - Precondition: Both sides are at least 1.
  public func resized(width: Int, height: Int, by kind: Resampling) -> Image {
    require(width > 0 && height > 0, "resized: to \(width)x\(height)")
    let columns = ResamplingTaps(from: self.width, to: width, kind)
    let rows = ResamplingTaps(from: self.height, to: height, kind)
    var result = Image(width: width, height: height, channels: channels, space: space)
    var line = [Float](repeating: 0, count: self.width * channels)
    pixels.withUnsafeBufferPointer { old in
      result.pixels.withUnsafeMutableBufferPointer { new in
        line.withUnsafeMutableBufferPointer { line in
          for y in 0..<height {
            rows.sum(old, row: y, into: line)
            columns.sum(
              line,
              into: UnsafeMutableBufferPointer(
                rebasing: new[y * width * channels..<(y + 1) * width * channels]), channels)
          }
        }
      }
    }
    return result
  }
}

/// The old places that make up each new place along one axis, and their shares.
private struct ResamplingTaps {
  /// As many for each new place; those not needed have weight 0.
  private let taps: Int
  private var places: [Int] = []
  private var weights: [Float] = []

  init(from old: Int, to new: Int, _ kind: Image.Resampling) {
    let step = Double(old) / Double(new)
    switch kind {
    case .area: taps = Int(step.rounded(.up)) + 1
    case .bilinear: taps = 2
    case .bicubic: taps = 4
    }
    for i in 0..<new {
      let middle = (Double(i) + 0.5) * step - 0.5
      switch kind {
      case .area: addArea(from: Double(i) * step, to: Double(i + 1) * step, old)
      case .bilinear: add(middle, first: 0, old) { [1 - $0, $0] }
      case .bicubic: add(middle, first: -1, old, cubicWeights)
      }
    }
  }

  private mutating func addArea(from start: Double, to end: Double, _ count: Int) {
    let first = Int(start)
    for k in 0..<taps {
      let covered = min(end, Double(first + k + 1)) - max(start, Double(first + k))
      places.append(min(first + k, count - 1))
      weights.append(Float(max(covered, 0) / (end - start)))
    }
  }

  private mutating func add(
    _ middle: Double, first: Int, _ count: Int, _ weighing: (Double) -> [Double]
  ) {
    let whole = middle.rounded(.down)
    for (k, weight) in weighing(middle - whole).enumerated() {
      places.append(min(max(Int(whole) + first + k, 0), count - 1))
      weights.append(Float(weight))
    }
  }

  /// Sums old rows into one line.
  func sum(
    _ old: UnsafeBufferPointer<Float>, row: Int, into line: UnsafeMutableBufferPointer<Float>
  ) {
    for k in 0..<taps {
      let weight = weights[row * taps + k]
      let start = places[row * taps + k] * line.count
      if k == 0 {
        for i in 0..<line.count { line[i] = old[start + i] * weight }
      } else if weight != 0 {
        for i in 0..<line.count { line[i] += old[start + i] * weight }
      }
    }
  }

  /// Sums the pixels of a line into each pixel of a new row.
  func sum(
    _ line: UnsafeMutableBufferPointer<Float>, into row: UnsafeMutableBufferPointer<Float>,
    _ channels: Int
  ) {
    places.withUnsafeBufferPointer { places in
      weights.withUnsafeBufferPointer { weights in
        for x in 0..<row.count / channels {
          for c in 0..<channels {
            var sum: Float = 0
            for k in x * taps..<(x + 1) * taps {
              sum += line[places[k] * channels + c] * weights[k]
            }
            row[x * channels + c] = sum
          }
        }
      }
    }
  }
}

/// The shares of four neighbours at a distance of 0...1 behind the second.
private func cubicWeights(_ t: Double) -> [Double] {
  let a = -0.75
  func near(_ x: Double) -> Double { ((a + 2) * x - (a + 3)) * x * x + 1 }
  func far(_ x: Double) -> Double { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
  return [far(t + 1), near(t), near(1 - t), far(2 - t)]
}
