import Basics
import Tensors

/// Some pairs of a batch that go through the network together.
struct BatchPart {
  private let batch: Batch
  private let pairs: Range<Int>

  fileprivate init(_ batch: Batch, _ pairs: Range<Int>) {
    (self.batch, self.pairs) = (batch, pairs)
  }

  /// The low-quality patches as `[n, h, w, 3]`, 0...1.
  var lq: Tensor { tensor(batch.lq) }
  /// The ground truth as `[n, h, w, 3]`, 0...1.
  var gt: Tensor { tensor(batch.gt) }
  /// The class number of each pair.
  var labels: [Int] { Array(batch.labels[pairs]) }
  /// Its share of the batch's pairs, 0...1.
  var share: Double { Double(pairs.count) / Double(batch.count) }

  private func tensor(_ buffer: PixelBuffer) -> Tensor {
    let side = batch.patchSize
    let size = side * side * 3
    return Tensor(Shape(pairs.count, side, side, 3)) { values in
      buffer.withFloats { floats in
        let part = floats[pairs.lowerBound * size..<pairs.upperBound * size]
        _ = values.update(fromContentsOf: part)
      }
    }
  }
}

extension Batch {
  /// The batch in so many parts, as equal as can be; in fewer where there are fewer pairs.
  func parts(_ count: Int) -> [BatchPart] {
    let count = min(count, self.count)
    return (0..<count).map {
      BatchPart(self, self.count * $0 / count..<self.count * ($0 + 1) / count)
    }
  }
}
