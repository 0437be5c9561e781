import Basics

/// Curves over a common axis, such as losses over iterations.
public struct LineChart {
  private struct Series {
    let name: String
    let points: [SIMD2<Double>]
  }

  private let title, xLabel, yLabel: String
  private let width, height: Int
  private let logarithmic: Bool
  private let smoothing: Double
  private var series: [Series] = []

  /// Creates a chart without curves.
  ///
  /// - Parameters:
  ///   - logarithmic: Whether the vertical axis is; values of 0 and below are then left out.
  ///   - smoothing: 0...1: the weight of the past in a running mean that is drawn over the faint
  ///     plain curve; 0 draws the plain curve alone.
  public init(
    title: String, xLabel: String, yLabel: String, width: Int = 960, height: Int = 540,
    logarithmic: Bool = false, smoothing: Double = 0
  ) {
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    (self.width, self.height) = (width, height)
    self.logarithmic = logarithmic
    self.smoothing = smoothing
  }

  /// Adds a named curve; points whose x or y is not finite interrupt it.
  public mutating func add(_ name: String, _ points: [(x: Double, y: Double)]) {
    series.append(Series(name: name, points: points.map { SIMD2($0.x, $0.y) }))
  }

  /// Draws the chart.
  public func render() -> Image {
    var canvas = Canvas(width: width, height: height)
    let all = series.flatMap(\.points)
    let plot = Plot(
      x: 84, y: 108, width: width - 84 - 28, height: height - 108 - 70,
      horizontal: ChartAxis(covering: all.map(\.x), count: 8),
      vertical: ChartAxis(covering: all.map(\.y), logarithmic: logarithmic))
    canvas.text(title, x: 16, y: 14, scale: 3)
    drawLegend(on: &canvas)
    drawAxes(plot, on: &canvas)
    for (i, series) in series.enumerated() {
      draw(series, Ink.series[i % Ink.series.count], plot, on: &canvas)
    }
    return canvas.image
  }

  private func drawLegend(on canvas: inout Canvas) {
    var x = 84
    for (i, series) in series.enumerated() {
      canvas.fill(x: x, y: 55, width: 22, height: 4, Ink.series[i % Ink.series.count])
      canvas.text(series.name, x: x + 28, y: 50)
      x += 28 + Canvas.textWidth(series.name) + 24
    }
  }

  private func drawAxes(_ plot: Plot, on canvas: inout Canvas) {
    for tick in plot.vertical.ticks {
      let y = Int(plot.place(SIMD2(plot.horizontal.low, tick.value)).y)
      canvas.fill(x: plot.x, y: y, width: plot.width, height: 1, .hairline)
      canvas.text(tick.label, x: plot.x - 8, y: y - 6, align: .right, .faint)
    }
    for tick in plot.horizontal.ticks {
      let x = Int(plot.place(SIMD2(tick.value, plot.vertical.low)).x)
      canvas.fill(x: x, y: plot.y, width: 1, height: plot.height, .hairline)
      canvas.text(tick.label, x: x, y: plot.y + plot.height + 14, align: .center, .faint)
    }
    canvas.fill(x: plot.x, y: plot.y + plot.height, width: plot.width + 1, height: 1, .faint)
    canvas.fill(x: plot.x, y: plot.y, width: 1, height: plot.height + 1, .faint)
    canvas.text(yLabel, x: 16, y: 82, .faint)
    canvas.text(
      xLabel, x: plot.x + plot.width / 2, y: plot.y + plot.height + 42, align: .center, .faint)
  }

  private func draw(_ series: Series, _ ink: Ink, _ plot: Plot, on canvas: inout Canvas) {
    let clip = (x: plot.x, y: plot.y, width: plot.width + 1, height: plot.height + 1)
    for piece in pieces(series.points) {
      let plain = piece.map { plot.place($0) }
      // Few points were measured one by one: mark them.
      for point in plain where series.points.count <= 40 {
        canvas.stroke([point], width: 6, ink)
      }
      guard smoothing > 0 else {
        canvas.stroke(plain, width: 2, ink, clip: clip)
        continue
      }
      canvas.stroke(plain, width: 1.2, ink, opacity: 0.3, clip: clip)
      canvas.stroke(smoothed(piece).map { plot.place($0) }, width: 2.2, ink, clip: clip)
    }
  }

  /// The runs of points that can be shown.
  private func pieces(_ points: [SIMD2<Double>]) -> [ArraySlice<SIMD2<Double>>] {
    points.split { !$0.x.isFinite || !$0.y.isFinite || (logarithmic && $0.y <= 0) }
  }

  /// The running mean, free of the pull towards 0 that its start would have.
  private func smoothed(_ points: ArraySlice<SIMD2<Double>>) -> [SIMD2<Double>] {
    var mean = 0.0
    var weight = 0.0
    return points.map { point in
      mean = smoothing * mean + (1 - smoothing) * point.y
      weight = smoothing * weight + (1 - smoothing)
      return SIMD2(point.x, mean / weight)
    }
  }

  /// The rectangle of the curves and its axes.
  private struct Plot {
    let x, y, width, height: Int
    let horizontal, vertical: ChartAxis

    func place(_ value: SIMD2<Double>) -> SIMD2<Double> {
      SIMD2(
        Double(x) + horizontal.share(of: value.x) * Double(width),
        Double(y + height) - vertical.share(of: value.y) * Double(height))
    }
  }
}
