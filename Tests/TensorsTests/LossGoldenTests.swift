import Basics
import TestSupport
import Testing

@testable import Tensors

/// Every loss of the golden file, value and gradient (2e-6 of the largest magnitude).
@Suite struct LossGoldenTests {
  private let file: Safetensors
  private let alpha: [Float]

  init() throws {
    file = try Safetensors(reading: Golden.path("units/losses.safetensors"))
    let text = file.metadata.first { $0.key == "config" }?.value ?? "{}"
    let config = try JSON(parsing: text.utf8, place: "losses")
    alpha = config["alpha"]?.array?.compactMap { $0.double.map { Float($0) } } ?? []
  }

  private static let pixel: [String: @Sendable (Tensor, Tensor, Tensor) -> Tensor] = [
    "l1_mean": { p, t, _ in l1Loss(p, t) },
    "l1_sum": { p, t, _ in l1Loss(p, t, reduction: .sum) },
    "l1_w05": { p, t, _ in l1Loss(p, t) * 0.5 },
    "l1_weighted": { p, t, w in weightedL1Loss(p, t, weight: w) },
    "mse_mean": { p, t, _ in mseLoss(p, t) },
    "charbonnier_eps1e12": { p, t, _ in charbonnierLoss(p, t) },
    "charbonnier_eps1e6": { p, t, _ in charbonnierLoss(p, t, epsilon: 1e-6) },
    "smooth_l1": { p, t, _ in smoothL1Loss(p, t) },
    "huber_delta001": { p, t, _ in huberLoss(p, t, delta: 0.01) },
    "huber_delta02": { p, t, _ in huberLoss(p, t, delta: 0.2) },
    "psnr": { p, t, _ in psnrLoss(p, t) },
    "psnr_toY": { p, t, _ in psnrLoss(p, t, luma: true) },
    "psnr_w05": { p, t, _ in psnrLoss(p, t) * 0.5 },
  ]

  @Test("a pixel loss agrees with the reference", arguments: pixel.keys.sorted())
  func pixelLoss(_ name: String) throws {
    let loss = try #require(Self.pixel[name])
    let tape = Tape()
    let prediction = tape.input(try map("pred"), wantsGradient: true)
    let value = loss(prediction, try map("target"), try map("weight"))
    #expect(relativeError([value.item], try floats("\(name).value")) < 2e-6)
    tape.backward(from: value)
    let gradient = try #require(tape.gradient(of: prediction))
    #expect(relativeError(gradient.floats, try map("\(name).grad").floats) < 2e-6)
  }

  @Test(
    "a classification loss agrees with the reference",
    arguments: [
      ("cross_entropy", 0), ("focal_g0", 0), ("focal_g05", 0.5), ("focal_g0_alpha", 0),
      ("focal_g1", 1), ("focal_g2", 2),
      ("focal_g2_alpha", 2), ("focal_g2_ignore", 2), ("focal_g2_sum", 2),
    ] as [(String, Float)])
  func classificationLoss(_ name: String, _ gamma: Float) throws {
    let labels = try #require(
      file[name == "focal_g2_ignore" ? "focal_g2_ignore.labels" : "labels"]?.integers)
    let tape = Tape()
    let logits = tape.input(Tensor(Shape(6, 1, 1, 5), try floats("logits")), wantsGradient: true)
    let loss = focalLoss(
      logits, labels, gamma: gamma, alpha: name.hasSuffix("alpha") ? alpha : nil,
      reduction: name.hasSuffix("sum") ? .sum : .mean)
    #expect(relativeError([loss.item], try floats("\(name).value")) < 2e-6)
    tape.backward(from: loss)
    #expect(
      relativeError(tape.gradient(of: logits)?.floats ?? [], try floats("\(name).grad")) < 2e-6)
  }

  @Test("single samples' losses agree with the reference")
  func unreduced() throws {
    let labels = try #require(file["labels"]?.integers)
    let logits = Tensor(Shape(6, 1, 1, 5), try floats("logits"))
    #expect(
      relativeError(focalLosses(logits, labels, gamma: 2), try floats("focal_g2_none.value")) < 2e-6
    )
  }

  @Test("a batch without any label has loss 0")
  func allIgnored() {
    #expect(focalLoss(Tensor(Shape(2, 1, 1, 5), repeating: 1), [-100, -100]).item == 0)
  }

  private func floats(_ key: String) throws -> [Float] { try #require(file[key]?.floats, "\(key)") }

  /// [2, 3, 5, 7] in the file, NHWC here.
  private func map(_ key: String) throws -> Tensor {
    let values = try floats(key)
    return Tensor(Shape(2, 5, 7, 3)) { out in
      for n in 0..<2 {
        for c in 0..<3 {
          for k in 0..<35 { out[(n * 35 + k) * 3 + c] = values[(n * 3 + c) * 35 + k] }
        }
      }
    }
  }
}
