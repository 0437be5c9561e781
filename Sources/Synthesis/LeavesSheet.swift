import Basics
import Degradations
import Images

/// Generated clean pictures beside their depth and the order of their leaves, for looking.
public struct LeavesSheet {
  private let pictures: [DeadLeaves.Picture]
  /// Pictures in a row of the sheet.
  private static let across = 2

  /// Draws `count` pictures, numbered from 0, of `size` by `size` pixels.
  public init(count: Int, size: Int, seed: UInt64, style: DeadLeaves.Style) {
    pictures = (0..<count).map {
      DeadLeaves(width: size, height: size, seed: seed, index: UInt64($0), style: style).render()
    }
  }

  /// Draws the sheet: the picture, the depth from warm (near) to blue (far), and each leaf in a
  /// colour of its own.
  public func render() -> Image {
    let columns = min(pictures.count, LeavesSheet.across)
    var grid = PictureGrid(
      columns: [[String]](repeating: ["picture", "depth", "rank"], count: columns).flatMap { $0 })
    for start in stride(from: 0, to: pictures.count, by: columns) {
      let row = start..<min(start + columns, pictures.count)
      grid.addRow(caption: ["\(start)"], row.flatMap { LeavesSheet.tiles(pictures[$0]) })
    }
    return grid.render()
  }

  private static func tiles(_ picture: DeadLeaves.Picture) -> [Image] {
    let scene = picture.scene
    func image(_ colours: [SIMD3<Float>]) -> Image {
      Image(
        width: scene.width, height: scene.height, pixels: colours.flatMap { [$0.x, $0.y, $0.z] })
    }
    return [
      picture.image, image(scene.depth.map(depthColour)), image(picture.ranks.map(leafColour)),
    ]
  }

  /// From yellow by red to dark blue, darker with every step.
  private static func depthColour(_ depth: Float) -> SIMD3<Float> {
    let stops: [SIMD3<Float>] = [
      [1, 0.95, 0.6], [0.97, 0.6, 0.2], [0.75, 0.2, 0.35], [0.35, 0.1, 0.5], [0.05, 0.05, 0.2],
    ]
    let place = min(max(depth, 0), 1) * Float(stops.count - 1)
    let i = min(Int(place), stops.count - 2)
    return stops[i] + (stops[i + 1] - stops[i]) * (place - Float(i))
  }

  /// A hue that no near neighbour in the order has: golden steps round the circle.
  private static func leafColour(_ rank: Int32) -> SIMD3<Float> {
    let golden = Double(rank) * 0.6180339887498949
    let turn = Float(golden - golden.rounded(.down))
    func channel(_ shift: Float) -> Float {
      let t = turn + shift
      return 0.15 + 0.8 * abs(2 * (t - t.rounded(.down)) - 1)
    }
    return SIMD3(channel(0), channel(1 / 3), channel(2 / 3))
  }
}
