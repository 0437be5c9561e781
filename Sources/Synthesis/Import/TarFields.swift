import Basics
import Records

/// Which members of the records in others' tars are a pair, and what says its class.
public struct TarFields: Sendable {
  /// What says the class of a record.
  enum ClassRule: Sendable {
    /// All are of this class.
    case name(String)
    /// A member's text, or what stands under the keys of its JSON.
    case field(String, keys: [String])
  }

  /// The fields of the degraded picture; the first that a record has is it.
  let lq: [String]
  /// The fields of its clean twin, likewise.
  let gt: [String]
  let classRule: ClassRule
  /// What was asked for, for the manifest.
  let members: [JSON.Member]

  /// Creates the choice of a user.
  ///
  /// - Parameters:
  ///   - lq: A field, or several with `;` between them, of which the first counts that is there.
  ///   - gt: Likewise.
  ///   - className: The class of all records.
  ///   - classField: A field with the class, `cls`, or a key of a JSON field, `json:label`; keys
  ///     within keys have dots between them.
  /// - Throws: `Problem` naming the flag that cannot be.
  public init(lq: String, gt: String, class className: String?, classField: String?)
    throws(Problem)
  {
    self.lq = try TarFields.list(lq, "--lq-field")
    self.gt = try TarFields.list(gt, "--gt-field")
    let last: JSON.Member
    switch (className, classField) {
    case (let name?, nil):
      (classRule, last) = (.name(name), JSON.Member("class", .string(name)))
    case (nil, let field?):
      let parts = field.split(separator: ":", maxSplits: 1).map(String.init)
      let keys = parts.count > 1 ? parts[1].split(separator: ".").map(String.init) : []
      guard let first = parts.first, !field.hasSuffix(":"), !field.hasPrefix(":") else {
        throw Problem("--class-field", "'\(field)' is no field", fix: "give cls, or json:KEY")
      }
      classRule = .field(first.lowercased(), keys: keys)
      last = JSON.Member("class_field", .string(field))
    default:
      throw Problem(
        "--class-field", "either it or --class says of what class records are", fix: "give one")
    }
    members = [
      JSON.Member("lq_field", .string(lq)), JSON.Member("gt_field", .string(gt)), last,
    ]
  }

  /// WebDataset's readers take the fields of any case for the same.
  private static func list(_ text: String, _ flag: String) throws(Problem) -> [String] {
    let fields = text.split(separator: ";").map { $0.lowercased() }
    guard !fields.isEmpty, fields.allSatisfy({ !$0.hasPrefix(".") && !$0.contains("/") }) else {
      throw Problem(
        flag, "'\(text)' is no field", fix: "a field is what follows the first dot: lq.png, jpg")
    }
    return fields
  }
}
