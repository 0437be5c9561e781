import Basics

/// How the two pictures of each record of a set are stored; labels and planes are the same in both.
public enum PictureForm: String, Sendable, CaseIterable {
  /// Arrays of bytes as NumPy writes them, which are read where they lie: for training.
  case raw
  /// PNG files of the same pixels, about half the size and decoded whenever they are read: for
  /// shipping and keeping.
  case png

  /// The form that a manifest's `fields` state.
  init(of fields: JSON) {
    self = fields[PictureForm.png.gtField] == nil ? .raw : .png
  }

  /// The clean picture's field.
  public var gtField: String { self == .raw ? Record.gtField : "gt.png" }
  /// The degraded picture's field.
  public var lqField: String { self == .raw ? Record.lqField : "lq.png" }

  /// The fields that every record has, in file order; planes stand between them.
  var fields: [String] { [gtField, Record.textField, lqField] }

  /// A manifest's `fields` of pictures in colour.
  var json: JSON {
    var bytes: JSON = ["dtype": "|u1", "channels": 3]
    if self == .png { bytes["form"] = "png" }
    return .object([JSON.Member(gtField, bytes), JSON.Member(lqField, bytes)])
  }

  /// Whether a field is one that records have in either form, so that it holds no plane.
  static func hasField(_ field: String) -> Bool {
    allCases.contains { $0.fields.contains(field) }
  }
}
