/// What `dcpt-data list` says of a degradation, for people who choose one.
public struct DegradationNotes: Sendable {
  /// One parameter of the label.
  public struct Parameter: Sendable {
    /// Its key in the label, and for `dcpt-data apply --set`.
    public let name: String
    /// Its unit; empty for a pure number or a word.
    public let unit: String
    /// The values that make sense: "0...255", "line, shake".
    public let range: String
    /// What it does.
    public let meaning: String

    /// Creates the description of a parameter.
    public init(name: String, unit: String = "", range: String, meaning: String) {
      (self.name, self.unit, self.range, self.meaning) = (name, unit, range, meaning)
    }
  }

  /// What happens to the picture, in one sentence.
  public let summary: String
  /// The paper or code base that it follows.
  public let source: String
  /// What follows severity, with its unit and its values at the levels 1 to 5.
  public let severity: String
  /// Every parameter of the label.
  public let parameters: [Parameter]

  /// Creates the notes of a degradation.
  public init(summary: String, source: String, severity: String, parameters: [Parameter]) {
    (self.summary, self.source) = (summary, source)
    (self.severity, self.parameters) = (severity, parameters)
  }
}
