import CKernels
import Testing

/// Moves between space and channels, and pooling.
@Suite struct MoveTests {
  @Test("space to depth gathers each square in reading order", arguments: Machine.all, MapSize.even)
  func spaceToDepth(_ machine: Machine, _ size: MapSize) {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    var numbers = Numbers()
    let x = numbers.array(size.count)
    let addend = numbers.array(size.count)
    var (y, back, sum) = (unset(size.count), unset(size.count), unset(size.count))
    machine.run { table in
      table.space_to_depth(B, H, W, C, x, &y)
      table.depth_to_space(B, H / 2, W / 2, C, y, nil, &back)
      table.depth_to_space(B, H / 2, W / 2, C, y, addend, &sum)
    }
    var moved = unset(size.count)
    for b in 0..<B {
      for i in 0..<H {
        for j in 0..<W {
          let square = ((b * (H / 2) + i / 2) * (W / 2) + j / 2) * 4 + i % 2 * 2 + j % 2
          for c in 0..<C { moved[square * C + c] = x[((b * H + i) * W + j) * C + c] }
        }
      }
    }
    #expect(y == moved)
    #expect(back == x)
    #expect(sum == zip(x, addend).map { $0 + $1 })
  }

  @Test(
    "pixel unshuffle lays each square's pixels side by side in every channel",
    arguments: Machine.all,
    MapSize.even)
  func pixelUnshuffle(_ machine: Machine, _ size: MapSize) {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    var numbers = Numbers()
    let x = numbers.array(size.count)
    var (y, back) = (unset(size.count), unset(size.count))
    machine.run { table in
      table.pixel_unshuffle(B, H, W, C, x, &y)
      table.pixel_shuffle(B, H / 2, W / 2, C, y, &back)
    }
    var moved = unset(size.count)
    for i in x.indices {
      let (pixel, c) = (i / C, i % C)
      let (image, row, column) = (pixel / (H * W), pixel / W % H, pixel % W)
      let square = (image * (H / 2) + row / 2) * (W / 2) + column / 2
      moved[square * 4 * C + 4 * c + row % 2 * 2 + column % 2] = x[i]
    }
    #expect(y == moved)
    #expect(back == x)
  }

  @Test(
    "channels are copied into wider pixels, and nothing else is touched", arguments: Machine.all)
  func copyChannels(_ machine: Machine) {
    var numbers = Numbers()
    let x = numbers.array(50 * 7)
    var y = [Float](repeating: 5, count: 50 * 12)
    machine.run { $0.copy_channels(50, 7, x, 7, &y, 12) }
    for (i, value) in y.enumerated() {
      #expect(value == (i % 12 < 7 ? x[i / 12 * 7 + i % 12] : 5))
    }
  }

  @Test(
    "pooling keeps the largest of each square, and the gradient finds it again",
    arguments: Machine.all, MapSize.even + [MapSize(2, 5, 7, 3), MapSize(1, 9, 3, 20)])
  func maxPool(_ machine: Machine, _ size: MapSize) {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    let (h, w) = (H / 2, W / 2)
    var numbers = Numbers()
    // Few different values, so that there are ties: the first in reading order wins.
    let x = numbers.array(size.count, scale: 3).map { $0.rounded() }
    let dy = numbers.array(B * h * w * C)
    var y = unset(dy.count)
    var which = [UInt8](repeating: 9, count: dy.count)
    var dx = unset(size.count)
    machine.run { table in
      table.max_pool2(B, H, W, C, x, &y, &which)
      table.max_pool2_grad(B, H, W, C, dy, which, &dx)
    }
    var slope = [Float](repeating: 0, count: size.count)
    for i in dy.indices {
      let (pixel, c) = (i / C, i % C)
      let corner = ((pixel / (h * w) * H + pixel / w % h * 2) * W + pixel % w * 2) * C + c
      let places = [corner, corner + C, corner + W * C, corner + W * C + C]
      let best = places.map { x[$0] }.max() ?? 0
      let first = places.firstIndex { x[$0] == best } ?? 0
      #expect(y[i] == best && Int(which[i]) == first)
      slope[places[first]] = dy[i]
    }
    #expect(dx == slope)
  }
}
