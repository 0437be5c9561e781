import Basics
import Degradations
import Images
import Recipes

/// Where and by whose operators a recipe's degradations are computed.
struct Physics {
  let space: Image.Space
  let form: String?
}

/// How a recipe writes chains and the parameters that do not follow severity.
extension Recipe {
  /// Reads `chain`, or `from` with `lengths`; nil where the section has neither.
  static func chainPlan(_ section: RecipeSection, physics: Physics) throws(Problem) -> ChainPlan? {
    if section.has("from") {
      let names = try section.texts("from")
      for name in names { try requireKnown(name, physics, section, "from") }
      let odds = try section.numbers("lengths", default: [0.5, 0.3, 0.15, 0.05])
      guard (1...4).contains(odds.count), odds.allSatisfy({ $0 >= 0 }), odds.reduce(0, +) > 0 else {
        throw section.problem(
          "lengths", "wants the odds of 1, 2, 3 and 4 degradations", fix: "[0.5, 0.3, 0.15, 0.05]")
      }
      return .mixture(from: names, odds: odds)
    }
    guard section.has("chain") else { return nil }
    return .links(try chainLinks(section, physics))
  }

  private static func chainLinks(_ section: RecipeSection, _ physics: Physics) throws(Problem)
    -> [ChainLink]
  {
    var links: [ChainLink] = []
    for item in try section.sections("chain") { links.append(try chainLink(item, physics)) }
    guard !links.isEmpty else { throw section.problem("chain", "is empty") }
    return links
  }

  private static func chainLink(_ section: RecipeSection, _ physics: Physics) throws(Problem)
    -> ChainLink
  {
    let odds = try section.number("odds", default: 1, in: 0...1)
    guard section.has("one_of") else {
      return ChainLink(odds: odds, options: [try option(section, physics)])
    }
    var options: [ChainLink.Option] = []
    for item in try section.sections("one_of") { options.append(try option(item, physics)) }
    return ChainLink(odds: odds, options: options)
  }

  private static func option(_ section: RecipeSection, _ physics: Physics) throws(Problem)
    -> ChainLink.Option
  {
    let weight = try section.number("weight", default: 1, in: 0...1e6)
    if section.has("chain") {
      let links = try chainLinks(section, physics)
      return ChainLink.Option(name: "", weight: weight, links: links)
    }
    let name = try section.text("op")
    try requireKnown(name, physics, section, "op")
    let own = try severities(section)
    let set = try parameterDraws(try section.section("set"), of: [name], physics: physics)
    return ChainLink.Option(
      name: name, weight: weight, severities: own?.0, areLevels: own?.1 ?? false, set: set)
  }

  private static func requireKnown(
    _ name: String, _ physics: Physics, _ section: RecipeSection, _ key: String
  )
    throws(Problem)
  {
    do throws(Problem) {
      _ = try DegradationCatalog.type(named: name, form: physics.form)
    } catch {
      throw section.problem(key, "names '\(name)', which is unknown", fix: error.fix)
    }
  }

  /// Reads `set`, and tries its extremes on a small picture, so that a mistake has its line now.
  static func parameterDraws(_ section: RecipeSection, of degradations: [String], physics: Physics)
    throws(Problem) -> [ParameterDraw]
  {
    var draws: [ParameterDraw] = []
    for key in section.keys {
      guard let draw = ParameterDraw(key, try section.json(key)) else {
        throw section.problem(
          key, "is no value and no draw",
          fix: "write a value, [low, high], {log: [low, high]}, {integer: [low, high]}, "
            + "{choice: [...]} or {value: ...}")
      }
      draws.append(draw)
    }
    for draw in draws { try tryOut(draw, beside: draws, degradations, physics, section) }
    return draws
  }

  /// Tries a draw's samples; a path of motion blur wants the parameters that the recipe gives with it.
  private static func tryOut(
    _ draw: ParameterDraw, beside draws: [ParameterDraw], _ degradations: [String],
    _ physics: Physics, _ section: RecipeSection
  ) throws(Problem) {
    var notes: [String: [String]] = [:]
    for name in degradations {
      notes[name] = try DegradationCatalog.type(named: name, form: physics.form).notes.parameters
        .map(\.name)
    }
    let having = degradations.filter { notes[$0]?.contains(draw.name) == true }
    guard !having.isEmpty else {
      let known = Set(notes.values.joined()).sorted()
      throw section.problem(
        draw.name, "is no parameter of \(degradations.joined(separator: " or "))",
        fix: hint(for: draw.name, among: known))
    }
    let scene = Scene(width: 16, height: 16)
    let gray = [UInt8](repeating: 128, count: 16 * 16 * 3)
    for (name, value) in having.flatMap({ name in draw.samples.map { (name, $0) } }) {
      let chain = try DegradationChain([(name, 0.5)], space: physics.space, form: physics.form)
      let others = draws.filter { $0 != draw && notes[name]?.contains($0.name) == true }
        .compactMap { other in other.samples.first.map { JSON.Member(other.name, $0) } }
      func attempt(_ settings: [JSON.Member]) throws(Problem) {
        _ = try chain.degrade(gray, scene: scene, seed: 0, index: 0, settings: [settings])
      }
      let own = JSON.Member(draw.name, value)
      do throws(Problem) {
        do throws(Problem) {
          try attempt([own])
        } catch {
          // Alone first, so that a mistake is found in its own line.
          guard (try? attempt(others + [own])) != nil else { throw error }
        }
      } catch {
        throw section.problem(
          draw.name, "does not fit: \(error.place) \(error.what)", fix: error.fix)
      }
    }
  }
}
