import CKernels
import Testing

/// The attentions against their definitions; that their gradients are slopes is `OpTests`' matter, here they
/// are the same on every instruction set.
@Suite struct AttentionKernelTests {
  /// Maps and heads: heads of 1 to 48 channels, one pixel, and more pixels than fit one chunk.
  static let maps: [(MapSize, Int)] = [
    (MapSize(1, 1, 1, 2), 2), (MapSize(2, 5, 7, 6), 2), (MapSize(2, 3, 4, 24), 4),
    (MapSize(1, 40, 24, 48), 1), (MapSize(3, 9, 5, 34), 2),
  ]

  @Test("attention between channels", arguments: Machine.all, maps)
  func channels(_ machine: Machine, _ map: (MapSize, Int)) {
    for softmax in [false, true] {
      let problem = ChannelProblem(map.0, heads: map.1, softmax: softmax)
      let (y, gradients) = problem.run(machine)
      expectClose(y, problem.plain(), 1e-5, "y, softmax \(softmax)")
      expectClose(gradients, problem.reference, 2e-5, "gradients, softmax \(softmax)")
    }
  }

  @Test(
    "attention in windows", arguments: Machine.all,
    [
      (MapSize(2, 4, 8, 6), 2, 4, 0), (MapSize(1, 8, 12, 8), 1, 4, 2),
      (MapSize(2, 6, 9, 12), 3, 3, 1), (MapSize(1, 16, 16, 60), 6, 8, 4),
    ])
  func windows(_ machine: Machine, _ item: (MapSize, Int, Int, Int)) {
    for extras in [false, true] {
      let problem = WindowProblem(
        item.0, heads: item.1, side: item.2, shift: item.3, extras: extras)
      let (y, gradients) = problem.run(machine)
      expectClose(y, problem.plain(), 1e-5, "y, with table and mask \(extras)")
      expectClose(gradients, problem.reference, 2e-5, "gradients, with table and mask \(extras)")
    }
  }
}

private let plainMachine = Machine(instructionSet: "portable", threads: 1)

private struct ChannelProblem {
  let size: MapSize
  let heads: Int
  let softmax: Bool
  let qkv: [Float]
  let dy: [Float]
  let temperature: [Float]

  init(_ size: MapSize, heads: Int, softmax: Bool) {
    var numbers = Numbers()
    (self.size, self.heads, self.softmax) = (size, heads, softmax)
    (qkv, dy) = (numbers.array(3 * size.count), numbers.array(size.count))
    temperature = numbers.array(heads, scale: 0.5, around: 2)
  }

  func plain() -> [Double] {
    PlainAttention.ofChannels(
      qkv, size.B, size.H * size.W, size.C, heads: heads, temperature: temperature,
      softmax: softmax)
  }

  /// The gradients where nothing is split and vectors are short.
  var reference: [Double] { run(plainMachine).gradients.map { Double($0) } }

  func run(_ machine: Machine) -> (y: [Float], gradients: [Float]) {
    let area = size.H * size.W
    var (y, dqkv) = (unset(size.count), unset(3 * size.count))
    var kept = unset(size.B * size.C * (size.C / heads + 2))
    var dtemperature = [Float](repeating: 0, count: heads)
    machine.run { table in
      table.channel_attention(
        size.B, area, size.C, heads, softmax ? 1 : 0, qkv, temperature, &y, &kept)
      table.channel_attention_grad(
        size.B, area, size.C, heads, softmax ? 1 : 0, qkv, temperature, kept, dy, &dqkv,
        &dtemperature)
    }
    return (y, dqkv + dtemperature)
  }
}

private struct WindowProblem {
  let size: MapSize
  let heads: Int
  let side: Int
  let shift: Int
  /// Whether there are a table and a mask.
  let extras: Bool
  let qkv: [Float]
  let dy: [Float]
  let table: [Float]

  init(_ size: MapSize, heads: Int, side: Int, shift: Int, extras: Bool) {
    var numbers = Numbers()
    (self.size, self.heads, self.side, self.shift) = (size, heads, side, shift)
    self.extras = extras
    (qkv, dy) = (numbers.array(3 * size.count, scale: 2), numbers.array(size.count))
    table = numbers.array((2 * side - 1) * (2 * side - 1) * heads)
  }

  func plain() -> [Double] {
    PlainAttention.inWindows(
      qkv, size, heads: heads, side: side, shift: shift,
      bias: { head, i, j in
        guard extras else { return 0 }
        let row =
          (i / side - j / side + side - 1) * (2 * side - 1) + i % side - j % side + side - 1
        return Double(table[row * heads + head])
      },
      mask: { window, i, j in
        guard extras, shift > 0 else { return 0 }
        return isSeam(window, i, j) ? -100 : 0
      })
  }

  /// Whether one of two pixels was rolled past a border and the other was not.
  private func isSeam(_ window: Int, _ i: Int, _ j: Int) -> Bool {
    let across = size.W / side
    func isRolled(_ start: Int, _ offset: Int, _ length: Int) -> Bool {
      start + offset >= length - shift
    }
    let (top, left) = (window / across * side, window % across * side)
    return isRolled(top, i / side, size.H) != isRolled(top, j / side, size.H)
      || isRolled(left, i % side, size.W) != isRolled(left, j % side, size.W)
  }

  /// The gradients where nothing is split and vectors are short.
  var reference: [Double] { run(plainMachine).gradients.map { Double($0) } }

  func run(_ machine: Machine) -> (y: [Float], gradients: [Float]) {
    var (y, dqkv) = (unset(size.count), unset(3 * size.count))
    var dtable = [Float](repeating: 0, count: table.count)
    let masked: Int32 = extras ? 1 : 0
    machine.run { kernels in
      table.withUnsafeBufferPointer { table in
        dtable.withUnsafeMutableBufferPointer { dtable in
          kernels.window_attention(
            size.B, size.H, size.W, size.C, heads, side, shift, masked, qkv,
            extras ? table.baseAddress : nil, &y)
          kernels.window_attention_grad(
            size.B, size.H, size.W, size.C, heads, side, shift, masked, qkv,
            extras ? table.baseAddress : nil, dy, &dqkv, extras ? dtable.baseAddress : nil)
        }
      }
    }
    return (y, dqkv + dtable)
  }
}
