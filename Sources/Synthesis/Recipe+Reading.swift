import Basics
import Degradations
import Images
import Recipes

extension Recipe {
  /// Reads a recipe from a YAML file; `overrides` holds the values of flags by dotted path.
  ///
  /// - Throws: `Problem` with file and line for an unknown key or class (the nearest valid name is
  ///   offered) and for a value out of range.
  public init(reading path: String, overrides: [String: JSON] = [:]) throws(Problem) {
    let plain = lastName(of: path).split(separator: ".").first.map(String.init) ?? path
    try self.init(try RecipeSection(reading: path, overrides: overrides), plainName: plain)
  }

  /// Reads a recipe's top section.
  ///
  /// - Parameter plainName: The name of a recipe that gives itself none.
  init(_ top: RecipeSection, plainName: String) throws(Problem) {
    let clean = try top.section("clean")
    let patch = try top.section("patch")
    name = try top.text("name", default: plainName)
    classSet = try Recipe.classSet(top)
    form = try Recipe.form(top)
    space = form == nil ? try top.choice("space", default: .linear) : .srgb
    order = try top.choice("order", default: .formation)
    size = try top.integer("gt_size", default: 256, in: 16...4096)
    sharpensGT = try top.flag("gt_usm", default: false)
    sampling = try top.choice("sampling", default: .random)
    count = try top.integer("count", default: 1000, in: 1...999_999_999)
    seed = try top.integer("seed", default: 0, in: 0...Int.max)
    crop = try patch.choice("crop", default: .random)
    scale = try patch.risingNumbers("scale", in: 1...8) ?? [1, 1]
    flips = try patch.flag("use_hflip", default: true)
    // The training turns pairs; turned before, rain would rise and the sky lie at the side.
    turns = try patch.flag("use_rot", default: false)
    flatShare = try patch.number("flat_share", default: 0.2, in: 0...1)
    cleanKind = try clean.choice("kind", default: .deadLeaves)
    folders = try clean.texts("folders", default: [])
    depth = try DepthPlan(try top.section("depth"))
    pictures = try clean.integer("pictures", default: 0, in: 0...999_999_999)
    leaves = try Recipe.leaves(clean)
    recordsPerShard = try top.integer("records_per_shard", default: 64, in: 1...100_000)
    shares = try Recipe.shares(top)
    planes = try Recipe.planes(top)
    classes = try Recipe.classes(top, classSet, Physics(space: space, form: form))
    try top.finish()
    try checkTogether(top, clean, patch)
  }

  private static func classSet(_ top: RecipeSection) throws(Problem) -> ClassSet {
    try ClassSet.named(try top.word("classes", among: ClassSet.all.map(\.name)))
  }

  /// A published form computes on sRGB codes, whatever it is of.
  private static func form(_ top: RecipeSection) throws(Problem) -> String? {
    guard top.has("form") else { return nil }
    guard !top.has("space") else {
      throw top.problem(
        "form", "and space are both given", fix: "a published form is on sRGB codes")
    }
    return try top.word("form", among: DegradationCatalog.published.keys.sorted())
  }

  private static func planes(_ top: RecipeSection) throws(Problem) -> [Plane.Kind] {
    let names = try top.texts("planes", default: [])
    do throws(Problem) {
      return try Plane.Kind.list(names, place: "planes")
    } catch {
      throw top.problem("planes", error.what, fix: error.fix)
    }
  }

  /// What generated pictures show; photographs show what they show.
  private static func leaves(_ clean: RecipeSection) throws(Problem) -> DeadLeaves.Style {
    var style = DeadLeaves.Style()
    style.textures = try clean.number("textures", default: style.textures, in: 0...1)
    style.depthOfField = try clean.number("depth_of_field", default: style.depthOfField, in: 0...1)
    style.cameraBlur = try clean.number("camera_blur", default: style.cameraBlur, in: 0...1)
    return style
  }

  private static func shares(_ top: RecipeSection) throws(Problem) -> [Split: Double] {
    let section = try top.section("splits")
    var shares: [Split: Double] = [:]
    for split in Split.allCases {
      let usual = top.has("splits") ? 0 : split == .train ? 0.8 : 0.1
      shares[split] = try section.number(split.rawValue, default: usual, in: 0...1)
    }
    try section.finish()
    let sum = Split.allCases.reduce(0) { $0 + (shares[$1] ?? 0) }
    guard abs(sum - 1) < 1e-9 else { throw top.problem("splits", "add up to \(sum), not to 1") }
    return shares
  }

  /// The classes that the recipe lists, or all of the set, with their odds and severities.
  private static func classes(_ top: RecipeSection, _ set: ClassSet, _ physics: Physics)
    throws(Problem) -> [ClassPlan]
  {
    let common = try severities(top) ?? ([0.1, 0.9], false)
    let section = try top.section("degradations")
    var plans: [ClassPlan] = []
    for name in set.classes {
      let own = try section.section(name)
      let (values, areLevels) = try severities(own) ?? common
      let weight = try own.number("weight", default: 1, in: 0...1e6)
      let chain = try chainPlan(own, physics: physics)
      guard chain != nil || !set.needsChain else {
        throw section.problem(
          name, "does not say what it is made of", fix: "add 'from: [haze, jpeg]' or 'chain:'")
      }
      let degradations = chain?.names ?? ClassSet.degradations(of: name)
      let draws = try parameterDraws(try own.section("set"), of: degradations, physics: physics)
      guard section.has(name) || !top.has("degradations") else { continue }
      plans.append(
        ClassPlan(
          name: name, weight: weight, severities: values, areLevels: areLevels, set: draws,
          chain: chain))
    }
    try section.finish()
    guard plans.contains(where: { $0.weight > 0 }) else {
      throw top.problem("degradations", "gives every class the weight 0")
    }
    return plans.filter { $0.weight > 0 }
  }

  static func severities(_ section: RecipeSection) throws(Problem) -> ([Double], Bool)? {
    let bounds = try section.risingNumbers("severity", in: 0...1)
    let levels = try section.risingNumbers("levels", in: 0...1)
    if let levels {
      guard bounds == nil else { throw section.problem("levels", "and severity are both given") }
      return (levels, true)
    }
    guard let bounds else { return nil }
    guard bounds.count <= 2 else {
      throw section.problem("severity", "wants two bounds", fix: "for single values write levels:")
    }
    return ([bounds[0], bounds[bounds.count - 1]], false)
  }

  private func checkTogether(_ top: RecipeSection, _ clean: RecipeSection, _ patch: RecipeSection)
    throws(Problem)
  {
    guard scale.count == 2 else { throw patch.problem("scale", "wants two bounds") }
    if cleanKind == .deadLeaves && !folders.isEmpty {
      throw clean.problem(
        "folders", "are given, but kind is dead-leaves", fix: "write kind: folder")
    }
    for key in ["textures", "depth_of_field", "camera_blur"]
    where cleanKind == .folder && clean.has(key) {
      throw clean.problem(key, "is of generated pictures, but kind is folder")
    }
    guard sampling == .grid else { return }
    if top.has("count") {
      throw top.problem(
        "count", "is given by sources, classes and levels in a grid", fix: "remove it")
    }
    if let plan = classes.first(where: { !$0.areLevels }) {
      throw top.problem(
        "sampling", "is grid, but \(plan.name) has no levels", fix: "add levels: [0.1, 0.5, 0.9]")
    }
  }
}
