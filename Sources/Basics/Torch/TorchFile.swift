/// A `.pth` file of PyTorch: the zip form that `torch.save` writes since version 1.6.
///
/// Nothing in it is executed: tensors and containers are read, whatever else it names is refused.
public struct TorchFile {
  private let archive: ZipArchive
  private let root: String
  private let value: PickleValue
  private let path: String

  /// The names under which training programs keep a network's tensors in their files, best first: the
  /// running averages before the trained values, as BasicSR has them.
  public static let usualKeys = ["params_ema", "params", "state_dict", "model"]

  /// Opens a file.
  ///
  /// - Throws: `Problem` when it is no such file, is damaged, or holds more than tensors and containers.
  public init(reading path: String) throws(Problem) {
    let bytes = try readFile(path)
    guard ZipArchive.isZip(bytes) else {
      throw Problem(
        path, "is not a zip archive, as .pth files are since PyTorch 1.6",
        fix: "save it again: torch.save(torch.load(FILE, map_location='cpu'), FILE)")
    }
    archive = try ZipArchive(bytes, path: path)
    guard let pickle = archive.names.first(where: { $0.hasSuffix("/data.pkl") }),
      let code = archive[pickle]
    else { throw Problem(path, "holds no data.pkl", fix: "give a file that torch.save wrote") }
    root = String(pickle.dropLast("data.pkl".count))
    let order = archive[root + "byteorder"].map { String(decoding: $0, as: UTF8.self) }
    guard order ?? "little" == "little" else {
      throw Problem(path, "has \(order ?? "") endian numbers", fix: "save it on another machine")
    }
    value = try PickleMachine.value(of: code, path: path)
    self.path = path
  }

  /// The tensors of a network, under their names.
  ///
  /// - Parameter key: The name that they stand under in the file, such as `params`; nil takes the first of
  ///   `usualKeys` that is there, or the whole file when its values are tensors.
  /// - Throws: `Problem` when there are none, or one does not lie in its storage.
  public func tensors(under key: String? = nil) throws(Problem) -> Safetensors {
    guard let whole = value.table else {
      throw Problem(path, "holds no dictionary of tensors", fix: saveTensors)
    }
    let table = try tensors(in: whole, under: key)
    var file = Safetensors()
    for member in table.members {
      // Counters and notes beside the tensors are of no use here.
      guard let name = member.key.text, let tensor = member.value.tensor else { continue }
      file.entries.append((name, try entry(tensor, name)))
    }
    guard !file.entries.isEmpty else {
      throw Problem(path, "holds no tensors", fix: saveTensors)
    }
    return file
  }

  private func tensors(in whole: PickleTable, under key: String?) throws(Problem) -> PickleTable {
    if let key {
      guard let table = whole[key]?.table else {
        throw Problem(path, "has no tensors under '\(key)'", fix: "it has: \(names(in: whole))")
      }
      return table
    }
    return TorchFile.usualKeys.lazy.compactMap { whole[$0]?.table }.first ?? whole
  }

  private func names(in table: PickleTable) -> String {
    table.members.prefix(8).compactMap(\.key.text).joined(separator: ", ")
  }

  private var saveTensors: String { "save them so: torch.save(network.state_dict(), FILE)" }

  // MARK: Elements

  /// Gathers a tensor's elements in row-major order.
  private func entry(_ tensor: TorchTensor, _ name: String) throws(Problem) -> SafetensorsEntry {
    guard let width = SafetensorsEntry.widths[tensor.storage.type],
      let data = archive[root + "data/" + tensor.storage.key],
      let count = SafetensorsEntry.count(of: tensor.shape), tensor.fits(data.count / width, count)
    else {
      throw Problem(
        path, "tensor '\(name)' does not lie in its storage '\(tensor.storage.key)'",
        fix: "fetch or save the file again")
    }
    if count == 0 || tensor.isRowMajor {
      let start = data.startIndex + tensor.offset * width
      return SafetensorsEntry(
        type: tensor.storage.type, shape: tensor.shape,
        bytes: Array(data[start..<start + count * width]))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * width)
    tensor.forEachElement { element in
      let start = data.startIndex + element * width
      bytes += data[start..<start + width]
    }
    return SafetensorsEntry(type: tensor.storage.type, shape: tensor.shape, bytes: bytes)
  }
}

extension TorchTensor {
  /// Whether all elements lie among the first `available` of the storage, none of them twice over.
  func fits(_ available: Int, _ count: Int) -> Bool {
    guard offset >= 0, strides.allSatisfy({ $0 >= 0 }), count <= available else { return false }
    guard count > 0 else { return offset <= available }
    var last = offset
    for (side, stride) in zip(shape, strides) {
      let (step, overflow) = (side - 1).multipliedReportingOverflow(by: stride)
      guard !overflow, step <= available, last <= available else { return false }
      last += step
    }
    return last < available
  }

  /// Whether the elements follow each other as rows.
  var isRowMajor: Bool {
    var expected = 1
    for (side, stride) in zip(shape, strides).reversed() where side != 1 {
      guard stride == expected else { return false }
      expected *= side
    }
    return true
  }

  /// Calls `body` with the place of each element, in row-major order.
  func forEachElement(_ body: (Int) -> Void) {
    var index = [Int](repeating: 0, count: shape.count)
    var place = offset
    while true {
      body(place)
      var side = shape.count - 1
      while side >= 0 {
        index[side] += 1
        place += strides[side]
        if index[side] < shape[side] { break }
        place -= shape[side] * strides[side]
        index[side] = 0
        side -= 1
      }
      if side < 0 { return }
    }
  }
}
