import Basics
import Networks
import Tensors

/// A training iteration to be timed: a network, a batch and a patch size, under the name the peer uses.
struct NetworkCase {
  let name: String
  let sizes: NetworkConfiguration
  let batch: Int
  let patch: Int
  /// Whether it is a whole DCPT pre-training iteration with the official-shape classifier.
  let pretrains: Bool

  static let all: [NetworkCase] = [
    naf("naf32_b4p128", width: 32, batch: 4, patch: 128),
    naf("naf16_b8p64", width: 16, deepBlocks: 4, batch: 8, patch: 64),
    naf("naf64off_b1p128", width: 64, deepBlocks: 28, batch: 1, patch: 128),
    naf("dcpt_naf32_b4p128", width: 32, batch: 4, patch: 128, pretrains: true),
    restormer("rest48_b1p64", patch: 64),
    restormer("rest48_b1p128", patch: 128),
    NetworkCase(
      name: "swin60_b2p64",
      sizes: .swinir(
        .init(dim: 60, depths: [2, 2, 2, 2, 2], heads: [6, 6, 6, 6, 6])),
      batch: 2, patch: 64, pretrains: false),
    NetworkCase(
      name: "promptir_b1p64", sizes: .promptir(.init()), batch: 1, patch: 64, pretrains: false),
  ]

  /// The same case with NAFNet's pooling over the whole picture at every size.
  var poolingGlobally: NetworkCase {
    guard case .nafnet(var sizes) = sizes else { return self }
    sizes.trainSize = nil
    return NetworkCase(
      name: name, sizes: .nafnet(sizes), batch: batch, patch: patch, pretrains: pretrains)
  }

  static func named(_ name: String) throws(Problem) -> NetworkCase {
    guard let found = all.first(where: { $0.name == name }) else {
      throw Problem("case '\(name)'", "is not known", fix: hint(for: name, among: all.map(\.name)))
    }
    return found
  }

  private static func naf(
    _ name: String, width: Int, deepBlocks: Int = 1, batch: Int, patch: Int, pretrains: Bool = false
  ) -> NetworkCase {
    let sizes = NAFNet.Configuration(
      width: width, encoderBlocks: [1, 1, 1, deepBlocks], middleBlocks: 1,
      decoderBlocks: [1, 1, 1, 1],
      trainSize: [128, 128])
    return NetworkCase(
      name: name, sizes: .nafnet(sizes), batch: batch, patch: patch, pretrains: pretrains)
  }

  private static func restormer(_ name: String, patch: Int) -> NetworkCase {
    NetworkCase(
      name: name, sizes: .restormer(.init(blocks: [1, 1, 1, 1], refinementBlocks: 1)), batch: 1,
      patch: patch, pretrains: false)
  }
}

/// Network, data and optimisers of a case.
final class NetworkTimer {
  private let item: NetworkCase
  private let network: any RestorationNetwork
  private let classifier: DegradationClassifier?
  private let optimizers: [AdamW]
  private let lq: Tensor
  private let gt: Tensor
  private let testPicture: Tensor
  private let parts: Int

  /// - Parameters:
  ///   - recomputes: Whether the insides of blocks are computed again.
  ///   - parts: Parts that a batch goes through in; they divide it.
  init(_ item: NetworkCase, recomputes: Bool = false, parts: Int = 1) {
    (self.item, self.parts) = (item, parts)
    network = item.sizes.network(seed: 1)
    classifier =
      item.pretrains
      ? DegradationClassifier(.init(featureChannels: network.featureChannels, classes: 5), seed: 2)
      : nil
    optimizers = ([network.store] + (classifier.map { [$0.store] } ?? [])).map { AdamW($0) }
    var random = RandomStream(seed: 3)
    func picture(_ n: Int, _ side: Int) -> Tensor {
      Tensor(Shape(n, side, side, 3)) { for i in $0.indices { $0[i] = Float(random.uniform()) } }
    }
    network.store.recomputes = recomputes
    lq = picture(item.batch / parts, item.patch)
    gt = picture(item.batch / parts, item.patch)
    testPicture = picture(1, 256)
  }

  /// Parameters of network and classifier.
  var parameterCount: Int { network.store.elementCount + (classifier?.store.elementCount ?? 0) }

  /// One training iteration.
  ///
  /// - Returns: Seconds: total, forward, loss and backward, optimiser; and the loss.
  func step() -> (times: [Double], loss: Float) {
    var (forward, backward, last) = (0.0, 0.0, Float(0))
    for _ in 0..<parts {
      let start = monotonicSeconds()
      let tape = Tape()
      let loss = self.loss(on: tape)
      let middle = monotonicSeconds()
      tape.backward(from: loss)
      (forward, backward) = (forward + middle - start, backward + monotonicSeconds() - middle)
      last = loss.item
    }
    let start = monotonicSeconds()
    for optimizer in optimizers { optimizer.step(rate: 1e-4) }
    let step = monotonicSeconds() - start
    return ([forward + backward + step, forward, backward, step], last)
  }

  private func loss(on tape: Tape) -> Tensor {
    guard let classifier else { return l1Loss(network(tape.input(lq)), gt) }
    let labels = (0..<item.batch / parts).map { $0 % classifier.configuration.classes }
    let losses = pretrainingLosses(
      network, classifier, gt: gt, lq: lq, labels: labels, gamma: 2, on: tape)
    return losses.classification.map { losses.pixel + $0.loss } ?? losses.pixel
  }

  /// Seconds of one forward pass of a 256x256 picture.
  func infer() -> Double {
    let start = monotonicSeconds()
    _ = network(testPicture)
    return monotonicSeconds() - start
  }
}

/// Resident memory of this process in KiB, from the kernel's own counters.
enum ResidentMemory {
  /// The most there ever was.
  static var peak: Int { kernelCounter("VmHWM:", in: "/proc/self/status") ?? 0 }
  /// What there is now.
  static var current: Int { kernelCounter("VmRSS:", in: "/proc/self/status") ?? 0 }
}
