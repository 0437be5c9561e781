import Tensors

/// The weight and bias of a convolution.
struct Layer {
  let weight: Parameter
  let bias: Parameter

  init(_ scope: Scope, out: Int, in inner: Int, kernel: Int) {
    weight = scope.weight(out: out, in: inner, kernel: kernel)
    bias = scope.bias(out, fanIn: inner * kernel * kernel)
  }
}
