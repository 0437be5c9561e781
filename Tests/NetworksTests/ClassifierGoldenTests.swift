import Basics
import Networks
import Tensors
import TestSupport
import Testing

/// The classifier on the reference's features, with both focal losses (loss 5e-6, gradients 3e-4).
@Suite struct ClassifierGoldenTests {
  @Test("the classifier agrees with the reference", arguments: Golden.files(in: "heads"), [0, 2])
  func agrees(_ name: String, _ gamma: Int) throws {
    let file = try GoldenFile(name)
    let head = try file.classifier()
    let shrinks = head.configuration.shrinksFeatures
    let tape = Tape()
    let features = try file.features(on: tape)
    let logits = head(features)
    #expect(relativeError(logits.floats, try file.floats("logits")) < 5e-6)
    let loss = focalLoss(logits, try file.integers("labels"), gamma: Float(gamma))
    #expect(relativeError([loss.item], try file.floats("gamma\(gamma).loss")) < 5e-6)
    tape.backward(from: loss)
    for (parameter, entry) in head.store.export(head.store.gradients) {
      let error = relativeError(
        entry.floats ?? [], try file.floats("gamma\(gamma).grad.\(parameter)"))
      #expect(error < 3e-4, "\(name): gradient of \(parameter)")
    }
    for (i, feature) in features.enumerated() {
      let gradient = try #require(tape.gradient(of: feature))
      let error = relativeError(
        shrinks ? gradient.floats : gradient.nchw,
        try file.floats("gamma\(gamma).grad.features.\(i)"))
      #expect(error < 3e-4, "\(name): gradient of feature \(i)")
    }
  }
}
