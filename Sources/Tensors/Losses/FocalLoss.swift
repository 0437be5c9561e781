import Basics
import Glibc

/// The focal loss of class scores: alpha[y] (1 - p_y)^gamma (-log p_y), by default the mean over the samples.
///
/// - Parameters:
///   - logits: `[n, 1, 1, classes]`.
///   - labels: n class numbers; -100 leaves a sample out, also of the mean's count.
///   - gamma: 0 is cross-entropy; DCPT's pre-training uses 2 here (the authors' value is not published).
///   - alpha: A weight for each class, or nil. The mean is still divided by the count of samples.
///   - reduction: Mean or sum.
/// - Returns: A scalar; a constant 0 when every sample is left out.
/// - Source: Lin et al. 2017, arXiv 1708.02002.
public func focalLoss(
  _ logits: Tensor, _ labels: [Int], gamma: Float = 2, alpha: [Float]? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  let terms = FocalTerms(logits, labels, gamma: Double(gamma), alpha: alpha)
  let used = labels.filter { $0 != FocalTerms.ignored }.count
  let scale = reduction == .mean ? 1 / Double(max(used, 1)) : 1
  let loss = Tensor(scalar: Float(terms.values.reduce(0, +) * scale))
  return loss.recorded(from: [logits]) { dy in [terms.slopes * (Float(scale) * dy.item)] }
}

/// The focal loss of each sample by itself (0 where the label is -100), without a gradient.
public func focalLosses(_ logits: Tensor, _ labels: [Int], gamma: Float, alpha: [Float]? = nil)
  -> [Float]
{
  FocalTerms(logits, labels, gamma: Double(gamma), alpha: alpha).values.map { Float($0) }
}

/// The value of every sample's loss and its slope by every score.
private struct FocalTerms {
  static let ignored = -100
  var values: [Double] = []
  let slopes: Tensor

  init(_ logits: Tensor, _ labels: [Int], gamma: Double, alpha: [Float]?) {
    let (n, classes) = (logits.shape.n, logits.shape.c)
    require(
      labels.count == n && logits.shape.area == 1,
      "focalLoss: \(labels.count) labels for logits \(logits.shape)")
    slopes = Tensor(logits.shape, repeating: 0)
    for i in 0..<n {
      let y = labels[i]
      guard y != Self.ignored else {
        values.append(0)
        continue
      }
      require((0..<classes).contains(y), "focalLoss: label \(y) of \(classes) classes")
      let logP = Self.logSoftmax((0..<classes).map { Double(logits.pointer[i * classes + $0]) })
      let weight = alpha.map { Double($0[y]) } ?? 1
      let (value, slope) = Self.term(logP[y], gamma)
      values.append(weight * value)
      for k in 0..<classes {
        // d log p_y / d score_k = [k = y] - p_k
        slopes.pointer[i * classes + k] = Float(
          weight * slope * ((k == y ? 1 : 0) - Glibc.exp(logP[k])))
      }
    }
  }

  /// (1 - p)^gamma (-log p) and its slope by log p.
  private static func term(_ logP: Double, _ gamma: Double) -> (Double, Double) {
    let p = Glibc.exp(logP)
    let rest = -Glibc.expm1(logP)
    guard gamma > 0 else { return (-logP, -1) }
    guard rest > 0 else { return (0, 0) }
    let power = Glibc.pow(rest, gamma)
    return (-power * logP, gamma * power / rest * p * logP - power)
  }

  private static func logSoftmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let total = Glibc.log(scores.reduce(0) { $0 + Glibc.exp($1 - largest) })
    return scores.map { $0 - largest - total }
  }
}

/// The class with the highest score of each sample.
///
/// - Parameter logits: `[n, 1, 1, classes]`.
public func predictedClasses(_ logits: Tensor) -> [Int] {
  let classes = logits.shape.c
  return (0..<logits.shape.n).map { n in
    (0..<classes).max { logits.pointer[n * classes + $0] < logits.pointer[n * classes + $1] } ?? 0
  }
}
