import Basics

/// What the networks are made of, as nodes.
extension ONNXGraph {
  // MARK: Convolutions and products

  /// A convolution that keeps the size, or divides it by `stride`; with the bias that stands beside the weight.
  mutating func convolution(_ x: Value, _ name: String, stride: Int = 1, isDepthwise: Bool = false)
    -> Value
  {
    let shape = entry(name + ".weight").shape
    let pad = stride == 1 ? shape[2] / 2 : 0
    var inputs = [x, weight(name + ".weight")]
    if has(name + ".bias") { inputs.append(weight(name + ".bias")) }
    return add(
      "Conv", inputs,
      [
        ("kernel_shape", .integers([shape[2], shape[3]])),
        ("pads", .integers([pad, pad, pad, pad])), ("strides", .integers([stride, stride])),
        ("group", .integer(isDepthwise ? shape[0] : 1)),
      ])
  }

  /// A linear layer over the last axis.
  mutating func linear(_ x: Value, _ name: String) -> Value {
    let product = add("MatMul", [x, transposed(weight(name + ".weight"), [1, 0])])
    return add("Add", [product, weight(name + ".bias")])
  }

  mutating func sum(_ a: Value, _ b: Value) -> Value { add("Add", [a, b]) }

  mutating func product(_ a: Value, _ b: Value) -> Value { add("Mul", [a, b]) }

  // MARK: Norms and activations

  /// LayerNorm over the channels of a map.
  mutating func channelNorm(_ x: Value, _ name: String, epsilon: Float) -> Value {
    let channelsLast = transposed(x, [0, 2, 3, 1])
    return transposed(layerNorm(channelsLast, name, epsilon: epsilon), [0, 3, 1, 2])
  }

  /// LayerNorm over the last axis; one without a bias leaves the mean.
  mutating func layerNorm(_ x: Value, _ name: String, epsilon: Float) -> Value {
    let last: (String, Attribute) = ("axis", .integer(-1))
    guard !has(name + ".bias") else {
      return add(
        "LayerNormalization", [x, weight(name + ".weight"), weight(name + ".bias")],
        [last, ("epsilon", .number(epsilon))])
    }
    let axes: [(String, Attribute)] = [("axes", .integers([-1])), ("keepdims", .integer(1))]
    let centred = add("Sub", [x, add("ReduceMean", [x], axes)])
    let variance = add("ReduceMean", [product(centred, centred)], axes)
    let deviation = add("Sqrt", [sum(variance, number(epsilon))])
    return product(add("Div", [x, deviation]), weight(name + ".weight"))
  }

  /// GELU in its exact form.
  mutating func gelu(_ x: Value) -> Value {
    let erf = add("Erf", [product(x, number(Float(0.5).squareRoot()))])
    return product(product(x, number(0.5)), sum(erf, number(1)))
  }

  /// The halves of the channels.
  mutating func halves(_ x: Value) -> [Value] {
    add("Split", [x], outputs: 2, [("axis", .integer(1))])
  }

  // MARK: Resolution

  /// Doubles the sides and quarters the channels.
  mutating func pixelShuffled(_ x: Value) -> Value {
    add("DepthToSpace", [x], [("blocksize", .integer(2)), ("mode", .text("CRD"))])
  }

  /// Halves the sides of a map of so many channels, and has four times as many.
  mutating func pixelUnshuffled(_ x: Value, channels: Int) -> Value {
    let blocks = add("SpaceToDepth", [x], [("blocksize", .integer(2))])
    // It puts the places of a block before the channels, PyTorch behind them.
    let order = (0..<4 * channels).map { $0 % 4 * channels + $0 / 4 }
    return add("Gather", [blocks, constant(order)], [("axis", .integer(1))])
  }

  /// Pads right and bottom to a multiple by reflection.
  mutating func paddedToMultiple(_ x: Value, _ multiple: Int) -> Value {
    let sides = side(x, from: 2, to: 4)
    let step = constant([multiple])
    let over = add("Mod", [sides, step])
    let missing = add("Mod", [add("Sub", [step, over]), step])
    let before = constant([0, 0, 0, 0, 0, 0])
    return add(
      "Pad", [x, add("Concat", [before, missing], [("axis", .integer(0))])],
      [("mode", .text("reflect"))])
  }

  /// Cuts a map to the rows and columns of another.
  mutating func cropped(_ x: Value, like other: Value) -> Value {
    let (start, axes) = (constant([0, 0]), constant([2, 3]))
    return add("Slice", [x, start, side(other, from: 2, to: 4), axes])
  }

  // MARK: Shapes

  /// Some of a value's sides.
  mutating func side(_ x: Value, from start: Int, to end: Int) -> Value {
    add("Shape", [x], [("start", .integer(start)), ("end", .integer(end))])
  }

  /// Reshapes; 0 keeps a side, -1 takes what is left.
  mutating func reshaped(_ x: Value, _ shape: [Int]) -> Value {
    add("Reshape", [x, constant(shape)])
  }

  mutating func transposed(_ x: Value, _ order: [Int]) -> Value {
    add("Transpose", [x], [("perm", .integers(order))])
  }

  mutating func joined(_ parts: [Value], axis: Int) -> Value {
    add("Concat", parts, [("axis", .integer(axis))])
  }
}
