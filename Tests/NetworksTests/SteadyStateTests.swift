import Basics
import CAllocations
import Networks
import Tensors
import Testing

/// One network trained on one batch.
///
/// Serialized: the counters are the process's.
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
    // Whatever number of threads a test beside this one starts.
    Threads.start(2)
    let runs = (0..<2).map { _ in
      let test = SteadyStateTests()
      let (optimizer, batch) = (AdamW(test.network.store), test.batch())
      return (0..<5).map { _ in test.iteration(optimizer, batch) }
    }
    #expect(runs[0] == runs[1])
  }

  @Test("a short batch keeps blocks of its own: seen twice, it stores nothing new either")
  func shortBatches() async {
    await #expect(processExitsWith: .success) {
      let test = SteadyStateTests()
      let optimizer = AdamW(test.network.store)
      let whole = test.batch()
      let half = (lq: whole.lq.firstPicture, gt: whole.gt.firstPicture)
      var blocks: [Int] = []
      var bytes: [Int] = []
      for _ in 0..<5 {
        for batch in [whole, whole, half] { _ = test.iteration(optimizer, batch) }
        blocks.append(StoragePool.blocksMade)
        bytes.append(StoragePool.bytes)
      }
      require(Set(blocks[1...]).count == 1, "blocks made: \(blocks)")
      require(Set(bytes[1...]).count == 1, "bytes: \(bytes)")
    }
  }

  @Test(
    "from the second iteration on nothing new is stored and the count of allocations is constant",
    .enabled(if: ca_is_counting() == 1, "a sanitizer has the allocator"))
  func steadyState() async {
    // In a process of its own: the pool's counter is the process's, and other tests run beside this one.
    await #expect(processExitsWith: .success) {
      let (lq, gt) = SteadyStateTests().batch()
      for sizes in SteadyStateTests.small {
        let (allocations, blocks) = pretrain(sizes.network(seed: 5), lq: lq, gt: gt)
        // The first iteration makes the blocks, the second may still fill lists of free ones.
        require(Set(blocks[1...]).count == 1, "\(sizes): blocks made: \(blocks)")
        require(Set(allocations[2...]).count == 1, "\(sizes): allocations: \(allocations)")
        require(allocations[5] > 0, "the counter does not count")
      }
    }
  }

  /// One of each network.
  static let small: [NetworkConfiguration] = [
    .nafnet(.init(width: 16, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1])),
    .restormer(.init(dim: 8, blocks: [1, 1, 1, 1], refinementBlocks: 1)),
    .promptir(
      .init(
        dim: 8, blocks: [1, 1, 1, 1], refinementBlocks: 1, heads: [1, 2, 4, 4],
        prompts: .init(count: 3, channels: [4, 8, 8], sides: [16, 8, 4]))),
    .swinir(
      .init(dim: 12, depths: [2, 2], heads: [2, 3], windowSize: 4, form: .published)),
  ]
}

/// Six iterations of pre-training: how often each allocated, and the blocks that the pool had made by then.
private func pretrain(_ network: any RestorationNetwork, lq: Tensor, gt: Tensor) -> (
  allocations: [Int], blocks: [Int]
) {
  let classifier = DegradationClassifier(
    .init(
      featureChannels: network.featureChannels, classes: 5, blocks: 1,
      shrinksFeatures: network.featuresShareSize), seed: 7)
  let optimizers = [AdamW(network.store), AdamW(classifier.store)]
  let averages = EMA(network.store)
  var (allocations, blocks) = ([Int](), [Int]())
  allocations.reserveCapacity(6)
  blocks.reserveCapacity(6)
  for _ in 0..<6 {
    let before = ca_allocations()
    let tape = Tape()
    let losses = pretrainingLosses(
      network, classifier, gt: gt, lq: lq, labels: [0, 3], gamma: 2, on: tape)
    tape.backward(from: losses.classification.map { losses.pixel + $0.loss } ?? losses.pixel)
    for optimizer in optimizers { optimizer.step(rate: 1e-3) }
    averages.update()
    allocations.append(ca_allocations() - before)
    blocks.append(StoragePool.blocksMade)
  }
  return (allocations, blocks)
}

extension Tensor {
  /// A batch of the first picture alone.
  fileprivate var firstPicture: Tensor {
    Tensor(Shape(1, shape.h, shape.w, shape.c), Array(floats.prefix(floats.count / shape.n)))
  }
}
