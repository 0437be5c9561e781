import Basics

/// Whom a picture is owed to.
struct Credit {
  let path: String
  let photo: Photo
  let package: String

  /// A page that names every picture with its author, licence and change.
  static func page(_ credits: [Credit]) -> String {
    let rows = credits.sorted { $0.path < $1.path }.map { credit in
      "| \(credit.path) | \(credit.photo.author) | \(credit.photo.licence) | \(credit.package) "
        + "| \(credit.change) |"
    }
    return """
      # Credits

      The photographs in this folder, whom they are owed to, and under which licence. Written by
      `dcpt-data photos`.

      | picture | author | licence | package | change |
      | --- | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }

  private var change: String {
    let factor = photo.factor
    if factor == 1 { return "none" }
    return "made smaller by \(fixed(factor, factor == factor.rounded() ? 0 : 2))"
  }
}
