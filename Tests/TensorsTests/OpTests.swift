import Basics
import Testing

@testable import Tensors

@Suite struct OpTests {
  @Test("the gradient of every op is the slope of its values", arguments: OpCase.all)
  func finiteDifferences(_ op: OpCase) {
    let problem = OpProblem(op)
    problem.backward()
    for _ in 0..<3 { expectSlope(problem, op) }
  }

  @Test("gradients of parameters add up until they are started again", arguments: OpCase.all)
  func rounds(_ op: OpCase) {
    let problem = OpProblem(op)
    problem.backward()
    let once = problem.parameterGradients
    problem.backward()
    #expect(error(problem.parameterGradients, once.map { 2 * $0 }) < 1e-5)
    problem.startGradients()
    problem.backward()
    #expect(problem.parameterGradients == once)
    problem.startGradients()
    #expect(problem.parameterGradients.allSatisfy { $0 == 0 })
  }

  @Test("what an op offers to compute again is what it computed; off the tape it offers nothing")
  func remadeResults() {
    var offers = 0
    for op in OpCase.all {
      let problem = OpProblem(op)
      let (recorded, detached) = (problem.result(on: Tape()), problem.result(on: nil))
      #expect(detached.remake == nil)
      guard let remake = recorded.remake else { continue }
      offers += 1
      #expect(remake().floats == detached.floats, "\(op)")
    }
    #expect(offers >= 4)
  }

  /// Moves inputs and parameters along one random direction and compares with the gradient along it.
  private func expectSlope(_ problem: OpProblem, _ op: OpCase) {
    let direction = problem.direction()
    let epsilon = op.epsilon
    let slope =
      (problem.value(along: direction, epsilon) - problem.value(along: direction, -epsilon))
      / Double(2 * epsilon)
    let expected = problem.gradient(along: direction)
    let scale = max(abs(slope), abs(expected), 0.05 * problem.gradientLength(direction))
    #expect(
      abs(slope - expected) <= Double(op.tolerance) * scale, "slope \(slope), gradient \(expected)")
  }

  @Test(
    "the fused NAFBlock is the composed one",
    arguments: [(16, 5, 7), (32, 8, 8), (48, 9, 4), (128, 6, 6)])
  func fusedBlock(_ c: Int, _ h: Int, _ w: Int) {
    let scope = Scope(seed: 3)
    let block = NAFBlockParameters(c, scope)
    var random = RandomStream(seed: 4)
    let count = scope.store.values.count
    for i in 0..<count { scope.store.values.pointer[i] += Float(0.1 * random.normal()) }
    let shape = Shape(2, h, w, c)
    let x = Tensor(shape) { for i in $0.indices { $0[i] = Float(random.normal()) } }
    let dy = Tensor(shape) { for i in $0.indices { $0[i] = Float(random.normal()) } }
    var results: [(y: [Float], dx: [Float], gradients: [Float])] = []
    for fused in [true, false] {
      scope.store.startGradients()
      let tape = Tape()
      let input = tape.input(x, wantsGradient: true)
      let y = fused ? nafBlockFused(input, block) : nafBlockComposed(input, block)
      tape.backward(from: y, gradient: dy)
      results.append(
        (
          y.floats, tape.gradient(of: input)?.floats ?? [],
          scope.store.gradients.withFloats { Array($0) }
        ))
    }
    #expect(error(results[0].y, results[1].y) < 1e-5)
    #expect(error(results[0].dx, results[1].dx) < 1e-5)
    #expect(error(results[0].gradients, results[1].gradients) < 1e-4)
  }

  private func error(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    let size = max(b.map(abs).max() ?? 0, 1e-30)
    return zip(a, b).map { abs($0 - $1) / size }.max() ?? 0
  }

  @Test("an op says which sides do not fit")
  func messages() async {
    await #expect(processExitsWith: .failure) {
      let scope = Scope(seed: 0)
      let weight = scope.weight(out: 4, in: 8, kernel: 1)
      _ = pointwise(Tensor(Shape(1, 2, 2, 3), repeating: 0), weight)
    }
  }

}

/// Random inputs and parameters of an op, and the scalar sum(y r) of its result.
final class OpProblem {
  private let op: OpCase
  private let store: ParameterStore
  private let parameters: [Parameter]
  private let inputs: [Tensor]
  private let weights: Tensor
  private var inputGradients: [[Float]] = []

  init(_ op: OpCase) {
    self.op = op
    let scope = Scope(seed: 11)
    parameters = op.parameters(scope)
    store = scope.store
    var random = RandomStream(seed: 12)
    func fill(_ shape: Shape) -> Tensor {
      Tensor(shape) { for i in $0.indices { $0[i] = Float(random.normal()) } }
    }
    inputs = op.inputs.map { fill($0) }
    weights = fill(op.run(inputs, parameters).shape)
  }

  /// The op's result, recorded on a tape or not.
  func result(on tape: Tape?) -> Tensor {
    op.run(inputs.map { tape?.input($0, wantsGradient: true) ?? $0 }, parameters)
  }

  func backward() {
    let tape = Tape()
    let x = inputs.map { tape.input($0, wantsGradient: true) }
    tape.backward(from: op.run(x, parameters), gradient: weights)
    inputGradients = x.map { tape.gradient(of: $0)?.floats ?? [] }
  }

  var parameterGradients: [Float] { store.gradients.withFloats { Array($0) } }
  func startGradients() { store.startGradients() }

  typealias Direction = (inputs: [[Float]], parameters: [Float])

  private var directions: UInt64 = 0
  func direction() -> Direction {
    directions += 1
    var random = RandomStream(seed: 13, index: directions)
    let x = inputs.map { t in (0..<t.shape.count).map { _ in Float(random.normal()) } }
    return (x, (0..<store.values.count).map { _ in Float(random.normal()) })
  }

  func value(along d: Direction, _ epsilon: Float) -> Double {
    let moved = zip(inputs, d.inputs).map { t, v in
      Tensor(t.shape, zip(t.floats, v).map { $0 + epsilon * $1 })
    }
    let p = store.values
    for i in 0..<p.count { p.pointer[i] += epsilon * d.parameters[i] }
    defer { for i in 0..<p.count { p.pointer[i] -= epsilon * d.parameters[i] } }
    return dot(op.run(moved, parameters).floats, weights.floats)
  }

  func gradient(along d: Direction) -> Double {
    let inputs = zip(inputGradients, d.inputs).reduce(0) { $0 + dot($1.0, $1.1) }
    return inputs + store.gradients.withFloats { dot(Array($0), d.parameters) }
  }

  /// The length of the gradient: what a direction's slope is compared with when it happens to be small.
  func gradientLength(_ d: Direction) -> Double {
    let inputs = inputGradients.reduce(0) { $0 + dot($1, $1) }
    return (inputs + store.gradients.withFloats { dot(Array($0), Array($0)) }).squareRoot()
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
