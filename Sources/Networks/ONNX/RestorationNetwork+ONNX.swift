import Basics

extension RestorationNetwork {
  /// The network as an ONNX file (operators of version 17): `lq` in, `restored` out, both
  /// `[batch, 3, height, width]`, sRGB codes in 0...1.
  ///
  /// Height and width are free: sides are padded to the network's multiple by reflection, as evaluation does it, and
  /// the result is cropped, so they must be longer than the padding. Pooling is global; nothing is clamped.
  ///
  /// - Parameters:
  ///   - weights: The parameters under their names, such as an average's.
  ///   - notes: Texts for the file's metadata.
  public func onnx(
    _ weights: [(name: String, entry: SafetensorsEntry)], notes: [(key: String, value: String)]
  ) -> [UInt8] {
    var graph = ONNXGraph(weights)
    let padded = graph.paddedToMultiple(ONNXGraph.input, max(sizeMultiple, paddingMultiple))
    let restored = graph.cropped(sizes.draw(&graph, padded), like: ONNXGraph.input)
    return graph.file(returning: restored, notes: notes)
  }
}

extension NetworkConfiguration {
  fileprivate func draw(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
    switch self {
    case .nafnet(let sizes): sizes.draw(&graph, x)
    case .swinir(let sizes): sizes.draw(&graph, x)
    case .restormer(let sizes): sizes.draw(&graph, x)
    case .promptir(let sizes): sizes.draw(&graph, x)
    }
  }
}
