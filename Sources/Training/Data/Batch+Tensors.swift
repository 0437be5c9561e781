import Basics
import Tensors

extension Batch {
  /// The low-quality patches as `[n, h, w, 3]`, 0...1.
  var lqTensor: Tensor { tensor(lq) }
  /// The ground truth as `[n, h, w, 3]`, 0...1.
  var gtTensor: Tensor { tensor(gt) }

  private func tensor(_ buffer: PixelBuffer) -> Tensor {
    Tensor(Shape(count, patchSize, patchSize, 3)) { values in
      buffer.withFloats { _ = values.update(fromContentsOf: $0) }
    }
  }
}
