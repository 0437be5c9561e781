import Basics

/// A smooth random field over a picture: octaves of noise, each finer and weaker than the one before.
///
/// Every octave is a lattice of normal values under a cubic B-spline, so the field has no corners and
/// no lattice lines. The amplitude falls by 2^-hurst from octave to octave.
package struct FractalField {
  package let width: Int
  package let height: Int
  /// Row by row; mean near 0, variance near 1.
  package private(set) var values: [Float]

  /// Makes a field.
  ///
  /// - Parameters:
  ///   - cells: Lattice cells along the short side in the coarsest octave.
  ///   - octaves: How many; octaves finer than two pixels are left out.
  ///   - hurst: Roughness, 0 rough to 1 smooth.
  ///   - random: Gives the lattice; octave k uses the stream k after its own.
  package init(
    width: Int, height: Int, cells: Double, octaves: Int, hurst: Double, random: RandomStream
  ) {
    (self.width, self.height) = (width, height)
    values = [Float](repeating: 0, count: width * height)
    let short = Double(min(width, height))
    var weights: [(cell: Double, weight: Double)] = []
    for k in 0..<octaves {
      let cell = short / (cells * ExactMath.pow(2, Double(k)))
      if k > 0 && cell < 2 { break }
      weights.append((max(cell, 1), ExactMath.pow(2, -hurst * Double(k))))
    }
    let power = weights.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot()
    for (k, octave) in weights.enumerated() {
      // Cubic B-splines in both directions leave unit lattice noise a deviation of 0.4794.
      let weight = octave.weight / power / 0.4794
      add(octave.cell, Float(weight), random.substream(random.stream + UInt32(k)))
    }
  }

  private mutating func add(_ cell: Double, _ weight: Float, _ random: RandomStream) {
    let columns = SplineTaps(count: width, cell: cell)
    let rows = SplineTaps(count: height, cell: cell)
    let stride = columns.knots
    var lattice = [Float](repeating: 0, count: stride * rows.knots)
    PixelKernels.addNoise(&lattice, shot: 0, read: 1, random: random)
    var line = [Float](repeating: 0, count: stride)
    for y in 0..<height {
      let w = rows.weights[y] * weight
      let first = rows.first[y] * stride
      for x in 0..<stride {
        let a = lattice[first + x] * w[0] + lattice[first + stride + x] * w[1]
        let b = lattice[first + 2 * stride + x] * w[2] + lattice[first + 3 * stride + x] * w[3]
        line[x] = a + b
      }
      addLine(line, columns, row: y)
    }
  }

  private mutating func addLine(_ line: [Float], _ columns: SplineTaps, row y: Int) {
    values.withUnsafeMutableBufferPointer { values in
      line.withUnsafeBufferPointer { line in
        let start = y * width
        for x in 0..<width {
          let (i, w) = (columns.first[x], columns.weights[x])
          values[start + x] +=
            (line[i] * w[0] + line[i + 1] * w[1]) + (line[i + 2] * w[2] + line[i + 3] * w[3])
        }
      }
    }
  }
}

/// For each place along a side, the first of its four knots and their cubic B-spline weights.
private struct SplineTaps {
  let knots: Int
  let first: [Int]
  let weights: [SIMD4<Float>]

  init(count: Int, cell: Double) {
    var first: [Int] = []
    var weights: [SIMD4<Float>] = []
    for x in 0..<count {
      let place = (Double(x) + 0.5) / cell
      let t = place - place.rounded(.down)
      let s = 1 - t
      first.append(Int(place))
      weights.append(
        SIMD4(
          Float(s * s * s / 6), Float((3 * t * t * t - 6 * t * t + 4) / 6),
          Float((3 * s * s * s - 6 * s * s + 4) / 6), Float(t * t * t / 6)))
    }
    self.first = first
    self.weights = weights
    knots = (first.last ?? 0) + 4
  }
}
