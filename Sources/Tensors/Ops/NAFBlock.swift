import Basics
import CKernels

/// The parameters of a NAFBlock of c channels.
public struct NAFBlockParameters {
  let norm1: (weight: Parameter, bias: Parameter)
  let conv1: (weight: Parameter, bias: Parameter)
  let conv2: (weight: Parameter, bias: Parameter)
  let sca: (weight: Parameter, bias: Parameter)
  let conv3: (weight: Parameter, bias: Parameter)
  let beta: Parameter
  let norm2: (weight: Parameter, bias: Parameter)
  let conv4: (weight: Parameter, bias: Parameter)
  let conv5: (weight: Parameter, bias: Parameter)
  let gamma: Parameter

  /// Makes the parameters of a block at a place in the network, under the reference's names.
  ///
  /// beta and gamma start at 0, so every block starts as the identity.
  public init(_ c: Int, _ scope: Scope) {
    func norm(_ name: String) -> (Parameter, Parameter) {
      (
        scope[name].vector("weight", shape: [c], repeating: 1),
        scope[name].vector("bias", shape: [c], repeating: 0)
      )
    }
    func conv(_ name: Scope, out: Int, in inner: Int, kernel: Int = 1) -> (Parameter, Parameter) {
      (
        name.weight(out: out, in: inner, kernel: kernel),
        name.bias(out, fanIn: inner * kernel * kernel)
      )
    }
    beta = scope.vector("beta", shape: [1, c, 1, 1], repeating: 0)
    gamma = scope.vector("gamma", shape: [1, c, 1, 1], repeating: 0)
    conv1 = conv(scope["conv1"], out: 2 * c, in: c)
    conv2 = conv(scope["conv2"], out: 2 * c, in: 1, kernel: 3)
    conv3 = conv(scope["conv3"], out: c, in: c)
    sca = conv(scope["sca"][1], out: c, in: c)
    conv4 = conv(scope["conv4"], out: 2 * c, in: c)
    conv5 = conv(scope["conv5"], out: c, in: c)
    norm1 = norm("norm1")
    norm2 = norm("norm2")
  }

  private func table(_ place: (Parameter) -> UnsafeMutablePointer<Float>) -> dk_naf_parameters {
    dk_naf_parameters(
      norm1_weight: place(norm1.weight), norm1_bias: place(norm1.bias),
      conv1_weight: place(conv1.weight),
      conv1_bias: place(conv1.bias), conv2_weight: place(conv2.weight),
      conv2_bias: place(conv2.bias),
      sca_weight: place(sca.weight), sca_bias: place(sca.bias), conv3_weight: place(conv3.weight),
      conv3_bias: place(conv3.bias), beta: place(beta), norm2_weight: place(norm2.weight),
      norm2_bias: place(norm2.bias),
      conv4_weight: place(conv4.weight), conv4_bias: place(conv4.bias),
      conv5_weight: place(conv5.weight),
      conv5_bias: place(conv5.bias), gamma: place(gamma))
  }

  var values: dk_naf_parameters { table { $0.value } }
  var gradients: dk_naf_parameters { table { $0.gradient } }
}

/// A NAFBlock in one pass over rows: for shallow levels, where activations outweigh weights.
///
/// The same function as the block composed of single ops (`nafBlockComposed`), with a tenth of its
/// activation memory: 3 floats a channel and pixel are kept, the rest is computed again.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`, c a multiple of 16.
///   - p: The block's parameters, trained (a frozen block is composed).
/// - Returns: `[n, h, w, c]`.
/// - Saves: `x`, the gated map, the middle result, four statistics a pixel.
/// - Source: Chen et al. 2022, arXiv 2204.04676, figure 4c.
public func nafBlockFused(_ x: Tensor, _ p: NAFBlockParameters) -> Tensor {
  let s = x.shape
  require(s.c % 16 == 0, "nafBlockFused: \(s.c) channels in \(s) are not a multiple of 16")
  let out = Tensor(s)
  let gated = Tensor(s)
  let middle = x.node == nil ? nil : Tensor(s)
  let statistics = Storage(count: 4 * s.pixels + 2 * s.n * s.c)
  var values = p.values
  kernels.naf_block(
    s.n, s.h, s.w, s.c, &values, x.pointer, out.pointer, gated.pointer, middle?.pointer,
    statistics.pointer)
  let saved = x.detached
  return out.recorded(from: [x], training: [p.beta]) { dy in
    let dx = Tensor(s)
    var (values, gradients) = (p.values, p.gradients)
    kernels.naf_block_grad(
      s.n, s.h, s.w, s.c, &values, saved.pointer, gated.pointer, middle?.pointer,
      statistics.pointer,
      dy.pointer,
      dx.pointer, &gradients)
    return [dx]
  }
}

/// A NAFBlock of single ops: for deep levels, any count of channels, frozen blocks and local pooling.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - p: The block's parameters.
///   - window: The pooling window, or nil to pool over the whole map.
/// - Returns: `[n, h, w, c]`.
public func nafBlockComposed(
  _ x: Tensor, _ p: NAFBlockParameters, window: (rows: Int, columns: Int)? = nil
) -> Tensor {
  var z = layerNorm(x, p.norm1.weight, p.norm1.bias)
  z = depthwiseGate(pointwise(z, p.conv1.weight, p.conv1.bias), p.conv2.weight, p.conv2.bias)
  if let window, window.rows < x.shape.h || window.columns < x.shape.w {
    z = z * pointwise(localMean(z, window: window), p.sca.weight, p.sca.bias)
  } else {
    z = scaleChannels(z, by: pointwise(spatialMean(z), p.sca.weight, p.sca.bias))
  }
  let y = scaledResidual(x, pointwise(z, p.conv3.weight, p.conv3.bias), p.beta)
  z = pointwise(layerNorm(y, p.norm2.weight, p.norm2.bias), p.conv4.weight, p.conv4.bias)
  return scaledResidual(y, pointwise(simpleGate(z), p.conv5.weight, p.conv5.bias), p.gamma)
}

/// A NAFBlock in the form that is faster for its size.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - p: The block's parameters.
///   - window: The pooling window, or nil to pool over the whole map.
public func nafBlock(_ x: Tensor, _ p: NAFBlockParameters, window: (rows: Int, columns: Int)? = nil)
  -> Tensor
{
  let s = x.shape
  let poolsLocally = window.map { $0.rows < s.h || $0.columns < s.w } ?? false
  // Above 128 channels the weights outweigh a row of pixels and the fused form loses its cache.
  let fuses =
    s.c % 16 == 0 && s.c <= 128 && !poolsLocally
    && (p.beta.isTrained || x.node == nil)
  return fuses ? nafBlockFused(x, p) : nafBlockComposed(x, p, window: window)
}
