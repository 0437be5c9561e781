import Basics

/// A map of floats, NHWC, that remembers the tape it was computed on.
///
/// Everything computed from a tensor that came from `Tape.input` is recorded there; a tensor that
/// never met a tape records nothing, so evaluation is the same code. Values are not changed after
/// they are made. Not `Sendable`: threads work inside the kernels.
public struct Tensor {
  /// The sides.
  public let shape: Shape
  private(set) var storage: Storage
  var node: Node?
  /// Computes the values again from what its op saved; nil where that would not pay.
  var remake: (() -> Tensor)?

  /// A tensor of undefined values, to be filled by a kernel.
  init(_ shape: Shape) {
    self.shape = shape
    storage = Storage(count: shape.count)
  }

  /// Creates a tensor from values in NHWC order.
  public init(_ shape: Shape, _ values: [Float]) {
    require(values.count == shape.count, "Tensor: \(values.count) values for \(shape)")
    self.init(shape)
    guard storage.holdsValues else { return }
    values.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return }
      pointer.update(from: base, count: shape.count)
    }
  }

  /// Creates a tensor and lets `fill` write its values; a dry run does not ask for them.
  public init(_ shape: Shape, filling fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.init(shape)
    guard storage.holdsValues else { return }
    fill(UnsafeMutableBufferPointer(start: pointer, count: shape.count))
  }

  /// Creates a tensor of one value.
  public init(_ shape: Shape, repeating value: Float) {
    self.init(shape)
    guard storage.holdsValues else { return }
    pointer.update(repeating: value, count: shape.count)
  }

  /// Creates a scalar.
  init(scalar: Float) { self.init(Shape(1, 1, 1, 1), repeating: scalar) }

  /// Whether no other tensor has the same values.
  var isHeldOnce: Bool { mutating get { isKnownUniquelyReferenced(&storage) } }

  /// The values, valid as long as `self` is held in a variable.
  var pointer: UnsafeMutablePointer<Float> { storage.pointer }

  /// A copy of the values in NHWC order.
  public var floats: [Float] {
    withExtendedLifetime(storage) {
      Array(UnsafeBufferPointer(start: pointer, count: shape.count))
    }
  }

  /// Calls `body` with the values in place.
  public func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: pointer, count: shape.count))
    }
  }

  /// The value of a tensor of one element, such as a loss.
  public var item: Float {
    require(shape.count == 1, "item: the tensor has shape \(shape)")
    return withExtendedLifetime(storage) { pointer[0] }
  }

  /// The same values without a tape: no gradient flows back from what is computed from it.
  public var detached: Tensor {
    var copy = self
    (copy.node, copy.remake) = (nil, nil)
    return copy
  }

  /// The same values under another shape of equal count.
  func viewed(as shape: Shape) -> Tensor { Tensor(viewing: self, as: shape) }

  private init(viewing other: Tensor, as shape: Shape) {
    require(shape.count == other.shape.count, "view: \(other.shape) as \(shape)")
    self.shape = shape
    storage = other.storage
  }
}
