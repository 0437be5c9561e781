import Basics
import Images

/// A look at held-out records in the middle of a run, with the averaged parameters where there are some.
struct Validation {
  private let data: any PairSource
  private let records: Int

  init(_ data: any PairSource, records: Int) {
    (self.data, self.records) = (data, records)
  }

  /// Records PSNR (in all and of each class), SSIM, accuracy and pictures under "val", and says the
  /// gist of it.
  func run(_ models: Models, _ log: RunLog, _ iteration: Int) throws(Problem) {
    let evaluation = try models.withAverages { () throws(Problem) -> Evaluation in
      let restorer = Restorer(models.network, models.classifier, classes: models.classes)
      return try Evaluation(
        data, [.init(name: "restored", weights: "", restorer: restorer)], limit: records)
    }
    let (psnr, ssim) = evaluation.mean(1)
    let accuracy = evaluation.confusion(0)?.accuracy ?? .nan
    let ofClasses = evaluation.classes.enumerated().map { kind, name in
      (name: "psnr/\(name)", value: evaluation.scores(ofClass: kind, 1).psnr)
    }.filter(\.value.isFinite)
    try log.record(
      "val", [("psnr", psnr), ("ssim", ssim), ("accuracy", accuracy)] + ofClasses,
      iteration: iteration)
    log.say(
      "held out after \(iteration) it: \(fixed(psnr, 2)) dB (input "
        + "\(fixed(evaluation.mean(0).psnr, 2))), accuracy \(fixed(accuracy * 100, 1)) %")
    guard !evaluation.samples.isEmpty else { return }
    let grid = evaluation.grid()
    try log.record(
      "val/grid", png: PNGFile.encode(grid), width: grid.width, height: grid.height,
      iteration: iteration)
  }
}
