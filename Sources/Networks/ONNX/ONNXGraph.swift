import Basics

/// A network as ONNX nodes under construction: maps are NCHW, weights keep the reference's names.
///
/// Source: `onnx.proto3` in onnx/onnx (IR version 8) and its operators, version 17.
struct ONNXGraph {
  /// The name of a value that a node made, or that is stored.
  typealias Value = String

  /// An attribute of a node.
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case number(Float)
    case text(String)
  }

  private var nodes: [ProtobufMessage] = []
  private var constants: [(name: Value, entry: SafetensorsEntry)] = []
  private let weights: [String: SafetensorsEntry]
  private var used: Set<String> = []

  /// The name of the graph's input.
  static let input = "lq"
  private static let output = "restored"

  /// Starts a graph over a network's weights, under their names.
  init(_ weights: [(name: String, entry: SafetensorsEntry)]) {
    self.weights = Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.entry) })
  }

  // MARK: Values

  /// Appends a node of one output.
  mutating func add(
    _ op: String, _ inputs: [Value], _ attributes: [(String, Attribute)] = []
  ) -> Value {
    add(op, inputs, outputs: 1, attributes)[0]
  }

  /// Appends a node.
  mutating func add(
    _ op: String, _ inputs: [Value], outputs count: Int, _ attributes: [(String, Attribute)] = []
  ) -> [Value] {
    let names = (0..<count).map { "\(op)_\(nodes.count)" + (count > 1 ? "_\($0)" : "") }
    var node = ProtobufMessage()
    for input in inputs { node.append(1, input) }
    for name in names { node.append(2, name) }
    node.append(3, "\(op)_\(nodes.count)")
    node.append(4, op)
    for (name, attribute) in attributes { node.append(5, ONNXGraph.message(name, attribute)) }
    nodes.append(node)
    return names
  }

  /// A parameter of the network.
  mutating func weight(_ name: String) -> Value {
    require(weights[name] != nil, "ONNX: the network has no '\(name)'")
    used.insert(name)
    return name
  }

  /// Whether the network has such a parameter, such as the bias of a layer.
  func has(_ name: String) -> Bool { weights[name] != nil }

  /// A parameter's shape and values, for constants that are made of it.
  func entry(_ name: String) -> SafetensorsEntry {
    guard let entry = weights[name] else { fatalError("ONNX: the network has no '\(name)'") }
    return entry
  }

  /// A list of whole numbers, as shapes and axes are given.
  mutating func constant(_ numbers: [Int]) -> Value { constant(numbers, shape: [numbers.count]) }

  /// A whole number.
  mutating func scalar(_ number: Int) -> Value { constant([number], shape: []) }

  private mutating func constant(_ numbers: [Int], shape: [Int]) -> Value {
    constant(
      SafetensorsEntry(
        type: "I64", shape: shape,
        bytes: numbers.flatMap { number in
          withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) }
        }))
  }

  /// An array of numbers.
  mutating func array(_ numbers: [Float], shape: [Int]) -> Value {
    constant(SafetensorsEntry(shape: shape, floats: numbers))
  }

  /// A number.
  mutating func number(_ value: Float) -> Value { array([value], shape: []) }

  private mutating func constant(_ entry: SafetensorsEntry) -> Value {
    if let known = constants.first(where: { $0.entry == entry }) { return known.name }
    constants.append(("constant_\(constants.count)", entry))
    return constants[constants.count - 1].name
  }

  // MARK: File

  /// The bytes of the file, whose graph returns `value`.
  ///
  /// - Parameter notes: Texts for the file's metadata.
  func file(returning value: Value, notes: [(key: String, value: String)]) -> [UInt8] {
    var graph = ProtobufMessage()
    for node in nodes { graph.append(1, node) }
    var end = ProtobufMessage()
    end.append(1, value)
    end.append(2, ONNXGraph.output)
    end.append(4, "Identity")
    graph.append(1, end)
    graph.append(2, "dcpt")
    for (name, entry) in constants { graph.append(5, ONNXGraph.message(name, entry)) }
    for name in used.sorted() { graph.append(5, ONNXGraph.message(name, entry(name))) }
    graph.append(11, ONNXGraph.picture(ONNXGraph.input))
    graph.append(12, ONNXGraph.picture(ONNXGraph.output))
    var model = ProtobufMessage()
    model.append(1, 8)
    model.append(2, "dcpt-train")
    model.append(7, graph)
    var operators = ProtobufMessage()
    operators.append(1, "")
    operators.append(2, 17)
    model.append(8, operators)
    for note in notes {
      var entry = ProtobufMessage()
      entry.append(1, note.key)
      entry.append(2, note.value)
      model.append(14, entry)
    }
    return model.bytes
  }

  /// `[batch, 3, height, width]` of 32-bit numbers.
  private static func picture(_ name: String) -> ProtobufMessage {
    var shape = ProtobufMessage()
    for side in ["batch", "", "height", "width"] {
      var dimension = ProtobufMessage()
      if side.isEmpty { dimension.append(1, 3) } else { dimension.append(2, side) }
      shape.append(1, dimension)
    }
    var tensor = ProtobufMessage()
    tensor.append(1, 1)
    tensor.append(2, shape)
    var type = ProtobufMessage()
    type.append(1, tensor)
    var value = ProtobufMessage()
    value.append(1, name)
    value.append(2, type)
    return value
  }

  private static func message(_ name: String, _ entry: SafetensorsEntry) -> ProtobufMessage {
    var tensor = ProtobufMessage()
    for side in entry.shape { tensor.append(1, side) }
    tensor.append(2, entry.type == "I64" ? 7 : 1)
    tensor.append(8, name)
    tensor.append(9, entry.bytes)
    return tensor
  }

  private static func message(_ name: String, _ attribute: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.append(1, name)
    switch attribute {
    case .number(let value):
      message.append(2, value)
      message.append(20, 1)
    case .integer(let value):
      message.append(3, value)
      message.append(20, 2)
    case .text(let value):
      message.append(4, value)
      message.append(20, 3)
    case .integers(let values):
      for value in values { message.append(8, value) }
      message.append(20, 7)
    }
    return message
  }
}
