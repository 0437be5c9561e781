import Basics
import Degradations
import Recipes

/// How a recipe says where depth comes from.
extension DepthPlan {
  private enum Kind: String, CaseIterable {
    case procedural
    case constant
    case given
  }

  /// Reads the section `depth`.
  init(_ section: RecipeSection) throws(Problem) {
    let kind = try section.choice("kind", default: Kind.procedural)
    if section.isFlag("kind") { try DepthPlan.passOver(section, kind) }
    switch kind {
    case .procedural: self = .procedural
    case .constant: self = .constant(try section.number("value", in: 0...1))
    case .given:
      self = .given(
        GivenDepth(
          folders: try section.texts("folders"),
          encoding: try DepthEncoding(try section.section("encoding")),
          missing: try section.choice("missing", default: .refuse)))
    }
  }

  /// Makes the keys of the recipe's own kind known, which a flag has replaced.
  private static func passOver(_ section: RecipeSection, _ kind: Kind) throws(Problem) {
    let others = kind == .given ? ["value"] : ["folders", "missing", "encoding"]
    for key in others where section.has(key) { _ = try section.json(key) }
  }
}

extension DepthEncoding {
  /// Reads the section `encoding`.
  init(_ section: RecipeSection) throws(Problem) {
    self.init(try section.choice("kind"))
    scale = try section.optionalNumber("scale")
    offset = try section.optionalNumber("offset") ?? 0
    invalid = try section.optionalNumber("invalid")
    near = try section.optionalNumber("near", from: 0)
    far = try section.optionalNumber("far", from: 0)
    fill = try section.choice("fill", default: .nearest)
    smooth = try section.flag("smooth", default: true)
    if let fault { throw section.problem(fault.key, fault.what, fix: fault.fix) }
  }
}
