import Basics
import Recipes

extension Recipe {
  /// Reads the recipe that a manifest keeps, with everything filled in.
  ///
  /// Its folders are the last names of those that the set was made from.
  ///
  /// - Throws: `Problem` at `place` when it is not the recipe of a synthesis, or this version would
  ///   make another set of it.
  public init(resolved json: JSON, place: String) throws(Problem) {
    var text = json
    // A manifest also says what a recipe file must not repeat: the number of records that a grid has,
    // and the space that a published form is in.
    if json["count"] == JSON.null { text["count"] = nil }
    if json["form"] != nil { text["space"] = nil }
    // JSON is YAML too.
    let section = try RecipeSection(parsing: text.pretty, file: place + ": recipe")
    try self.init(section, plainName: "")
    guard self.json.canonical == json.canonical else {
      throw Problem(
        place, "its recipe reads back as another one",
        fix: "use the version of dcpt-data that made the set")
    }
  }
}
