/// Builds the two containers of photographs, byte by byte.
enum Containers {
  static func bigEndian(_ value: Int, _ width: Int = 4) -> [UInt8] {
    (0..<width).map { UInt8(value >> (8 * (width - 1 - $0)) & 0xFF) }
  }

  /// An EET file of named pieces.
  static func eet(_ pieces: [(name: String, data: [UInt8])]) -> [UInt8] {
    var place = 12 + 24 * pieces.count
    var head: [UInt8] = []
    var body: [UInt8] = []
    for (name, data) in pieces {
      let name = Array(name.utf8) + [0]
      let fields = [place, data.count, data.count, place + data.count, name.count, 0]
      head += fields.flatMap { bigEndian($0) }
      body += data + name
      place += data.count + name.count
    }
    return bigEndian(0x1EE7_0F42) + bigEndian(pieces.count) + bigEndian(0) + head + body
  }

  /// A Qt resource file of version 3: one folder named "pictures" with the files in it.
  static func qt(_ files: [(name: String, data: [UInt8])], flags: Int = 0) -> [UInt8] {
    var names: [UInt8] = []
    var data: [UInt8] = []
    func addName(_ text: String) -> Int {
      defer {
        let units = Array(text.utf16)
        names += bigEndian(units.count, 2) + bigEndian(0) + units.flatMap { bigEndian(Int($0), 2) }
      }
      return names.count
    }
    let time = [UInt8](repeating: 0, count: 8)
    var tree = bigEndian(0) + bigEndian(2, 2) + bigEndian(1) + bigEndian(1) + time
    tree += bigEndian(addName("pictures")) + bigEndian(2, 2) + bigEndian(files.count) + bigEndian(2)
    tree += time
    for file in files {
      tree += bigEndian(addName(file.name)) + bigEndian(flags, 2) + bigEndian(0)
      tree += bigEndian(data.count) + time
      data += bigEndian(file.data.count) + file.data
    }
    let start = 20
    return Array("qres".utf8) + bigEndian(3) + bigEndian(start) + bigEndian(start + tree.count)
      + bigEndian(start + tree.count + data.count) + tree + data + names
  }
}
