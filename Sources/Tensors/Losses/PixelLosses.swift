import Basics
import CKernels
import Glibc

/// How the errors of single elements become one number.
public enum Reduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
}

/// The mean absolute difference.
///
/// - Parameters:
///   - prediction: `[n, h, w, c]`.
///   - target: Of the same shape; no gradient flows to it.
///   - reduction: Mean or sum.
/// - Returns: A scalar. Its gradient is 0 where the two are equal.
public func l1Loss(_ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  requireEqual(prediction, target, "l1Loss")
  let count = prediction.shape.count
  let scale: Float = reduction == .mean ? 1 / Float(count) : 1
  let sum = kernels.sum_absolute_difference(count, prediction.pointer, target.pointer)
  let loss = Tensor(scalar: Float(sum * Double(scale)))
  let (p, t) = (prediction.detached, target.detached)
  return loss.recorded(from: [prediction]) { dy in
    let gradient = Tensor(p.shape)
    kernels.sign_difference(count, scale * dy.item, p.pointer, t.pointer, gradient.pointer)
    return [gradient]
  }
}

/// The absolute difference, weighted element by element: sum(w |d|) / sum(w).
public func weightedL1Loss(_ prediction: Tensor, _ target: Tensor, weight: Tensor) -> Tensor {
  requireEqual(prediction, weight, "weightedL1Loss")
  let total = weight.floats.reduce(0) { $0 + Double($1) }
  let weights = weight.floats
  return elementwiseLoss(prediction, target, scale: 1 / total) { d, i in
    let w = Double(weights[i])
    return (w * abs(d), d > 0 ? w : d < 0 ? -w : 0)
  }
}

/// The mean squared difference.
public func mseLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
  elementwiseLoss(prediction, target) { d, _ in (d * d, 2 * d) }
}

/// The mean of sqrt(d^2 + epsilon): L1 with a rounded tip.
///
/// The gradient is d / sqrt(d^2 + epsilon), so 0 at d = 0 whatever epsilon is.
/// - Source: `CharbonnierLoss` in BasicSR; DCPT's default epsilon 1e-12 makes it nearly L1.
public func charbonnierLoss(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-12)
  -> Tensor
{
  elementwiseLoss(prediction, target) { d, _ in
    let root = (d * d + epsilon).squareRoot()
    return (root, d / root)
  }
}

/// The mean of d^2 / 2 below 1 and |d| - 1/2 above.
public func smoothL1Loss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
  elementwiseLoss(prediction, target) { d, _ in
    abs(d) < 1 ? (d * d / 2, d) : (abs(d) - 0.5, d > 0 ? 1 : -1)
  }
}

/// The mean of q^2 / 2 + (|d| - q) with q = min(|d|, delta).
///
/// As DCPT codes it: the linear part has slope 1, where Huber's has slope delta.
public func huberLoss(_ prediction: Tensor, _ target: Tensor, delta: Double) -> Tensor {
  elementwiseLoss(prediction, target) { d, _ in
    let q = min(abs(d), delta)
    let slope = abs(d) < delta ? d : d > 0 ? 1 : -1
    return (q * q / 2 + abs(d) - q, slope)
  }
}

/// Minus the PSNR in dB, averaged over the pictures: 10 log10(mse + 1e-8).
///
/// - Parameters:
///   - prediction: `[n, h, w, c]`, values in 0...1.
///   - target: Of the same shape.
///   - luma: Whether to compare Y (BT.601, studio range, over 255) instead of RGB.
/// - Source: `PSNRLoss` in megvii-research/NAFNet.
public func psnrLoss(_ prediction: Tensor, _ target: Tensor, luma: Bool = false) -> Tensor {
  requireEqual(prediction, target, "psnrLoss")
  let s = prediction.shape
  require(!luma || s.c == 3, "psnrLoss: luma of \(s.c) channels")
  let (p, t) = (prediction.detached, target.detached)
  let size = s.area * s.c
  let errors = (0..<s.n).map { n in
    luma
      ? lumaSquaredError(p, t, n) / Double(s.area)
      : kernels.sum_squared_difference(size, p.pointer + n * size, t.pointer + n * size)
        / Double(size)
  }
  let factor = 10 / Glibc.log(10.0) / Double(s.n)
  let loss = Tensor(scalar: Float(errors.reduce(0) { $0 + factor * Glibc.log($1 + 1e-8) }))
  return loss.recorded(from: [prediction]) { dy in
    let gradient = Tensor(s, repeating: 0)
    for n in 0..<s.n {
      let slope = Double(dy.item) * factor / (errors[n] + 1e-8)
      addSquaredErrorGradient(gradient, p, t, n, slope: slope, luma: luma)
    }
    return [gradient]
  }
}

private let lumaWeights = [65.481 / 255, 128.553 / 255, 24.966 / 255]

private func lumaDifference(_ p: Tensor, _ t: Tensor, _ pixel: Int) -> Double {
  (0..<3).reduce(0) {
    $0 + lumaWeights[$1] * Double(p.pointer[3 * pixel + $1] - t.pointer[3 * pixel + $1])
  }
}

private func lumaSquaredError(_ p: Tensor, _ t: Tensor, _ n: Int) -> Double {
  (0..<p.shape.area).reduce(0) { sum, i in
    let d = lumaDifference(p, t, n * p.shape.area + i)
    return sum + d * d
  }
}

private func addSquaredErrorGradient(
  _ g: Tensor, _ p: Tensor, _ t: Tensor, _ n: Int, slope: Double, luma: Bool
) {
  let s = p.shape
  guard luma else {
    let (size, start) = (s.area * s.c, n * s.area * s.c)
    let k = Float(2 * slope / Double(size))
    kernels.axpy(size, k, p.pointer + start, g.pointer + start)
    kernels.axpy(size, -k, t.pointer + start, g.pointer + start)
    return
  }
  for i in n * s.area..<(n + 1) * s.area {
    let d = 2 * slope / Double(s.area) * lumaDifference(p, t, i)
    for c in 0..<3 { g.pointer[3 * i + c] = Float(d * lumaWeights[c]) }
  }
}

/// A loss that is the (scaled) sum of a function of each difference; by default the mean.
private func elementwiseLoss(
  _ prediction: Tensor, _ target: Tensor, scale: Double? = nil,
  _ f: (Double, Int) -> (value: Double, slope: Double)
) -> Tensor {
  requireEqual(prediction, target, "loss")
  let count = prediction.shape.count
  let scale = scale ?? 1 / Double(count)
  var sum = 0.0
  let slopes = Tensor(prediction.shape) { slopes in
    for i in 0..<count {
      let (value, slope) = f(Double(prediction.pointer[i]) - Double(target.pointer[i]), i)
      sum += value
      slopes[i] = Float(slope * scale)
    }
  }
  return Tensor(scalar: Float(sum * scale)).recorded(from: [prediction]) { dy in [slopes * dy.item]
  }
}

private func requireEqual(_ a: Tensor, _ b: Tensor, _ op: String) {
  require(a.shape == b.shape, "\(op): prediction is \(a.shape), target \(b.shape)")
}
