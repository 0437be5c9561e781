import Basics
import Degradations
import Recipes

/// How a data set of pairs lies on the disk: a file of `datasets/layouts`.
public struct PairLayout: Sendable {
  /// Pictures that are found in one way.
  public struct Rule: Sendable {
    /// How an lq finds its gt.
    public enum Match: String, CaseIterable, Sendable {
      /// By the path that its own gives.
      case path
      /// By its place in the order of names; both folders must have as many.
      case position
      /// By a line of a list.
      case list
    }

    /// The split that the set's authors gave the pictures.
    public let split: Split
    /// The path of an lq below the set's folder, without extension; stars stand for names.
    public let lq: String
    /// The path of its gt; `{1}` is what the first star stands for.
    public let gt: String
    /// See `Match`.
    public let match: Match
    /// The list, whose lines name gt and lq in some columns, from 1.
    public let list: (file: String, lq: Int, gt: Int)?
    /// The class; `{1}` is what the first star of `lq` stands for.
    public let className: String
    /// Folders that are none of the pictures, though the pattern of `lq` would take them.
    public let except: [String]
  }

  /// The set's name.
  public let name: String
  /// Where it is published, in words.
  public let page: String
  /// What is known of its licence.
  public let licence: String
  /// What to know about it.
  public let note: String
  /// The name of a class set; nil for the classes that the rules name.
  public let classSet: String?
  /// The ways in which its pictures are found.
  public let rules: [Rule]
  /// All keys, for the manifest.
  let resolved: JSON

  /// Reads a layout file.
  ///
  /// - Throws: `Problem` naming file, line and key.
  public init(reading path: String) throws(Problem) {
    let top = try RecipeSection(reading: path)
    name = try top.text("name")
    page = try top.text("page")
    licence = try top.text("licence")
    note = try top.text("note", default: "")
    classSet = try top.optionalText("class_set")
    if let classSet { _ = try ClassSet.named(classSet) }
    let className = try top.optionalText("class")
    var rules: [Rule] = []
    for section in try top.sections("pairs") { rules.append(try Rule(section, className)) }
    try top.finish()
    self.rules = rules
    resolved = top.resolved
  }

  /// Two folders whose pictures have the same names, of one class.
  public init(class name: String) {
    self.init(name: "folders", [JSON.Member("class", .string(name))])
  }

  /// Tars of others, by their names.
  init(tars: [String], _ fields: TarFields) {
    let names = JSON.array(tars.map { .string($0) })
    self.init(name: "tars", [JSON.Member("tars", names)] + fields.members)
  }

  private init(name: String, _ members: [JSON.Member]) {
    (self.name, page, licence, note, classSet) = (name, "", "", "", nil)
    rules = []
    resolved = .object([JSON.Member("name", .string(name))] + members)
  }
}

extension PairLayout.Rule {
  fileprivate init(_ section: RecipeSection, _ className: String?) throws(Problem) {
    let split: String = try section.word("split", among: Split.allCases.map(\.rawValue))
    self.split = try Split(named: split, place: "split")
    match = try section.choice("match", default: .path)
    if match == .list {
      list = (
        try section.text("list"), try section.integer("lq_column", in: 1...20),
        try section.integer("gt_column", in: 1...20)
      )
      (lq, gt) = ("", "")
    } else {
      list = nil
      lq = try section.text("lq")
      gt = try section.text("gt")
    }
    self.className = try section.text("class", default: className)
    except = try section.texts("except", default: [])
  }
}
