import ArgumentParser
import Basics
import Degradations
import Synthesis

/// What the values of given depth maps mean, or one depth for all: the flags of `synth`, `apply`
/// and `sheet` beside `--depth`.
struct DepthOptions: ParsableArguments {
  @Option(
    help: """
      What --depth holds: metres, distance (0 near to 1 far), disparity (1 over the distance) or \
      nearness (1 near to 0 far).
      """)
  var depthKind: String?
  @Option(help: "The factor of the stored values, such as 0.00390625 for metres times 256.")
  var depthScale: Double?
  @Option(help: "What is added to the scaled values.") var depthOffset: Double?
  @Option(help: "The stored value that means unknown; write --depth-invalid=-1 for -1.")
  var depthInvalid: Double?
  @Option(help: "The distance that becomes depth 0, in metres.") var depthNear: Double?
  @Option(help: "The distance that becomes depth 1, in metres.") var depthFar: Double?
  @Option(help: "One depth for every pixel, 0 (near) to 1 (far), instead of a map.")
  var depthConstant: Double?

  private var numbers: [(key: String, value: Double?)] {
    [
      ("scale", depthScale), ("offset", depthOffset), ("invalid", depthInvalid),
      ("near", depthNear), ("far", depthFar),
    ]
  }

  /// The flags that are given, as they override the recipe's keys.
  ///
  /// - Throws: `Problem` for flags that exclude each other.
  func overrides(folders: [String]) throws(Problem) -> [String: JSON] {
    var values: [String: JSON] = [:]
    if let depth = try constant(isMapGiven: !folders.isEmpty) {
      values["depth.kind"] = "constant"
      values["depth.value"] = .number(depth)
    }
    if !folders.isEmpty {
      values["depth.kind"] = "given"
      values["depth.folders"] = .array(folders.map { .string($0) })
    }
    if let depthKind { values["depth.encoding.kind"] = .string(depthKind) }
    for case (let key, let value?) in numbers { values["depth.encoding.\(key)"] = .number(value) }
    return values
  }

  /// The depth of a picture on the bench.
  ///
  /// - Parameter path: The map that `--depth` gives.
  /// - Throws: `Problem` naming the flag that is missing or does not fit.
  func depth(_ path: String?) throws(Problem) -> LaboratoryPicture.Depth {
    if let depth = try constant(isMapGiven: path != nil) { return .constant(depth) }
    guard let path else {
      let given = numbers.first { $0.value != nil }?.key ?? depthKind.map { _ in "kind" }
      guard let given else { return .procedural }
      throw Problem("--depth-\(given)", "is given without a map", fix: "add --depth FILE")
    }
    let words = DepthEncoding.Kind.allCases.map(\.rawValue)
    guard let depthKind else {
      throw Problem(
        "--depth-kind", "is missing: what the map holds", fix: words.joined(separator: ", "))
    }
    guard let kind = DepthEncoding.Kind(rawValue: depthKind) else {
      throw Problem(
        "--depth-kind", "'\(depthKind)' is no kind of map", fix: hint(for: depthKind, among: words))
    }
    var encoding = DepthEncoding(kind)
    (encoding.scale, encoding.offset) = (depthScale, depthOffset ?? 0)
    (encoding.invalid, encoding.near, encoding.far) = (depthInvalid, depthNear, depthFar)
    if let fault = encoding.fault {
      throw Problem("--depth-\(fault.key)", fault.what, fix: fault.fix)
    }
    return .map(path, encoding)
  }

  private func constant(isMapGiven: Bool) throws(Problem) -> Double? {
    guard let depthConstant else { return nil }
    guard !isMapGiven else {
      throw Problem("--depth-constant", "and --depth are both given", fix: "leave one of them out")
    }
    guard (0...1).contains(depthConstant) else {
      throw Problem("--depth-constant", "must be from 0 to 1, not \(depthConstant)")
    }
    return depthConstant
  }
}
