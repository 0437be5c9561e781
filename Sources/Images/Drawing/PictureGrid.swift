import Basics

/// Pictures in rows and columns with captions: degradations down, lq | gt | difference across.
///
/// All tiles take the room of the largest one.
public struct PictureGrid {
  /// A picture with a line of text below it, such as its PSNR; the line may be empty.
  public struct Tile {
    let image: Image
    let note: String

    /// Creates a tile.
    public init(_ image: Image, note: String = "") {
      self.image = image
      self.note = note
    }
  }

  private struct Row {
    let caption: [String]
    let tiles: [Tile]
  }

  private let title: String
  private let columns: [String]
  private let zoom: Int
  private var rows: [Row] = []

  /// Creates a grid without rows.
  ///
  /// - Parameters:
  ///   - title: Above everything; may be empty.
  ///   - columns: Headings, one a column; empty for none.
  ///   - zoom: How many pixels wide each picture's pixel becomes.
  public init(title: String = "", columns: [String] = [], zoom: Int = 1) {
    self.title = title
    self.columns = columns
    self.zoom = zoom
  }

  /// Adds a row; its caption stands to the left, a line for each text, the first in bold colour.
  public mutating func addRow(caption: [String] = [], _ tiles: [Tile]) {
    rows.append(Row(caption: caption, tiles: tiles))
  }

  /// Adds a row of pictures without notes.
  public mutating func addRow(caption: [String] = [], _ images: [Image]) {
    addRow(caption: caption, images.map { Tile($0) })
  }

  /// Draws the grid.
  public func render() -> Image {
    let layout = Layout(self)
    var canvas = Canvas(width: layout.width, height: layout.height)
    canvas.text(title, x: Layout.margin, y: Layout.margin, scale: 3)
    for (i, heading) in columns.enumerated() {
      canvas.text(
        heading, x: layout.x(i) + layout.tileWidth / 2, y: layout.headingTop, align: .center)
    }
    for (r, row) in rows.enumerated() { draw(row, y: layout.y(r), layout, on: &canvas) }
    return canvas.image
  }

  private func draw(_ row: Row, y: Int, _ layout: Layout, on canvas: inout Canvas) {
    let textTop = y + max(0, (layout.tileHeight - row.caption.count * Layout.lineHeight) / 2)
    for (i, line) in row.caption.enumerated() {
      let place = textTop + i * Layout.lineHeight
      canvas.text(line, x: Layout.margin, y: place, i == 0 ? .text : .faint)
    }
    for (i, tile) in row.tiles.enumerated() {
      let picture = tile.image.enlarged(by: zoom)
      let x = layout.x(i) + (layout.tileWidth - picture.width) / 2
      canvas.draw(picture, x: x, y: y + (layout.tileHeight - picture.height) / 2)
      canvas.text(
        tile.note, x: layout.x(i) + layout.tileWidth / 2, y: y + layout.tileHeight + 6,
        align: .center, .faint)
    }
  }

  /// Where everything goes, in pixels.
  private struct Layout {
    static let margin = 16
    static let gap = 8
    static let lineHeight = 22

    let tileWidth, tileHeight, headingTop, width, height: Int
    private let captionWidth, rowTop, rowStep: Int

    init(_ grid: PictureGrid) {
      let tiles = grid.rows.flatMap(\.tiles)
      let texts = tiles.map(\.note) + grid.columns
      let widestText = texts.map { Canvas.textWidth($0) }.max() ?? 0
      tileWidth = max((tiles.map(\.image.width).max() ?? 0) * grid.zoom, widestText)
      tileHeight = (tiles.map(\.image.height).max() ?? 0) * grid.zoom
      let captions = grid.rows.flatMap(\.caption).map { Canvas.textWidth($0) }.max() ?? 0
      captionWidth = captions == 0 ? 0 : captions + Layout.margin
      headingTop = Layout.margin + (grid.title.isEmpty ? 0 : 38)
      rowTop = headingTop + (grid.columns.isEmpty ? 0 : Layout.lineHeight)
      let hasNotes = tiles.contains { !$0.note.isEmpty }
      rowStep = tileHeight + Layout.gap + (hasNotes ? Layout.lineHeight : 0)
      let count = max(grid.rows.map(\.tiles.count).max() ?? 0, grid.columns.count)
      let across = count * (tileWidth + Layout.gap) - Layout.gap
      width = max(
        2 * Layout.margin + captionWidth + across,
        2 * Layout.margin + Canvas.textWidth(grid.title, scale: 3))
      height = rowTop + grid.rows.count * rowStep + Layout.margin - Layout.gap
    }

    func x(_ column: Int) -> Int {
      Layout.margin + captionWidth + column * (tileWidth + Layout.gap)
    }
    func y(_ row: Int) -> Int { rowTop + row * rowStep }
  }
}

extension Image {
  /// Returns the picture with every pixel repeated `factor` times both ways.
  public func enlarged(by factor: Int) -> Image {
    guard factor > 1 else { return self }
    var result = Image(
      width: width * factor, height: height * factor, channels: channels, space: space)
    for y in 0..<result.height {
      for x in 0..<result.width {
        for c in 0..<channels { result[x, y, c] = self[x / factor, y / factor, c] }
      }
    }
    return result
  }
}
