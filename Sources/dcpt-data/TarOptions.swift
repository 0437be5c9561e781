import ArgumentParser
import Basics
import Synthesis

/// How `import` reads tars that others wrote.
struct TarOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Tars of others in WebDataset's form, by path or pattern ('data/*.tar').")
  var tars: [String] = []
  @Option(help: "The field of the degraded picture in --tars: lq.png, or 'png;jpg' for either.")
  var lqField: String?
  @Option(help: "The field of its clean twin.") var gtField: String?
  @Option(help: "The field of the class: cls, or a key of JSON: json:label.")
  var classField: String?

  /// Whether any of them was given.
  var areGiven: Bool {
    !tars.isEmpty || lqField != nil || gtField != nil || classField != nil
  }

  /// The fields; nil when one is missing.
  func fields(class name: String?) throws(Problem) -> TarFields? {
    guard let lqField, let gtField else { return nil }
    return try TarFields(lq: lqField, gt: gtField, class: name, classField: classField)
  }
}
