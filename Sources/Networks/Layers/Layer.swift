import Tensors

/// Weight and bias of a convolution or a linear layer.
struct Layer {
  let weight: Parameter
  let bias: Parameter?

  /// A convolution.
  ///
  /// - Parameter start: How the weight starts, the bias then at 0; nil for PyTorch's default for both.
  init(
    _ scope: Scope, out: Int, in inner: Int, kernel: Int, hasBias: Bool = true,
    start: Initial? = nil
  ) {
    weight = scope.weight(out: out, in: inner, kernel: kernel, start: start)
    bias =
      hasBias
      ? scope.bias(out, fanIn: inner * kernel * kernel, start: start.map { _ in .constant(0) })
      : nil
  }

  /// A linear layer.
  init(linear scope: Scope, out: Int, in inner: Int, start: Initial? = nil) {
    weight = scope.linearWeight(out: out, in: inner, start: start)
    bias = scope.bias(out, fanIn: inner, start: start.map { _ in .constant(0) })
  }
}
