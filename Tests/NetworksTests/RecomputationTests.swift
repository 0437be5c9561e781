import Basics
import Networks
import Tensors
import Testing

/// Training that computes the insides of blocks again.
@Suite struct RecomputationTests {
  @Test(
    "what is computed again gives the outputs and gradients of what is kept",
    arguments: SteadyStateTests.small)
  func sameGradients(sizes: NetworkConfiguration) {
    let runs = [false, true].map { recomputes in
      let network = sizes.network(seed: 5)
      network.store.recomputes = recomputes
      leaveStart(network)
      return outputAndGradients(network)
    }
    #expect(runs[0].output == runs[1].output)
    let largest = runs[0].gradients.map(abs).max() ?? 0
    let difference =
      zip(runs[0].gradients, runs[1].gradients).map { abs($0 - $1) }.max() ?? .infinity
    #expect(largest > 0)
    #expect(difference <= 1e-6 * largest, "\(sizes): \(difference) of \(largest)")
  }

  private func outputAndGradients(_ network: any RestorationNetwork) -> (
    output: [Float], gradients: [Float]
  ) {
    let lq = randomPictures()
    let tape = Tape()
    let restored = network(tape.input(lq))
    tape.backward(from: l1Loss(restored, lq * 0.5))
    return (restored.floats, network.store.gradients.withFloats { Array($0) })
  }
}

/// Moves parameters away from start values, some of which are 0 and would hide what lies behind them.
func leaveStart(_ network: any RestorationNetwork) {
  var random = RandomStream(seed: 7)
  network.store.values.withFloats { values in
    for i in values.indices { values[i] += Float(0.05 * random.normal()) }
  }
}

/// Two pictures of 32x32 of noise.
func randomPictures() -> Tensor {
  var random = RandomStream(seed: 6)
  return Tensor(Shape(2, 32, 32, 3)) {
    for i in $0.indices { $0[i] = Float(random.uniform()) }
  }
}
