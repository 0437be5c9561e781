import Basics
import Networks
import Tensors

/// The share of samples whose class has the highest score.
func accuracy(_ logits: Tensor, _ labels: [Int]) -> Double {
  let right = zip(predictedClasses(logits), labels).filter { $0 == $1 }.count
  return Double(right) / Double(labels.count)
}

extension PixelLoss {
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    switch self {
    case .l1: l1Loss(prediction, target)
    case .charbonnier: charbonnierLoss(prediction, target)
    case .psnr: psnrLoss(prediction, target)
    }
  }
}
