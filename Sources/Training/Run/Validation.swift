import Basics
import Images

/// A look at held-out records in the middle of a run, with the averaged parameters where there are some.
struct Validation {
  private let data: any PairSource
  private let records: Int

  init(_ data: any PairSource, records: Int) {
    (self.data, self.records) = (data, records)
  }

  /// Records PSNR, SSIM, accuracy and pictures under "val".
  func run(_ models: Models, _ log: RunLog, _ iteration: Int) throws(Problem) {
    let evaluation = try models.withAverages { () throws(Problem) -> Evaluation in
      let restorer = Restorer(models.network, models.classifier, classes: models.classes)
      return try Evaluation(
        data, [.init(name: "restored", weights: "", restorer: restorer)], limit: records)
    }
    let (psnr, ssim) = evaluation.mean(1)
    let accuracy = evaluation.confusion(0)?.accuracy ?? .nan
    try log.record(
      "val", [("psnr", psnr), ("ssim", ssim), ("accuracy", accuracy)], iteration: iteration)
    guard !evaluation.samples.isEmpty else { return }
    let grid = evaluation.grid()
    try log.record(
      "val/grid", png: PNGFile.encode(grid), width: grid.width, height: grid.height,
      iteration: iteration)
  }
}
