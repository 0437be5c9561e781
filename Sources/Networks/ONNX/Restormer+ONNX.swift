import Tensors

extension Restormer.Configuration {
  /// The network as nodes.
  func draw(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
    let (blocks, form) = (blocks, form)
    let settings = ONNXGraph.TransformerSettings(
      epsilon: form == .published ? 1e-5 : 1e-6,
      activation: form == .published ? .softmax : .relu, heads: heads)
    func place(_ name: String) -> String { form == .dcpt ? name + ".body" : name }
    let (skips, latent) = graph.transformerEncoder(x, blocks: blocks, settings, place: place)
    var y = latent
    for i in [3, 2, 1] {
      y = graph.joined([graph.upsampled(y, "up\(i + 1)_\(i)"), skips[i - 1]], axis: 1)
      if i > 1 { y = graph.convolution(y, "reduce_chan_level\(i)") }
      y = graph.transformerLevel(
        y, place("decoder_level\(i)"), blocks[i - 1], heads: settings.heads[i - 1], settings)
    }
    y = graph.transformerLevel(
      y, place("refinement"), refinementBlocks, heads: settings.heads[0], settings)
    return graph.sum(graph.convolution(y, "output"), x)
  }
}
