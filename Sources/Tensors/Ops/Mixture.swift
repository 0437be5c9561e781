import Basics
import CKernels
import Glibc

/// The softmax of a parameter vector, as a tensor on the same tape as `neighbour`.
///
/// - Parameters:
///   - parameter: `[k]`.
///   - neighbour: A tensor of the computation it takes part in.
/// - Returns: `[1, 1, 1, k]`, positive, sum 1.
public func softmax(_ parameter: Parameter, beside neighbour: Tensor) -> Tensor {
  let k = parameter.count
  let largest = (0..<k).map { parameter.value[$0] }.max() ?? 0
  let powers = (0..<k).map { exp(parameter.value[$0] - largest) }
  let total = powers.reduce(0, +)
  let y = Tensor(Shape(1, 1, 1, k), powers.map { $0 / total })
  let saved = y.detached
  guard let tape = neighbour.node?.tape else { return y }
  return tape.append(y, inputs: [], wantsGradient: parameter.isTrained, isLeaf: false) { dy in
    let mean = (0..<k).reduce(Float(0)) { $0 + dy.pointer[$1] * saved.pointer[$1] }
    for i in 0..<k where parameter.isTrained {
      parameter.gradient[i] += saved.pointer[i] * (dy.pointer[i] - mean)
    }
    return []
  }
}

/// Adds one feature, weighted, to what was mixed so far.
///
/// y = previous + weights[index] feature
///
/// - Parameters:
///   - previous: `[n, h, w, c]`, or nil for nothing yet.
///   - feature: `[n, h, w, c]`.
///   - weights: `[1, 1, 1, k]`.
/// - Saves: `feature` until the backward pass.
public func mixed(_ previous: Tensor?, _ feature: Tensor, weights: Tensor, at index: Int) -> Tensor
{
  let count = feature.shape.count
  require(
    previous == nil || previous?.shape == feature.shape,
    "mixed: \(feature.shape) into \(String(describing: previous?.shape))")
  let weight = weights.pointer[index]
  let y = Tensor(feature.shape)
  kernels.scale(count, weight, feature.pointer, y.pointer)
  if let previous { kernels.axpy(count, 1, previous.pointer, y.pointer) }
  let saved = feature.detached
  let inputs = [feature, weights] + (previous.map { [$0] } ?? [])
  return y.recorded(from: inputs) { dy in
    let dfeature = Tensor(saved.shape)
    kernels.scale(count, weight, dy.pointer, dfeature.pointer)
    let dweights = Tensor(weights.shape, repeating: 0)
    dweights.pointer[index] = Float(kernels.dot(count, dy.pointer, saved.pointer))
    return [dfeature, dweights] + (inputs.count > 2 ? [dy] : [])
  }
}
