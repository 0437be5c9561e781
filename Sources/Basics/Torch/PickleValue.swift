/// What the restricted pickle machine can make: plain values, containers, and places of tensors.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case tuple(PickleTuple)
  case list(PickleList)
  case table(PickleTable)
  /// A name that may be called, such as "torch._utils._rebuild_tensor_v2".
  case global(String)
  case storage(TorchStorage)
  case tensor(TorchTensor)

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var tuple: [PickleValue]? { if case .tuple(let tuple) = self { tuple.values } else { nil } }
  var table: PickleTable? { if case .table(let table) = self { table } else { nil } }
  var tensor: TorchTensor? { if case .tensor(let tensor) = self { tensor } else { nil } }

  var container: PickleContainer? {
    switch self {
    case .tuple(let tuple): tuple
    case .list(let list): list
    case .table(let table): table
    default: nil
    }
  }
}

/// A value that holds others; containers are shared, since a pickle may name one twice.
class PickleContainer {
  /// Levels of containers from here down.
  private(set) var depth = 1
  /// Whether it lies in another one; it is full then.
  private(set) var isStored = false

  /// Notes what is stored here.
  ///
  /// - Returns: false when containers would lie too deep in each other. A file could nest them so deep that
  ///   giving them back overflows the stack.
  func note(_ values: some Sequence<PickleValue>) -> Bool {
    for child in values.lazy.compactMap(\.container) {
      guard child.depth < 64 else { return false }
      child.isStored = true
      depth = max(depth, child.depth + 1)
    }
    return !isStored
  }
}

/// A tuple, which is whole when it is made.
final class PickleTuple: PickleContainer {
  let values: [PickleValue]

  init(_ values: [PickleValue]) { self.values = values }
}

/// A list, which is filled after it is made.
final class PickleList: PickleContainer {
  var values: [PickleValue] = []
}

/// A dictionary, which is filled after it is made.
final class PickleTable: PickleContainer {
  var members: [(key: PickleValue, value: PickleValue)] = []

  /// The value under a text.
  subscript(key: String) -> PickleValue? { members.last { $0.key.text == key }?.value }
}

/// The file of a `.pth` that holds the elements of one or more tensors.
struct TorchStorage {
  /// The element type as safetensors spells it.
  let type: String
  /// The file's name below `data/`.
  let key: String
}

/// A view of a storage.
struct TorchTensor {
  let storage: TorchStorage
  /// The first element.
  let offset: Int
  let shape: [Int]
  /// Elements from one place to the next along each side.
  let strides: [Int]
}
