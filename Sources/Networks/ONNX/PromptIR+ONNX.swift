import Basics
import Tensors

extension PromptIR.Configuration {
  /// The network as nodes.
  func draw(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
    let blocks = blocks
    let settings = ONNXGraph.TransformerSettings(
      epsilon: 1e-5, activation: .softmax, heads: heads)
    let (skips, latent) = graph.transformerEncoder(x, blocks: blocks, settings) { $0 }
    var y = latent
    for i in [3, 2, 1] {
      y = prompted(i, settings, &graph, y)
      y = graph.joined([graph.upsampled(y, "up\(i + 1)_\(i)"), skips[i - 1]], axis: 1)
      if i > 1 { y = graph.convolution(y, "reduce_chan_level\(i)") }
      y = graph.transformerLevel(
        y, "decoder_level\(i)", blocks[i - 1], heads: settings.heads[i - 1], settings)
    }
    y = graph.transformerLevel(
      y, "refinement", refinementBlocks, heads: settings.heads[0], settings)
    return graph.sum(graph.convolution(y, "output"), x)
  }

  private func prompted(
    _ number: Int, _ settings: ONNXGraph.TransformerSettings, _ graph: inout ONNXGraph,
    _ x: ONNXGraph.Value
  ) -> ONNXGraph.Value {
    let together = graph.joined([x, prompt("prompt\(number)", &graph, x)], axis: 1)
    let y = graph.transformerBlock(
      together, "noise_level\(number)", heads: settings.heads[2], settings)
    return graph.convolution(y, "reduce_noise_level\(number)")
  }

  /// The stored maps, mixed by the picture's mean and resized to it.
  private func prompt(_ name: String, _ graph: inout ONNXGraph, _ x: ONNXGraph.Value)
    -> ONNXGraph.Value
  {
    let shape = graph.entry(name + ".prompt_param").shape
    let mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])])
    let shares = graph.add(
      "Softmax", [graph.linear(mean, name + ".linear_layer")], [("axis", .integer(1))])
    let maps = graph.reshaped(graph.weight(name + ".prompt_param"), [shape[1], -1])
    let mixture = graph.reshaped(
      graph.add("MatMul", [shares, maps]), [-1, shape[2], shape[3], shape[4]])
    let size = graph.joined(
      [graph.side(mixture, from: 0, to: 2), graph.side(x, from: 2, to: 4)], axis: 0)
    let resized = graph.add(
      "Resize", [mixture, "", "", size],
      [("mode", .text("linear")), ("coordinate_transformation_mode", .text("half_pixel"))])
    return graph.convolution(resized, name + ".conv3x3")
  }
}
