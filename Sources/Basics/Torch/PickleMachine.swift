/// Reads a pickle without executing it: it knows how tensors and containers are written, and refuses the rest.
///
/// Python's own reader calls whatever function a file names, so a `.pth` from a stranger can do anything. Here a
/// name is a text, and the few that may be called are called by a switch.
struct PickleMachine {
  private let code: ArraySlice<UInt8>
  private let path: String
  private var at: Int
  private var stack: [PickleValue] = []
  /// Where on the stack the open marks stand.
  private var marks: [Int] = []
  private var memory: [Int: PickleValue] = [:]

  private init(_ code: ArraySlice<UInt8>, path: String) {
    (self.code, self.path, at) = (code, path, code.startIndex)
  }

  /// Returns the value that a pickle describes.
  ///
  /// - Throws: `Problem` naming what is neither a tensor nor a container, with its byte.
  static func value(of code: ArraySlice<UInt8>, path: String) throws(Problem) -> PickleValue {
    var machine = PickleMachine(code, path: path)
    while try machine.step() {}
    return try machine.pop()
  }

  // MARK: Opcodes

  /// Carries out an instruction; false at the end.
  private mutating func step() throws(Problem) -> Bool {
    let opcode = try take(1)[at - 1]
    switch opcode {
    case UInt8(ascii: "."): return false
    case 0x80: _ = try take(1)  // the protocol's number
    case 0x95: _ = try take(8)  // a frame's size
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    default:
      guard try !stepContainer(opcode), try !stepMemory(opcode), try !stepCall(opcode) else {
        return true
      }
      stack.append(try scalar(opcode))
    }
    return true
  }

  private mutating func scalar(_ opcode: UInt8) throws(Problem) -> PickleValue {
    switch opcode {
    case UInt8(ascii: "N"): return .none
    case 0x88: return .bool(true)
    case 0x89: return .bool(false)
    case UInt8(ascii: "K"): return .integer(try number(1))
    case UInt8(ascii: "M"): return .integer(try number(2))
    case UInt8(ascii: "J"):
      return .integer(Int(Int32(truncatingIfNeeded: try number(4))))
    case 0x8A: return .integer(try longNumber())
    case UInt8(ascii: "G"):
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return .number(Double(bitPattern: bits))
    case UInt8(ascii: "X"): return .text(try text(try number(4)))
    case 0x8C: return .text(try text(try number(1)))
    default:
      throw refused("the pickle opcode 0x" + String(opcode, radix: 16))
    }
  }

  private mutating func stepContainer(_ opcode: UInt8) throws(Problem) -> Bool {
    switch opcode {
    case UInt8(ascii: ")"): try pushTuple([])
    case UInt8(ascii: "]"): stack.append(.list(PickleList()))
    case UInt8(ascii: "}"): stack.append(.table(PickleTable()))
    case 0x85, 0x86, 0x87: try pushTuple(try pop(Int(opcode) - 0x84))
    case UInt8(ascii: "t"): try pushTuple(try popToMark())
    case UInt8(ascii: "a"): try extendList(by: try pop(1))
    case UInt8(ascii: "e"): try extendList(by: try popToMark())
    case UInt8(ascii: "s"): try extendTable(by: try pop(2))
    case UInt8(ascii: "u"): try extendTable(by: try popToMark())
    default: return false
    }
    return true
  }

  private mutating func stepMemory(_ opcode: UInt8) throws(Problem) -> Bool {
    switch opcode {
    case UInt8(ascii: "q"): memory[try number(1)] = try top()
    case UInt8(ascii: "r"): memory[try number(4)] = try top()
    case 0x94: memory[memory.count] = try top()
    case UInt8(ascii: "h"): stack.append(try recall(try number(1)))
    case UInt8(ascii: "j"): stack.append(try recall(try number(4)))
    default: return false
    }
    return true
  }

  private mutating func stepCall(_ opcode: UInt8) throws(Problem) -> Bool {
    switch opcode {
    case UInt8(ascii: "c"):
      let module = try line()
      stack.append(try global(module, try line()))
    case 0x93:
      let names = try pop(2).compactMap(\.text)
      guard names.count == 2 else { throw refused("a call of something without a name") }
      stack.append(try global(names[0], names[1]))
    case UInt8(ascii: "Q"): stack.append(.storage(try storage(try pop())))
    case UInt8(ascii: "R"):
      let arguments = try pop()
      stack.append(try call(try pop(), arguments))
    // What an ordered dictionary carries beside its members is of no use here.
    case UInt8(ascii: "b"):
      _ = try pop()
      guard try top().table != nil else { throw refused("an object of a class of its own") }
    default: return false
    }
    return true
  }

  // MARK: Calls

  /// The element types by the names of PyTorch's storages.
  private static let types = [
    "torch.FloatStorage": "F32", "torch.DoubleStorage": "F64", "torch.HalfStorage": "F16",
    "torch.BFloat16Storage": "BF16", "torch.LongStorage": "I64", "torch.IntStorage": "I32",
    "torch.ShortStorage": "I16", "torch.CharStorage": "I8", "torch.ByteStorage": "U8",
    "torch.BoolStorage": "BOOL",
  ]
  private static let rebuildTensor = "torch._utils._rebuild_tensor_v2"
  private static let rebuildParameter = "torch._utils._rebuild_parameter"
  private static let orderedTable = "collections.OrderedDict"
  private static let shape = "torch.Size"

  private func global(_ module: String, _ name: String) throws(Problem) -> PickleValue {
    let name = module + "." + name
    let callable = [
      PickleMachine.rebuildTensor, PickleMachine.rebuildParameter, PickleMachine.orderedTable,
      PickleMachine.shape,
    ]
    guard callable.contains(name) || PickleMachine.types[name] != nil else {
      throw refused("'\(name)'")
    }
    return .global(name)
  }

  private func storage(_ value: PickleValue) throws(Problem) -> TorchStorage {
    guard let parts = value.tuple, parts.count == 5, parts[0].text == "storage",
      case .global(let name) = parts[1], let type = PickleMachine.types[name],
      let key = parts[2].text
    else { throw refused("a storage of an unknown form") }
    return TorchStorage(type: type, key: key)
  }

  private func call(_ function: PickleValue, _ arguments: PickleValue) throws(Problem)
    -> PickleValue
  {
    guard case .global(let name) = function, let arguments = arguments.tuple else {
      throw refused("a call of something without a name")
    }
    switch name {
    case PickleMachine.orderedTable where arguments.isEmpty: return .table(PickleTable())
    case PickleMachine.shape where arguments.count == 1: return arguments[0]
    case PickleMachine.rebuildParameter where arguments.first?.tensor != nil:
      return arguments[0]
    case PickleMachine.rebuildTensor where arguments.count >= 4:
      guard case .storage(let storage) = arguments[0], let offset = arguments[1].integer,
        let shape = arguments[2].tuple?.compactMap(\.integer),
        let strides = arguments[3].tuple?.compactMap(\.integer), shape.count == strides.count
      else { throw refused("a tensor of an unknown form") }
      return .tensor(
        TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides))
    default: throw refused("a call of '\(name)' in a form that tensors never have")
    }
  }

  // MARK: Stack

  private func top() throws(Problem) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw damaged }
    return value
  }

  private mutating func pop() throws(Problem) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(Problem) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw damaged }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(Problem) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func pushTuple(_ values: [PickleValue]) throws(Problem) {
    let tuple = PickleTuple(values)
    guard tuple.note(values) else { throw tooDeep }
    stack.append(.tuple(tuple))
  }

  private mutating func extendList(by values: [PickleValue]) throws(Problem) {
    guard case .list(let list) = try top() else { throw damaged }
    guard list.note(values) else { throw tooDeep }
    list.values += values
  }

  private mutating func extendTable(by values: [PickleValue]) throws(Problem) {
    guard let table = try top().table, values.count.isMultiple(of: 2) else { throw damaged }
    guard table.note(values) else { throw tooDeep }
    for i in stride(from: 0, to: values.count, by: 2) {
      table.members.append((values[i], values[i + 1]))
    }
  }

  private func recall(_ number: Int) throws(Problem) -> PickleValue {
    guard let value = memory[number] else { throw damaged }
    return value
  }

  // MARK: Bytes

  private mutating func take(_ count: Int) throws(Problem) -> ArraySlice<UInt8> {
    guard count <= code.endIndex - at else { throw damaged }
    defer { at += count }
    return code[at..<at + count]
  }

  /// An unsigned little-endian number of up to 4 bytes.
  private mutating func number(_ size: Int) throws(Problem) -> Int {
    try take(size).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A signed little-endian number that says how many bytes it has.
  private mutating func longNumber() throws(Problem) -> Int {
    let bytes = try take(try number(1))
    guard bytes.count <= 8 else { throw refused("a number of \(bytes.count) bytes") }
    let start = (bytes.last ?? 0) & 0x80 != 0 ? -1 : 0
    return bytes.reversed().reduce(start) { $0 << 8 | Int($1) }
  }

  private mutating func text(_ size: Int) throws(Problem) -> String {
    String(decoding: try take(size), as: UTF8.self)
  }

  private mutating func line() throws(Problem) -> String {
    guard let end = code[at...].firstIndex(of: 10) else { throw damaged }
    defer { at = end + 1 }
    return String(decoding: code[at..<end], as: UTF8.self)
  }

  private func refused(_ what: String) -> Problem {
    Problem(
      path,
      "byte \(at - code.startIndex) of its data.pkl holds \(what), neither a tensor nor a container",
      fix: "save the tensors alone: torch.save(network.state_dict(), FILE)")
  }

  private var tooDeep: Problem { refused("containers that lie too deep in each other") }

  private var damaged: Problem {
    Problem(
      path, "its data.pkl is damaged at byte \(at - code.startIndex)",
      fix: "fetch or save the file again")
  }
}
