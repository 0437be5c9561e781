import Basics
import Degradations
import Images

/// One picture under many degradations at the five severity levels, for looking.
public struct DegradationSheet {
  private let image: Image
  private let scene: Scene
  private let names: [String]
  private let space: Image.Space
  private let seed: UInt64

  /// Prepares the sheet of a picture.
  ///
  /// - Parameter names: Degradations or chains such as "haze+rain-streak"; all single ones if empty.
  /// - Throws: `Problem` for an unknown name.
  public init(
    _ image: Image, scene: Scene, names: [String] = [], space: Image.Space = .linear,
    seed: UInt64 = 0
  ) throws(Problem) {
    (self.image, self.scene, self.space, self.seed) = (image, scene, space, seed)
    self.names = names.isEmpty ? DegradationCatalog.all.map { $0.name } : names
    for name in self.names { _ = try chain(name, 1) }
  }

  private func chain(_ name: String, _ severity: Double) throws(Problem) -> DegradationChain {
    try DegradationChain(
      ClassSet.degradations(of: name).map { ($0, severity) }, space: space)
  }

  /// Draws the sheet: a row for each degradation, the clean picture and the levels 1 to 5 across.
  ///
  /// - Parameter progress: Called with the rows that are done.
  /// - Throws: `Problem` naming a degradation that the picture is too small for.
  public func render(progress: (Int) -> Void = { _ in }) throws(Problem) -> Image {
    let levels = SeverityScale.levelSeverities
    var grid = PictureGrid(columns: ["clean"] + levels.map { "severity \(fixed($0, 1))" })
    for (i, name) in names.enumerated() {
      var tiles = [PictureGrid.Tile(image)]
      for severity in levels {
        let (lq, _) = try chain(name, severity).apply(
          to: image, scene: scene, seed: seed, index: UInt64(i), settings: [])
        let note = "\(fixed(Quality.psnr(image, lq), 2)) dB"
        tiles.append(.init(lq, note: note))
      }
      grid.addRow(caption: [name], tiles)
      progress(i + 1)
    }
    return grid.render()
  }
}
