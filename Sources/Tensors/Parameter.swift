import Basics

/// A trained array of a network: a named stretch of its store's flat vectors.
public final class Parameter {
  /// The name in the reference's checkpoints, such as `encoders.0.0.conv1.weight`.
  public let name: String
  /// The shape in the reference's checkpoints.
  public let shape: [Int]
  let layout: Layout
  let offset: Int
  private unowned let store: ParameterStore
  /// The round of the store that the gradient's values are of; zeros are written when they are wanted.
  private var round = 0

  /// How the elements lie in memory, given their shape in checkpoints.
  enum Layout {
    /// As in the checkpoint.
    case plain
    /// [out, in, kh, kw] or [out, in] on disk, [kh][kw][in][out] in memory. Also depthwise weights,
    /// [C, 1, kh, kw] on disk and [kh][kw][C] in memory.
    case convolution
    /// A convolution before a pixel shuffle by 2: output channel 4c + k on disk is k C + c in memory, so
    /// that the shuffle moves whole pixels.
    case shuffled
    /// [1, count, c, h, w] on disk, [count][h][w][c] in memory.
    case maps
  }

  init(_ name: String, _ shape: [Int], _ layout: Layout, offset: Int, store: ParameterStore) {
    (self.name, self.shape, self.layout, self.offset) = (name, shape, layout, offset)
    self.store = store
  }

  /// Elements.
  public var count: Int { shape.reduce(1, *) }
  /// Whether an iteration changes it.
  var isTrained: Bool { !store.isFrozen }
  var value: UnsafeMutablePointer<Float> { store.values.pointer + offset }

  /// The gradient, to be added to.
  var gradient: UnsafeMutablePointer<Float> {
    let gradient = gradientToReplace
    if gradient.isStale && store.holdsValues { gradient.pointer.update(repeating: 0, count: count) }
    return gradient.pointer
  }

  /// The gradient, to be written over where it is stale, and then to be added to.
  var gradientToReplace: (pointer: UnsafeMutablePointer<Float>, isStale: Bool) {
    let pointer = store.roundGradients.pointer + offset
    defer { round = store.round }
    return (pointer, round != store.round)
  }

  /// A flat vector's stretch of this parameter, in the checkpoint's order.
  func exported(from vector: FlatVector) -> [Float] {
    let source = vector.pointer + offset
    var out = [Float](repeating: 0, count: count)
    forEachPlace { disk, memory in out[disk] = source[memory] }
    return out
  }

  /// Sets a flat vector's stretch from values in the checkpoint's order.
  func setValues(_ values: [Float], in vector: FlatVector) {
    require(values.count == count, "\(name): \(values.count) values for \(shape)")
    let target = vector.pointer + offset
    forEachPlace { disk, memory in target[memory] = values[disk] }
  }

  private func forEachPlace(_ body: (Int, Int) -> Void) {
    switch layout {
    case .plain:
      for i in 0..<count { body(i, i) }
    case .convolution, .shuffled:
      let (out, inner) = (shape[0], shape[1])
      let taps = count / (out * inner)
      for o in 0..<out {
        let column = layout == .shuffled ? o % 4 * (out / 4) + o / 4 : o
        for i in 0..<inner {
          for k in 0..<taps { body((o * inner + i) * taps + k, (k * inner + i) * out + column) }
        }
      }
    case .maps:
      let (channels, area) = (shape[2], shape[3] * shape[4])
      for map in 0..<shape[1] {
        for c in 0..<channels {
          for p in 0..<area {
            body((map * channels + c) * area + p, (map * area + p) * channels + c)
          }
        }
      }
    }
  }
}

/// One float for every parameter element of a network: values, gradients or an optimiser's moments.
public final class FlatVector {
  let pointer: UnsafeMutablePointer<Float>
  /// Elements.
  public let count: Int
  private let dryRun: DryRun?

  /// Creates a vector of zeros.
  init(count: Int) {
    (self.count, dryRun) = (count, DryRun.current)
    pointer = dryRun?.vector(count) ?? allocateFloats(max(count, 1))
    if holdsValues { pointer.update(repeating: 0, count: count) }
  }

  deinit { if holdsValues { pointer.deallocate() } }

  /// Whether there are values: not in a dry run.
  var holdsValues: Bool { dryRun == nil }

  /// Calls `body` with the elements.
  public func withFloats<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
    try body(UnsafeMutableBufferPointer(start: pointer, count: count))
  }

  /// Takes over another vector's elements.
  public func copy(from other: FlatVector) {
    require(count == other.count, "FlatVector: \(other.count) elements for \(count)")
    guard holdsValues else { return }
    pointer.update(from: other.pointer, count: count)
  }
}
