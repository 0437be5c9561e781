import Basics
import Images

/// A picture shown on a screen, photographed, and laid back on itself, pixel on pixel.
///
/// Two exposures through one camera: of the picture without its screen, and of what the screen's
/// lights add and take away. Their sum is the photograph, and how much of the second is taken says how
/// strong the moire is.
///
/// - Source: the steps of Liu et al. 2018: sub-pixels, pose, distortion, anti-alias filter, colour
///   filters, noise, demosaicing, alignment.
struct ScreenPhoto {
  let pose: ScreenPose
  let layout: ScreenLayout
  let pattern: FilterPattern
  /// Deviation of the anti-alias filter in sensor pixels.
  let filter: Double
  /// The variance of the noise at light l is shot l + read.
  let shot: Double
  let read: Double

  /// The picture as the camera sees it.
  private(set) var plain: [Float] = []
  /// What the lights of the screen add to it.
  private(set) var moire: [Float] = []

  /// Screen pixels that are photographed at a time, which bounds the memory.
  private static let tile = 256
  /// How far around its tile a sensor pixel may look, in screen pixels.
  private static let margin = 8

  init(
    pose: ScreenPose, layout: ScreenLayout, pattern: FilterPattern, filter: Double, shot: Double,
    read: Double
  ) {
    (self.pose, self.layout, self.pattern) = (pose, layout, pattern)
    (self.filter, self.shot, self.read) = (filter, shot, read)
  }

  /// Photographs a picture in linear light.
  mutating func take(_ image: Image, random: RandomStream) {
    let view = ScreenView(pose, width: image.width, height: image.height)
    plain = [Float](repeating: 0, count: image.pixels.count)
    moire = plain
    var number: UInt32 = 0
    for y in stride(from: 0, to: image.height, by: ScreenPhoto.tile) {
      for x in stride(from: 0, to: image.width, by: ScreenPhoto.tile) {
        let tile = ScreenPart(
          x: x, y: y, width: min(ScreenPhoto.tile, image.width - x),
          height: min(ScreenPhoto.tile, image.height - y))
        // A tile has under 2^20 blocks of noise.
        take(tile, of: image, view, random, block: number << 20)
        number &+= 1
      }
    }
  }

  private mutating func take(
    _ tile: ScreenPart, of image: Image, _ view: ScreenView, _ random: RandomStream, block: UInt32
  ) {
    let m = ScreenPhoto.margin
    let part = ScreenPart(
      x: tile.x - m, y: tile.y - m, width: tile.width + 2 * m, height: tile.height + 2 * m)
    // A pixel's own width blurs as a Gaussian of the same variance.
    let sigma = (filter * filter + 1 / 12).squareRoot() / pose.ratio
    let sensor = Sensor(seeing: tile, view)
    let seen = sensor.places(in: part, view)
    var exposures = [nil, layout].map { layout in
      sensor.expose(ScreenLight(image, part: part, layout: layout, sigma: sigma), seen, pattern)
    }
    PixelKernels.addNoise(
      &exposures[0].values, shot: shot, read: read, random: random, block: block)
    let places = sensor.places(of: tile, view)
    sensor.lay(exposures[0], at: places, on: &plain, tile, rowLength: image.width, view)
    sensor.lay(exposures[1], at: places, on: &moire, tile, rowLength: image.width, view)
  }
}

/// The part of a sensor that sees a tile.
private struct Sensor {
  let x: Int
  let y: Int
  let width: Int
  let height: Int

  init(seeing tile: ScreenPart, _ view: ScreenView) {
    var low = SIMD2(Double.infinity, .infinity)
    var high = -low
    for i in 0...8 {
      let (u, v) = (Double(tile.width * i) / 8, Double(tile.height * i) / 8)
      for place in [
        SIMD2(u, 0), SIMD2(u, Double(tile.height)), SIMD2(0, v), SIMD2(Double(tile.width), v),
      ] {
        let corner = SIMD2(Double(tile.x), Double(tile.y))
        let seen = view.sensor(fromScreen: corner + place)
        low = SIMD2(min(low.x, seen.x), min(low.y, seen.y))
        high = SIMD2(max(high.x, seen.x), max(high.y, seen.y))
      }
    }
    // Demosaicing looks two pixels far, reading back one and a half.
    (x, y) = (Int(low.x.rounded(.down)) - 5, Int(low.y.rounded(.down)) - 5)
    (width, height) = (Int(high.x.rounded(.up)) + 5 - x, Int(high.y.rounded(.up)) + 5 - y)
  }

  /// The place that each pixel sees, in screen pixels from a part's upper left corner.
  func places(in part: ScreenPart, _ view: ScreenView) -> [SIMD2<Float>] {
    let corner = SIMD2(Double(part.x), Double(part.y))
    return [SIMD2<Float>](unsafeUninitializedCapacity: width * height) { out, count in
      for row in 0..<height {
        for column in 0..<width {
          let place = SIMD2(Double(x + column) + 0.5, Double(y + row) + 0.5)
          out[row * width + column] = SIMD2<Float>(view.screen(fromSensor: place) - corner)
        }
      }
      count = width * height
    }
  }

  /// The place among the pixels that sees the middle of each of a tile's.
  func places(of tile: ScreenPart, _ view: ScreenView) -> [SIMD2<Float>] {
    let corner = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    return (0..<tile.width * tile.height).map { i in
      let (u, v) = (tile.x + i % tile.width, tile.y + i / tile.width)
      let place = SIMD2(Double(u) + 0.5, Double(v) + 0.5)
      return SIMD2<Float>(view.sensor(fromScreen: place) - corner)
    }
  }

  /// What each pixel holds behind its colour filter; the filters lie alike for all tiles.
  func expose(_ light: ScreenLight, _ places: [SIMD2<Float>], _ pattern: FilterPattern)
    -> BayerMosaic
  {
    let own = pattern.moved(x: x, y: y)
    let values = light.reading { light in
      [Float](unsafeUninitializedCapacity: width * height) { out, count in
        places.withUnsafeBufferPointer { places in
          for row in 0..<height {
            let channels = (own.channel(x: 0, y: row), own.channel(x: 1, y: row))
            for column in 0..<width {
              let i = row * width + column
              out[i] = light(column & 1 == 0 ? channels.0 : channels.1, places[i])
            }
          }
        }
        count = width * height
      }
    }
    return BayerMosaic(width: width, height: height, pattern: own, values: values)
  }

  /// Demosaics, and reads for each pixel of the tile the mean of four places of its square.
  func lay(
    _ mosaic: BayerMosaic, at places: [SIMD2<Float>], on picture: inout [Float],
    _ tile: ScreenPart, rowLength: Int, _ view: ScreenView
  ) {
    let colours = mosaic.demosaiced(.malvar)
    let (right, down) = (SIMD2<Float>(view.quarter.right), SIMD2<Float>(view.quarter.down))
    colours.withUnsafeBufferPointer { colours in
      picture.withUnsafeMutableBufferPointer { out in
        for (i, place) in places.enumerated() {
          let sum =
            (between(colours, place + right + down) + between(colours, place - right - down))
            + (between(colours, place + right - down) + between(colours, place - right + down))
          let to = 3 * ((tile.y + i / tile.width) * rowLength + tile.x + i % tile.width)
          for c in 0..<3 { out[to + c] = sum[c] * 0.25 }
        }
      }
    }
  }

  /// The colour between the four nearest pixels; the fourth number is the next pixel's first.
  @inline(__always)
  private func between(_ colours: UnsafeBufferPointer<Float>, _ place: SIMD2<Float>)
    -> SIMD4<Float>
  {
    let u = min(max(place.x, 0), Float(width) - 2.01)
    let v = min(max(place.y, 0), Float(height) - 2.01)
    let (i, j) = (Int(u), Int(v))
    let (s, t) = (u - Float(i), v - Float(j))
    let (first, second) = (3 * (j * width + i), 3 * ((j + 1) * width + i))
    let upper = pixel(colours, first) * (1 - s) + pixel(colours, first + 3) * s
    let lower = pixel(colours, second) * (1 - s) + pixel(colours, second + 3) * s
    return upper * (1 - t) + lower * t
  }

  @inline(__always)
  private func pixel(_ colours: UnsafeBufferPointer<Float>, _ i: Int) -> SIMD4<Float> {
    UnsafeRawBufferPointer(colours).loadUnaligned(fromByteOffset: 4 * i, as: SIMD4<Float>.self)
  }
}
