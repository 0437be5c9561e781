import Basics
import Foundation
import Images
import TestSupport
import Testing

@Suite struct DrawingTests {
  /// Keeps a drawing for people to look at when DCPT_SHOW names a folder.
  private func show(_ image: Image, _ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["DCPT_SHOW"] else { return }
    try PNGFile.write(image, to: folder + "/" + name)
  }

  private func ink(_ image: Image) -> Int {
    stride(from: 0, to: image.pixels.count, by: 3).count { image.pixels[$0] < 0.5 }
  }

  @Test("every printable ASCII character has a shape of its own")
  func glyphs() throws {
    var shapes: Set<[UInt8]> = []
    for code in UInt8(32)...126 {
      var canvas = Canvas(width: 6, height: 9)
      canvas.text(String(UnicodeScalar(code)), x: 0, y: 0, scale: 1)
      shapes.insert(canvas.image.bytes)
      #expect((ink(canvas.image) == 0) == (code == 32))
    }
    #expect(shapes.count == 95)
    var unknown = Canvas(width: 6, height: 9)
    unknown.text("\u{3c3}", x: 0, y: 0, scale: 1)
    #expect(!shapes.contains(unknown.image.bytes))
    var sheet = Canvas(width: 420, height: 140)
    for row in 0..<5 {
      let codes = (32 + 19 * row..<51 + 19 * row).compactMap { UnicodeScalar($0) }
      sheet.text(codes.map { String($0) }.joined(separator: ""), x: 10, y: 10 + 24 * row, scale: 2)
    }
    try show(sheet.image, "font.png")
  }

  @Test("text is as wide as promised and aligned as asked")
  func textPlace() {
    #expect(Canvas.textWidth("HH", scale: 3) == 33)
    #expect(Canvas.textWidth("") == 0)
    var canvas = Canvas(width: 100, height: 20)
    canvas.text("HH", x: 100, y: 2, scale: 1, align: .right)
    let dark = (0..<100).filter { canvas.image[$0, 4, 0] < 0.5 }
    #expect(dark.first == 89 && dark.last == 99)
  }

  @Test("drawing outside the canvas is left out")
  func clipping() {
    var canvas = Canvas(width: 8, height: 8)
    canvas.text("WWWW", x: -3, y: -4, scale: 3)
    canvas.fill(x: 6, y: 6, width: 10, height: 10, .text)
    canvas.fill(x: 20, y: 20, width: 3, height: 3, .text)
    canvas.draw(Image(width: 4, height: 4), x: -2, y: 6)
    canvas.draw(Image(width: 4, height: 4), x: 50, y: -50)
    canvas.stroke([SIMD2(-1e9, -1e9), SIMD2(1e9, .nan)], width: 2, .text)
    #expect(canvas.image[7, 7, 0] < 0.5 && canvas.image[0, 7, 0] == 0)
  }

  @Test("a stroke covers its line evenly, also where it crosses itself")
  func stroke() {
    var canvas = Canvas(width: 20, height: 20)
    let points: [SIMD2<Double>] = [SIMD2(2, 10), SIMD2(18, 10), SIMD2(2, 10)]
    canvas.stroke(points, width: 4, Ink(0x000000), opacity: 0.5)
    #expect((4..<16).allSatisfy { canvas.image[$0, 10, 0] == 0.5 })
    #expect(canvas.image[10, 2, 0] == 1)
  }

  @Test("a grid gives every tile its place")
  func grid() throws {
    var grid = PictureGrid(title: "5D samples", columns: ["lq", "gt", "difference"])
    for (i, name) in ["haze", "rain-streak", "gaussian-noise"].enumerated() {
      let shade = Float(i) / 4
      let tiles = (0..<3).map {
        Image(width: 160, height: 120, filledWith: shade + 0.15 * Float($0))
      }
      grid.addRow(
        caption: [name, "severity 0.5"],
        tiles.map { PictureGrid.Tile($0, note: "21.3\(i) dB") })
    }
    let image = grid.render()
    #expect(image.width > 3 * 160 && image.height > 3 * 120 && image.channels == 3)
    for shade: Float in [0, 0.15, 0.3, 0.5, 0.65, 0.8] {
      let count = stride(from: 0, to: image.pixels.count, by: 3).count {
        image.pixels[$0] == shade && image.pixels[$0 + 2] == shade
      }
      #expect(count >= 160 * 120)
    }
    try show(image, "grid.png")
  }

  @Test("a grid takes gray, linear and unequal pictures, and no picture at all")
  func mixedGrid() {
    var grid = PictureGrid(zoom: 2)
    grid.addRow([
      Image(width: 5, height: 9, channels: 1, filledWith: 0.5),
      Image(width: 8, height: 3, space: .linear, filledWith: 0.5),
    ])
    #expect(grid.render().width == 2 * 16 + 2 * 16 + 8)
    #expect(PictureGrid(title: "empty").render().height > 0)
  }

  @Test("a chart draws each curve in its colour", arguments: [false, true])
  func chart(logarithmic: Bool) throws {
    var random = RandomStream(seed: 3)
    var chart = LineChart(
      title: "Pre-training", xLabel: "iteration", yLabel: logarithmic ? "loss" : "PSNR, dB",
      logarithmic: logarithmic, smoothing: 0.95)
    for (i, name) in ["generation", "classification"].enumerated() {
      chart.add(
        name,
        (0..<2000).map { x in
          let trend = exp(-Double(x) / 400) * Double(3 - i) + 0.05
          return (Double(x) * 10, trend * (1 + 0.2 * random.normal()))
        })
    }
    let image = chart.render()
    for color in Ink.series.prefix(2) {
      var swatch = Canvas(width: 1, height: 1, background: color)
      swatch.fill(x: 0, y: 0, width: 1, height: 1, color)
      let wanted = swatch.image.pixels
      let count = stride(from: 0, to: image.pixels.count, by: 3).count {
        Array(image.pixels[$0..<$0 + 3]) == wanted
      }
      #expect(count > 500)
    }
    try show(image, logarithmic ? "chart-log.png" : "chart.png")
  }

  @Test("a chart survives no curve, one point, and values that cannot be shown")
  func oddCharts() throws {
    let empty = LineChart(title: "", xLabel: "", yLabel: "", logarithmic: true)
    #expect(empty.render().width == 960)
    var chart = LineChart(title: "odd", xLabel: "x", yLabel: "y")
    chart.add("one", [(x: 3, y: 7)])
    chart.add("holes", [(0, 1), (1, .nan), (2, .infinity), (3, 4), (4, 5)])
    chart.add("none", [])
    try show(chart.render(), "odd.png")
  }
}
