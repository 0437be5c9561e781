import Basics
import Networks
import Tensors
import Testing

/// One network trained on one batch. Serialized: the counters are the process's.
@Suite(.serialized) struct SteadyStateTests {
  private let network = NAFNet(
    .init(width: 16, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1]), seed: 5)

  private func batch() -> (lq: Tensor, gt: Tensor) {
    var random = RandomStream(seed: 6)
    let shape = Shape(2, 32, 32, 3)
    let gt = Tensor(shape) { for i in $0.indices { $0[i] = Float(random.uniform()) } }
    let lq = Tensor(shape, gt.floats.map { $0 * 0.5 + Float(0.05 * random.normal()) })
    return (lq, gt)
  }

  private func iteration(_ optimizer: AdamW, _ batch: (lq: Tensor, gt: Tensor)) -> Float {
    let tape = Tape()
    let loss = l1Loss(network(tape.input(batch.lq)), batch.gt)
    tape.backward(from: loss)
    optimizer.step(rate: 3e-3)
    return loss.item
  }

  @Test("a batch can be learnt by heart")
  func overfits() {
    let (optimizer, batch) = (AdamW(network.store), batch())
    let losses = (0..<120).map { _ in iteration(optimizer, batch) }
    #expect(losses[119] < 0.25 * losses[0], "\(losses[0]) to \(losses[119])")
  }

  @Test("two runs from the same seed give the same losses to the bit")
  func repeats() {
    let runs = (0..<2).map { _ in
      let test = SteadyStateTests()
      let (optimizer, batch) = (AdamW(test.network.store), test.batch())
      return (0..<5).map { _ in test.iteration(optimizer, batch) }
    }
    #expect(runs[0] == runs[1])
  }
}
