import Basics

/// A place in a network's tree of parameter names, from which layers make their parameters.
///
/// `scope["encoders"][0]["conv1"].parameter("weight", ...)` makes `encoders.0.conv1.weight`.
public struct Scope {
  /// The store that holds the parameters.
  public let store: ParameterStore
  private let prefix: String

  /// Creates the root of a new network whose start values are drawn with `seed`.
  public init(seed: UInt64) {
    store = ParameterStore(seed: seed)
    prefix = ""
  }

  private init(_ store: ParameterStore, _ prefix: String) {
    (self.store, self.prefix) = (store, prefix)
  }

  /// The place one name deeper.
  public subscript(name: String) -> Scope { Scope(store, prefix + name + ".") }
  /// The place of an element of a list.
  public subscript(index: Int) -> Scope { self[String(index)] }

  func parameter(
    _ name: String, _ shape: [Int], _ layout: Parameter.Layout = .plain, _ initial: Initial
  ) -> Parameter {
    store.add(prefix + name, shape, layout, initial)
  }

  /// A vector parameter of one start value.
  public func vector(_ name: String, shape: [Int], repeating value: Float) -> Parameter {
    parameter(name, shape, .plain, .constant(value))
  }

  /// The weight of a convolution, [out, in/groups, kernel, kernel] in checkpoints.
  public func weight(out: Int, in inner: Int, kernel: Int, start: Initial? = nil) -> Parameter {
    parameter(
      "weight", [out, inner, kernel, kernel], .convolution,
      start ?? .uniform(fanIn: inner * kernel * kernel))
  }

  /// The weight of a linear layer, [out, in] in checkpoints.
  public func linearWeight(out: Int, in inner: Int, start: Initial? = nil) -> Parameter {
    parameter("weight", [out, inner], .convolution, start ?? .uniform(fanIn: inner))
  }

  /// The weight of a convolution that stands before a pixel shuffle by 2, which `depthToSpace` then is.
  public func shuffledWeight(out: Int, in inner: Int, kernel: Int = 1, start: Initial? = nil)
    -> Parameter
  {
    require(out % 4 == 0, "shuffledWeight: \(out) channels cannot be shuffled by 2")
    return parameter(
      "weight", [out, inner, kernel, kernel], .shuffled,
      start ?? .uniform(fanIn: inner * kernel * kernel))
  }

  /// The bias beside a weight of that fan-in.
  public func bias(_ count: Int, fanIn: Int, start: Initial? = nil) -> Parameter {
    parameter("bias", [count], .plain, start ?? .uniform(fanIn: fanIn))
  }

  /// Stored maps, [1, count, channels, side, side] in checkpoints.
  public func maps(_ name: String, count: Int, channels: Int, side: Int) -> Parameter {
    parameter(name, [1, count, channels, side, side], .maps, .unitInterval)
  }

  /// The table of a window's relative positions, [(2 side - 1)^2, heads] in checkpoints.
  public func positionTable(_ name: String, side: Int, heads: Int, start: Initial) -> Parameter {
    parameter(name, [(2 * side - 1) * (2 * side - 1), heads], .plain, start)
  }
}

/// How a parameter starts.
public enum Initial: Sendable {
  /// One value.
  case constant(Float)
  /// PyTorch's default for convolutions and linear layers: uniform in +-1/sqrt(fan-in).
  case uniform(fanIn: Int)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Uniform in 0 ..< 1.
  case unitInterval

  func values(for parameter: Parameter, seed: UInt64) -> [Float] {
    // Keyed by name: a parameter's start does not depend on what was made before it.
    var random = RandomStream(seed: seed, index: hash(parameter.name))
    switch self {
    case .constant(let value): return [Float](repeating: value, count: parameter.count)
    case .uniform(let fanIn):
      let bound = 1 / Double(fanIn).squareRoot()
      return (0..<parameter.count).map { _ in Float(random.uniform(-bound, bound)) }
    case .normal(let deviation):
      return (0..<parameter.count).map { _ in Float(deviation * random.normal()) }
    case .unitInterval: return (0..<parameter.count).map { _ in Float(random.uniform()) }
    }
  }

  /// FNV-1a, 64 bits.
  private func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
