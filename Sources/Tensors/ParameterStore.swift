import Basics
import CKernels

/// All parameters of a network in one flat buffer, in the order they were made.
///
/// So clipping, an optimiser's step, EMA and saving are one pass each. Gradients exist once something
/// is trained.
public final class ParameterStore {
  /// The parameters in order.
  public private(set) var parameters: [Parameter] = []
  /// Whether iterations leave the values alone; ops then compute no gradients for them.
  public var isFrozen = false
  /// Whether training keeps only the inputs of the network's blocks, and computes their insides again.
  public var recomputes = false
  let seed: UInt64
  private(set) var round = 0
  private var size = 0
  private var drawn: [(Parameter, Initial)] = []
  private var made: (values: FlatVector, gradients: FlatVector?)?

  init(seed: UInt64) { self.seed = seed }

  /// The values of all parameters.
  public var values: FlatVector {
    if let made { return made.values }
    let values = FlatVector(count: size)
    made = (values, nil)
    for (parameter, initial) in drawn where values.holdsValues {
      parameter.setValues(initial.values(for: parameter, seed: seed), in: values)
    }
    drawn = []
    return values
  }

  /// The gradients of all parameters, zero where nothing was added since `startGradients`.
  public var gradients: FlatVector {
    for parameter in parameters { _ = parameter.gradient }
    return roundGradients
  }

  /// The gradients, of which those of parameters from an earlier round are stale.
  var roundGradients: FlatVector {
    let values = self.values
    if let gradients = made?.gradients { return gradients }
    let gradients = FlatVector(count: size)
    made = (values, gradients)
    return gradients
  }

  /// Whether there are values: not in a dry run.
  var holdsValues: Bool { values.holdsValues }

  /// Elements of all parameters together.
  public var elementCount: Int { parameters.reduce(0) { $0 + $1.count } }

  func add(_ name: String, _ shape: [Int], _ layout: Parameter.Layout, _ initial: Initial)
    -> Parameter
  {
    require(made == nil, "ParameterStore: '\(name)' added after the values were made")
    let parameter = Parameter(name, shape, layout, offset: size, store: self)
    // Every parameter starts at a cache line.
    size += (parameter.count + 15) & ~15
    parameters.append(parameter)
    drawn.append((parameter, initial))
    return parameter
  }

  /// Calls `body` while other values, such as an EMA's, stand in for the parameters'.
  public func withValues<R>(_ other: FlatVector, _ body: () throws -> R) rethrows -> R {
    let own = values
    require(own.count == other.count, "withValues: \(other.count) elements for \(own.count)")
    made?.values = other
    defer { made?.values = own }
    return try body()
  }

  /// Whether every gradient is a finite number.
  public var gradientsAreFinite: Bool { kernels.all_finite(size, gradients.pointer) != 0 }

  /// Starts the gradients from zero again.
  ///
  /// The zeros are not written: what comes first writes over what there is.
  public func startGradients() { round += 1 }

  /// Scales the gradients down so that their total norm is at most `maxNorm`, as PyTorch does.
  ///
  /// - Returns: The norm before.
  @discardableResult
  public func clipGradients(maxNorm: Float) -> Float {
    let g = gradients
    let norm = Float(kernels.dot(size, g.pointer, g.pointer).squareRoot())
    let factor = maxNorm / (norm + 1e-6)
    if factor < 1 { kernels.scale(size, factor, g.pointer, g.pointer) }
    return norm
  }
}

extension ParameterStore {
  /// A flat vector of this store as a checkpoint's arrays, under the reference's names and shapes.
  public func export(_ vector: FlatVector? = nil) -> [(name: String, entry: SafetensorsEntry)] {
    let vector = vector ?? values
    return parameters.map {
      ($0.name, SafetensorsEntry(shape: $0.shape, floats: $0.exported(from: vector)))
    }
  }

  /// Sets a flat vector (by default the values) from a checkpoint's arrays; every name and shape must fit.
  ///
  /// - Throws: `Problem` at `place` naming the first parameter that is missing, has another shape or
  ///   type, or is not known here; nothing is changed then.
  public func load(
    _ file: Safetensors, into vector: FlatVector? = nil, prefix: String = "", place: String
  ) throws(Problem) {
    let entries = Dictionary(
      file.entries.filter { $0.name.hasPrefix(prefix) }.map { ($0.name, $0.entry) }
    ) { a, _ in a }
    var found: [(Parameter, [Float])] = []
    for parameter in parameters {
      guard let entry = entries[prefix + parameter.name] else {
        throw Problem(place, "has no tensor '\(prefix)\(parameter.name)'", fix: Self.otherNetwork)
      }
      guard entry.shape == parameter.shape, let floats = entry.floats else {
        throw Problem(
          place,
          "'\(parameter.name)' is \(entry.type) \(entry.shape), the network wants F32 \(parameter.shape)",
          fix: Self.otherNetwork)
      }
      found.append((parameter, floats))
    }
    if entries.count != parameters.count {
      let known = Set(parameters.map { prefix + $0.name })
      let extra = entries.keys.filter { !known.contains($0) }.sorted()
      throw Problem(
        place, "tensor '\(extra[0])' is not part of the network", fix: Self.otherNetwork)
    }
    let target = vector ?? values
    for (parameter, floats) in found { parameter.setValues(floats, in: target) }
  }

  private static let otherNetwork =
    "these are weights of another network or configuration; check `network_g` in the recipe"
}
