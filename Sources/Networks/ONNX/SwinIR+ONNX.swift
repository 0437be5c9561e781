import Basics
import Tensors

extension SwinIR.Configuration {
  /// The network as nodes.
  func draw(_ graph: inout ONNXGraph, _ picture: ONNXGraph.Value) -> ONNXGraph.Value {
    let mean = graph.array(SwinIR.mean, shape: [3, 1, 1])
    let x = graph.add("Sub", [picture, mean])
    let shallow = graph.convolution(x, "conv_first")
    var y = graph.layerNorm(
      graph.transposed(shallow, [0, 2, 3, 1]), "patch_embed.norm", epsilon: SwinIR.epsilon)
    let nodes = WindowNodes(&graph, y, self)
    for (number, setting) in order.enumerated() {
      y = group(groupName(number), setting, nodes, &graph, y)
    }
    y = graph.layerNorm(y, "norm", epsilon: SwinIR.epsilon)
    let deep = residual("conv_after_body", &graph, graph.transposed(y, [0, 3, 1, 2]))
    let restored = graph.convolution(graph.sum(deep, shallow), "conv_last")
    return graph.sum(graph.sum(restored, x), mean)
  }

  private func groupName(_ number: Int) -> String {
    let half = depths.count / 2
    guard form == .dcpt else { return "layers.\(number)" }
    return number < half ? "encode_layers.\(number)" : "decode_layers\(number - half)"
  }

  /// - Parameter x: `[n, h, w, c]`.
  private func group(
    _ name: String, _ setting: Int, _ nodes: WindowNodes, _ graph: inout ONNXGraph,
    _ x: ONNXGraph.Value
  ) -> ONNXGraph.Value {
    let y = (0..<depths[setting]).reduce(x) { y, i in
      block(
        "\(name).residual_group.blocks.\(i)", heads[setting], nodes,
        windows(ofBlock: i).shift, &graph, y)
    }
    let convolved = residual(name + ".conv", &graph, graph.transposed(y, [0, 3, 1, 2]))
    return graph.sum(x, graph.transposed(convolved, [0, 2, 3, 1]))
  }

  private func residual(_ name: String, _ graph: inout ONNXGraph, _ x: ONNXGraph.Value)
    -> ONNXGraph.Value
  {
    guard residual == .three else { return graph.convolution(x, name) }
    func leaky(_ x: ONNXGraph.Value) -> ONNXGraph.Value {
      graph.add("LeakyRelu", [x], [("alpha", .number(0.2))])
    }
    let y = leaky(graph.convolution(x, name + ".0"))
    return graph.convolution(leaky(graph.convolution(y, name + ".2")), name + ".4")
  }

  private func block(
    _ name: String, _ heads: Int, _ nodes: WindowNodes, _ shift: Int, _ graph: inout ONNXGraph,
    _ x: ONNXGraph.Value
  ) -> ONNXGraph.Value {
    let normed = graph.layerNorm(x, name + ".norm1", epsilon: SwinIR.epsilon)
    let tokens = nodes.split(rolled(normed, by: -shift, &graph), &graph)
    let attended = attention(
      name + ".attn", heads, mask: shift > 0 ? nodes.mask : nil, nodes, &graph, tokens)
    let back = rolled(nodes.joined(attended, like: x, &graph), by: shift, &graph)
    let y = graph.sum(x, back)
    let again = graph.layerNorm(y, name + ".norm2", epsilon: SwinIR.epsilon)
    let wide = graph.gelu(graph.linear(again, name + ".mlp.fc1"))
    return graph.sum(y, graph.linear(wide, name + ".mlp.fc2"))
  }

  /// - Parameter tokens: `[windows, tokens, c]`.
  private func attention(
    _ name: String, _ heads: Int, mask: ONNXGraph.Value?, _ nodes: WindowNodes,
    _ graph: inout ONNXGraph, _ tokens: ONNXGraph.Value
  ) -> ONNXGraph.Value {
    let count = side * side
    let parts = graph.add(
      "Split", [graph.linear(tokens, name + ".qkv")], outputs: 3, [("axis", .integer(-1))]
    ).map { part in
      graph.transposed(graph.reshaped(part, [0, 0, heads, dim / heads]), [0, 2, 1, 3])
    }
    let scale = graph.number(1 / Float(dim / heads).squareRoot())
    let keys = graph.transposed(parts[1], [0, 1, 3, 2])
    var scores = graph.add("MatMul", [graph.product(parts[0], scale), keys])
    if form == .published {
      let bias = positionBias(graph.entry(name + ".relative_position_bias_table"), heads)
      scores = graph.sum(scores, graph.array(bias, shape: [heads, count, count]))
    }
    if let mask { scores = nodes.masked(scores, mask, heads, count, &graph) }
    let shares = graph.add("Softmax", [scores], [("axis", .integer(-1))])
    let mixed = graph.transposed(graph.add("MatMul", [shares, parts[2]]), [0, 2, 1, 3])
    return graph.linear(graph.reshaped(mixed, [0, 0, dim]), name + ".proj")
  }

  /// The table's values for each head, query and key.
  private func positionBias(_ table: SafetensorsEntry, _ heads: Int) -> [Float] {
    let values = table.floats ?? []
    let places = 0..<side * side
    return (0..<heads).flatMap { head in
      places.flatMap { i in
        places.map { j in
          let y = i / side - j / side + side - 1
          let x = i % side - j % side + side - 1
          return values[(y * (2 * side - 1) + x) * heads + head]
        }
      }
    }
  }

  /// Rolls rows and columns of `[n, h, w, c]`.
  private func rolled(_ x: ONNXGraph.Value, by shift: Int, _ graph: inout ONNXGraph)
    -> ONNXGraph.Value
  {
    guard shift != 0 else { return x }
    return [1, 2].reduce(x) { y, axis in
      let (zero, cut, end) = (
        graph.constant([0]), graph.constant([-shift]), graph.constant([Int(Int32.max)])
      )
      let axes = graph.constant([axis])
      let tail = graph.add("Slice", [y, cut, end, axes])
      let head = graph.add("Slice", [y, zero, cut, axes])
      return graph.joined([tail, head], axis: axis)
    }
  }
}

/// Windows of maps whose sides are known only when the graph runs.
private struct WindowNodes {
  private let side: Int
  private let dim: Int
  /// Windows in a row of them.
  private let columns: ONNXGraph.Value
  /// -100 between what is not adjacent in a shifted window, `[windows, 1, tokens, tokens]`.
  private(set) var mask: ONNXGraph.Value?

  /// - Parameter x: `[n, h, w, c]`.
  init(_ graph: inout ONNXGraph, _ x: ONNXGraph.Value, _ configuration: SwinIR.Configuration) {
    (side, dim) = (configuration.side, configuration.dim)
    columns = graph.add(
      "Div", [graph.side(x, from: 2, to: 3), graph.constant([configuration.side])])
    let shift = configuration.windows(ofBlock: 1).shift
    if configuration.form == .published, shift > 0 { mask = mask(x, shift, &graph) }
  }

  /// `[n, h, w, c]` as `[windows, tokens, c]`.
  func split(_ x: ONNXGraph.Value, _ graph: inout ONNXGraph, channels: Int? = nil)
    -> ONNXGraph.Value
  {
    let c = channels ?? dim
    let shape = graph.joined(
      [graph.constant([-1, side]), columns, graph.constant([side, c])], axis: 0)
    let cells = graph.transposed(graph.add("Reshape", [x, shape]), [0, 2, 1, 3, 4])
    return graph.reshaped(cells, [-1, side * side, c])
  }

  /// The way back, to the shape of `other`.
  func joined(_ x: ONNXGraph.Value, like other: ONNXGraph.Value, _ graph: inout ONNXGraph)
    -> ONNXGraph.Value
  {
    let shape = graph.joined(
      [graph.constant([-1]), columns, graph.constant([side, side, dim])], axis: 0)
    let rows = graph.transposed(graph.add("Reshape", [x, shape]), [0, 2, 1, 3, 4])
    return graph.add("Reshape", [rows, graph.add("Shape", [other])])
  }

  /// Adds the mask to scores `[n windows, heads, tokens, tokens]`.
  func masked(
    _ scores: ONNXGraph.Value, _ mask: ONNXGraph.Value, _ heads: Int, _ count: Int,
    _ graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    let windows = graph.side(mask, from: 0, to: 1)
    let shape = graph.joined(
      [graph.constant([-1]), windows, graph.constant([heads, count, count])], axis: 0)
    let byPicture = graph.sum(graph.add("Reshape", [scores, shape]), mask)
    return graph.reshaped(byPicture, [-1, heads, count, count])
  }

  /// The rolled map has nine cells; tokens of different ones do not see each other.
  private func mask(_ x: ONNXGraph.Value, _ shift: Int, _ graph: inout ONNXGraph)
    -> ONNXGraph.Value
  {
    let rows = graph.product(cells(x, axis: 1, shift, &graph), graph.constant([3]))
    let columns = cells(x, axis: 2, shift, &graph)
    let map = graph.sum(
      graph.reshaped(rows, [1, -1, 1, 1]), graph.reshaped(columns, [1, 1, -1, 1]))
    let tokens = split(map, &graph, channels: 1)
    let isSame = graph.add("Equal", [tokens, graph.transposed(tokens, [0, 2, 1])])
    let apart = graph.add(
      "Where", [isSame, graph.number(0), graph.number(-100)])
    return graph.add("Unsqueeze", [apart, graph.constant([1])])
  }

  /// Which third of a side each row or column belongs to: 0, 1 or 2.
  private func cells(
    _ x: ONNXGraph.Value, axis: Int, _ shift: Int, _ graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    let length = graph.reshaped(graph.side(x, from: axis, to: axis + 1), [])
    let places = graph.add("Range", [graph.scalar(0), length, graph.scalar(1)])
    func isBehind(_ distance: Int) -> ONNXGraph.Value {
      let edge = graph.add("Sub", [length, graph.scalar(distance)])
      let isIn = graph.add("GreaterOrEqual", [places, edge])
      return graph.add("Cast", [isIn], [("to", .integer(7))])
    }
    return graph.sum(isBehind(side), isBehind(shift))
  }
}
