extension TorchFile {
  /// Writes tensors so that `torch.load(path, weights_only=True)` gives a dictionary of them.
  ///
  /// - Parameter groups: Dictionaries with the names they stand under, such as `params` and `params_ema`; one
  ///   without a name becomes the whole file.
  /// - Throws: `Problem` when the file cannot be written, or would pass 4 GiB.
  public static func write(
    _ groups: [(key: String?, tensors: Safetensors)], to path: String
  ) throws(Problem) {
    var pickle = TorchPickle()
    var archive = ZipWriter()
    let root = "archive/"
    pickle.write(groups)
    archive.add(root + "data.pkl", pickle.code)
    archive.add(root + "byteorder", Array("little".utf8))
    for (number, bytes) in pickle.storages.enumerated() {
      archive.add(root + "data/\(number)", bytes)
    }
    archive.add(root + "version", Array("3\n".utf8))
    guard let bytes = archive.finished() else {
      throw Problem(path, "would pass 4 GiB", fix: "write a .safetensors file")
    }
    try AtomicFile.write(bytes, to: path)
  }
}

/// The instructions from which Python makes dictionaries of tensors (pickle protocol 2).
private struct TorchPickle {
  private(set) var code: [UInt8] = [0x80, 2]
  /// The elements of the tensors by the numbers of their files.
  private(set) var storages: [[UInt8]] = []

  private static let storageNames = [
    "F32": "FloatStorage", "F64": "DoubleStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage",
    "I64": "LongStorage", "I32": "IntStorage", "I16": "ShortStorage", "I8": "CharStorage",
    "U8": "ByteStorage", "BOOL": "BoolStorage",
  ]

  mutating func write(_ groups: [(key: String?, tensors: Safetensors)]) {
    if groups.count == 1, groups[0].key == nil {
      put(groups[0].tensors)
    } else {
      put("}(")
      for group in groups {
        put(text: group.key ?? "")
        put(group.tensors)
      }
      put("u")
    }
    put(".")
  }

  private mutating func put(_ file: Safetensors) {
    putOrderedTable()
    put("(")
    for (name, entry) in file.entries {
      put(text: name)
      put(entry)
    }
    put("u")
  }

  private mutating func put(_ entry: SafetensorsEntry) {
    guard let storage = TorchPickle.storageNames[entry.type] else {
      fatalError("TorchFile: no storage for elements of type \(entry.type)")
    }
    put("ctorch._utils\n_rebuild_tensor_v2\n((")
    put(text: "storage")
    put("ctorch\n\(storage)\n")
    put(text: String(storages.count))
    put(text: "cpu")
    put(number: entry.shape.reduce(1, *))
    put("tQ")
    put(number: 0)
    put(tuple: entry.shape)
    put(tuple: entry.shape.indices.map { entry.shape[($0 + 1)...].reduce(1, *) })
    // It needs no gradient and has no hooks.
    code.append(0x89)
    putOrderedTable()
    put("tR")
    storages.append(entry.bytes)
  }

  private mutating func putOrderedTable() { put("ccollections\nOrderedDict\n)R") }

  private mutating func put(_ opcodes: String) { code += Array(opcodes.utf8) }

  private mutating func put(text: String) {
    put("X")
    withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { code += $0 }
    code += Array(text.utf8)
  }

  private mutating func put(number: Int) {
    code += [0x8A, 8]
    withUnsafeBytes(of: number.littleEndian) { code += $0 }
  }

  private mutating func put(tuple numbers: [Int]) {
    put("(")
    for number in numbers { put(number: number) }
    put("t")
  }
}
