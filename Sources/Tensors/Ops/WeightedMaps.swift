import Basics
import CKernels

/// Mixes stored maps with weights of each picture.
///
/// y[n] = sum_l weights[n, l] maps[l]
///
/// - Parameters:
///   - weights: `[n, 1, 1, l]`.
///   - maps: `[1, l, c, side, side]` in checkpoints, made with `Scope.maps`.
/// - Returns: `[n, side, side, c]`.
/// - Saves: `weights` until the backward pass.
/// - Source: The prompts of Potlapalli et al. 2023, arXiv 2306.13090, figure 3.
public func weightedMaps(_ weights: Tensor, _ maps: Parameter) -> Tensor {
  let s = weights.shape
  let (count, side) = (maps.shape[1], maps.shape[3])
  require(
    s == Shape(s.n, 1, 1, count), "weightedMaps: weights are \(s), the maps \(maps.shape)")
  let y = Tensor(Shape(s.n, side, side, maps.shape[2]))
  let size = maps.count / count
  kernels.gemm(
    0, 0, s.n, size, count, weights.pointer, count, maps.value, size, nil, nil, y.pointer, size)
  let saved = weights.detached
  return y.recorded(from: [weights], training: [maps]) { dy in
    if maps.isTrained {
      let dmaps = maps.gradientToReplace
      kernels.gemm(
        1, 0, count, size, s.n, saved.pointer, count, dy.pointer, size, nil,
        dmaps.isStale ? nil : dmaps.pointer, dmaps.pointer, size)
    }
    let dweights = Tensor(s)
    kernels.gemm(
      0, 1, s.n, count, size, dy.pointer, size, maps.value, size, nil, nil, dweights.pointer, count)
    return [dweights]
  }
}
