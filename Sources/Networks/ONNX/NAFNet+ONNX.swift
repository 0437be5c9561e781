extension NAFNet.Configuration {
  /// The network as nodes, with global pooling.
  func draw(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
    let levels = encoderBlocks.count
    var y = graph.convolution(x, "intro")
    var skips: [ONNXGraph.Value] = []
    for level in 0..<levels {
      y = blocks("encoders.\(level)", encoderBlocks[level], &graph, y)
      skips.append(y)
      y = graph.convolution(y, "downs.\(level)", stride: 2)
    }
    y = blocks("middle_blks", middleBlocks, &graph, y)
    for j in 0..<levels {
      y = graph.pixelShuffled(graph.convolution(y, "ups.\(j).0"))
      y = graph.sum(y, skips[levels - 1 - j])
      let name = form == .dcpt ? "decoder\(j)" : "decoders.\(j)"
      y = blocks(name, decoderBlocks[j], &graph, y)
    }
    return graph.sum(graph.convolution(y, "ending"), x)
  }

  private func blocks(
    _ name: String, _ count: Int, _ graph: inout ONNXGraph, _ x: ONNXGraph.Value
  ) -> ONNXGraph.Value {
    (0..<count).reduce(x) { block("\(name).\($1)", &graph, $0) }
  }

  private func block(_ name: String, _ graph: inout ONNXGraph, _ x: ONNXGraph.Value)
    -> ONNXGraph.Value
  {
    let normed = graph.channelNorm(x, name + ".norm1", epsilon: 1e-6)
    let wide = graph.convolution(
      graph.convolution(normed, name + ".conv1"), name + ".conv2", isDepthwise: true)
    let gated = gate(&graph, wide)
    let mean = graph.add("GlobalAveragePool", [gated])
    let weighted = graph.product(gated, graph.convolution(mean, name + ".sca.1"))
    let first = graph.product(
      graph.convolution(weighted, name + ".conv3"), graph.weight(name + ".beta"))
    let y = graph.sum(x, first)
    let again = graph.channelNorm(y, name + ".norm2", epsilon: 1e-6)
    let narrow = graph.convolution(
      gate(&graph, graph.convolution(again, name + ".conv4")), name + ".conv5")
    return graph.sum(y, graph.product(narrow, graph.weight(name + ".gamma")))
  }

  private func gate(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
    let halves = graph.halves(x)
    return graph.product(halves[0], halves[1])
  }
}
