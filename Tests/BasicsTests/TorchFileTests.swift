import Foundation
import TestSupport
import Testing

@testable import Basics

/// Files of PyTorch 2.13, as `torch.save` wrote them.
@Suite struct TorchFileTests {
  private func path(_ name: String) -> String { Golden.path("weights/" + name) }

  /// Compares all tensors with what PyTorch says of them.
  private func compare(_ file: Safetensors, _ name: String) throws {
    let expected = try JSON(parsing: try readFile(path(name)), place: name).object ?? []
    #expect(file.entries.map(\.name) == expected.map(\.key))
    for ((name, entry), tensor) in zip(file.entries, expected) {
      let values = tensor.value["values"]?.array?.compactMap(\.double) ?? []
      let found = entry.floats?.map { Double($0) } ?? entry.integers?.map { Double($0) } ?? []
      #expect(entry.shape == tensor.value["shape"]?.array?.compactMap(\.integer), "\(name)")
      #expect(found == values.map { Double(Float($0)) }, "\(name)")
    }
  }

  @Test("views, parameters and element types are read as PyTorch has them") func views() throws {
    let file = try TorchFile(reading: path("params.pth"))
    try compare(try file.tensors(), "params.json")
    #expect(try file.tensors(under: "params")["w"]?.floats == [1, 2])
    let problem = #expect(throws: Problem.self) { try file.tensors(under: "net") }
    #expect(problem?.fix == "it has: params, params_ema")
  }

  @Test("a state dict, in both protocols", arguments: ["state-dict.pth", "protocol4.pth"])
  func stateDict(name: String) throws {
    try compare(try TorchFile(reading: path(name)).tensors(), "state-dict.json")
  }

  @Test(
    "what is more than tensors is refused by name",
    arguments: [
      ("evil.pth", "'posix.system'"), ("module.pth", "'torch.nn.modules.container.Sequential'"),
      ("legacy.pth", "is not a zip archive"),
    ])
  func refusals(name: String, what: String) throws {
    let problem = #expect(throws: Problem.self) { try TorchFile(reading: path(name)) }
    #expect(problem?.what.contains(what) == true, "\(String(describing: problem))")
    #expect(problem?.place.hasSuffix(name) == true)
  }

  @Test("one changed bit, or a cut, gives tensors of the right size or a message")
  func damage() throws {
    let folder = TemporaryFolder()
    let whole = try readFile(path("params.pth"))
    let count = try TorchFile(reading: path("params.pth")).tensors().entries.count
    for number in 0..<whole.count {
      var bytes = whole
      bytes[number] ^= 1 << (number % 8)
      if number.isMultiple(of: 8) { bytes = Array(whole[..<number]) }
      let changed = folder.file("changed.pth")
      try Data(bytes).write(to: URL(fileURLWithPath: changed))
      guard let file = try? TorchFile(reading: changed).tensors() else { continue }
      #expect(file.entries.count <= count)
      for (name, entry) in file.entries {
        let size = SafetensorsEntry.widths[entry.type].map { entry.shape.reduce($0, *) }
        #expect(entry.bytes.count == size, "byte \(number), \(name)")
      }
    }
  }

  @Test("containers nested without end are refused") func nesting() throws {
    let deep = [0x80, 2] + [UInt8](repeating: 0x5D, count: 100_000)
    // Each list goes into the one below it; tuples of one, around each other.
    let lists = deep + [UInt8](repeating: 0x61, count: 99_999) + [0x2E]
    let tuples = [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 100_000) + [0x2E]
    for code in [lists, tuples] {
      let problem = #expect(throws: Problem.self) {
        try PickleMachine.value(of: code[...], path: "deep.pth")
      }
      #expect(problem?.what.contains("too deep") == true)
    }
  }

  @Test("what is written is read again, byte for byte the same each time") func writing() throws {
    let folder = TemporaryFolder()
    let ema = try TorchFile(reading: path("params.pth")).tensors()
    let own = try TorchFile(reading: path("params.pth")).tensors(under: "params")
    let (first, second) = (folder.file("a.pth"), folder.file("b.pth"))
    for file in [first, second] {
      try TorchFile.write([("params", own), ("params_ema", ema)], to: file)
    }
    #expect(try readFile(first) == readFile(second))
    try compare(try TorchFile(reading: first).tensors(), "params.json")
    #expect(try TorchFile(reading: first).tensors(under: "params").entries.count == 1)
    try TorchFile.write([(nil, own)], to: second)
    #expect(try TorchFile(reading: second).tensors()["w"]?.floats == [1, 2])
  }

  @Test("the sum of zip archives has its check value") func sum() {
    #expect(Checksum.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
  }
}
