import Basics
import CKernels

/// The record of one forward pass, from which gradients are computed.
///
/// Holds a pullback for every op; `backward` runs them from last to first and drops each, with all it
/// saved, as soon as it has run. First derivatives only.
public final class Tape {
  /// Gradient of an op's output in, gradients of its inputs out, in order (nil: none).
  typealias Pullback = (Tensor) -> [Tensor?]

  private struct Entry {
    var inputs: [Int]
    var pullback: Pullback?
    var gradient: Tensor?
    var isLeaf: Bool
  }
  private var entries: [Entry] = []

  /// Creates an empty tape.
  public init() {}

  /// Puts a tensor at the start of the recording.
  ///
  /// - Parameter wantsGradient: Whether `gradient(of:)` will be asked for; a picture's rarely is, and
  ///   the first layer then skips that work.
  public func input(_ tensor: Tensor, wantsGradient: Bool = false) -> Tensor {
    append(tensor, inputs: [], wantsGradient: wantsGradient, isLeaf: true, pullback: nil)
  }

  /// Computes the gradients of everything recorded with respect to `loss`, a scalar on this tape.
  ///
  /// Parameters' gradients are added to their store. The recording is used up.
  public func backward(from loss: Tensor) {
    require(loss.shape.count == 1, "backward: the loss has shape \(loss.shape)")
    backward(from: loss, gradient: Tensor(scalar: 1))
  }

  /// Starts from a given gradient of `output`.
  public func backward(from output: Tensor, gradient: Tensor) {
    guard let node = output.node else { fatalError("backward: the tensor is on no tape") }
    require(node.tape === self, "backward: the tensor is on another tape")
    require(
      gradient.shape == output.shape, "backward: gradient \(gradient.shape) for \(output.shape)")
    entries[node.index].gradient = gradient
    for i in entries.indices.reversed() where !entries[i].isLeaf {
      let pullback = entries[i].pullback
      entries[i].pullback = nil
      guard let dy = entries[i].gradient, let pullback else { continue }
      entries[i].gradient = nil
      let gradients = pullback(dy)
      require(
        gradients.count == entries[i].inputs.count,
        "backward: an op returned \(gradients.count) gradients")
      for (input, gradient) in zip(entries[i].inputs, gradients) {
        if input >= 0, let gradient { accumulate(gradient, at: input) }
      }
    }
  }

  /// The gradient of an input made with `wantsGradient`, after `backward`.
  public func gradient(of input: Tensor) -> Tensor? {
    guard let node = input.node, node.tape === self else { return nil }
    return entries[node.index].gradient
  }

  func append(
    _ value: Tensor, inputs: [Int], wantsGradient: Bool, isLeaf: Bool, pullback: Pullback?
  ) -> Tensor {
    var tensor = value.detached
    tensor.node = Node(tape: self, index: entries.count, wantsGradient: wantsGradient)
    entries.append(Entry(inputs: inputs, pullback: pullback, gradient: nil, isLeaf: isLeaf))
    return tensor
  }

  private func accumulate(_ gradient: Tensor, at index: Int) {
    guard var sum = entries[index].gradient else {
      entries[index].gradient = gradient.detached
      return
    }
    entries[index].gradient = nil
    // Where other entries have it too (an addition hands the same one to both sides), the sum gets
    // storage of its own.
    let total = sum.isHeldOnce ? sum : Tensor(sum.shape)
    kernels.add(total.shape.count, sum.pointer, gradient.pointer, total.pointer)
    withExtendedLifetime((sum, gradient)) { entries[index].gradient = total }
  }
}

/// A tensor's place on its tape.
struct Node {
  // A tensor that outlives its tape is our mistake and stops the program; owning the tape from here
  // would make a cycle through every pullback.
  unowned let tape: Tape
  let index: Int
  /// False when neither an input that wants a gradient nor a trained parameter lies before it.
  let wantsGradient: Bool
}

extension Tensor {
  /// Whether a gradient with respect to this tensor is of use to anybody.
  var wantsGradient: Bool { node?.wantsGradient ?? false }

  /// Puts the result of an op on its inputs' tape, with the way back.
  ///
  /// - Parameters:
  ///   - inputs: The op's inputs, in the order of the gradients that `pullback` returns.
  ///   - parameters: What the pullback adds gradients to.
  ///   - remake: Computes the result again from what the pullback saves anyhow; given by ops that cost
  ///     little beside the memory of their result. The next op then need not save it.
  func recorded(
    from inputs: [Tensor], training parameters: [Parameter?] = [], remake: (() -> Tensor)? = nil,
    pullback: @escaping Tape.Pullback
  ) -> Tensor {
    let nodes = inputs.map(\.node)
    guard let tape = nodes.lazy.compactMap({ $0?.tape }).first else { return self }
    require(nodes.allSatisfy { $0 == nil || $0?.tape === tape }, "op: its inputs are on two tapes")
    let trains = parameters.contains { $0?.isTrained ?? false }
    let wants = trains || nodes.contains { $0?.wantsGradient ?? false }
    var result = tape.append(
      self, inputs: nodes.map { $0?.index ?? -1 }, wantsGradient: wants, isLeaf: false,
      pullback: wants ? pullback : nil)
    if wants { result.remake = remake }
    return result
  }
}

/// What an op keeps of an input for its pullback: the values, or the way to compute them again.
enum SavedTensor {
  case held(Tensor)
  case remade(() -> Tensor)

  init(_ tensor: Tensor) {
    self = tensor.remake.map { .remade($0) } ?? .held(tensor.detached)
  }

  /// Whether the values are computed again each time.
  var isRemade: Bool { if case .remade = self { true } else { false } }

  /// The values, computed again if they were not kept.
  var tensor: Tensor {
    switch self {
    case .held(let tensor): tensor
    case .remade(let remake): remake()
    }
  }
}
