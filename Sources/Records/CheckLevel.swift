/// How closely a data set is looked at.
public enum CheckLevel: String, Sendable, CaseIterable {
  /// Sizes, tar headers and counts; the content is not read.
  case quick
  /// Every byte, by the digests of the files; records are looked at where a digest is wrong.
  case digests
  /// Every byte and every record: checksums, labels and pictures.
  case records
}
