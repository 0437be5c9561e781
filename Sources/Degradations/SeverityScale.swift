import Basics

/// How one parameter follows severity 0...1: its values at the levels 1 to 5 and the rule between.
///
/// The levels are the severities 0.1, 0.3, 0.5, 0.7 and 0.9. Between them the parameter is piecewise
/// linear, in its logarithm where `inLog` says so. Below 0.1 it goes linearly to the neutral value at
/// 0; above 0.9 the last segment goes on.
public struct SeverityScale: Sendable {
  /// The parameter at severity 0, where the picture is unchanged.
  public let neutral: Double
  /// The parameter at the five levels.
  public let levels: [Double]
  /// Whether the logarithm is interpolated.
  public let inLog: Bool

  /// The severities of the levels 1 to 5.
  public static let levelSeverities = [0.1, 0.3, 0.5, 0.7, 0.9]

  /// Creates a scale from its row of the table.
  public init(neutral: Double, levels: [Double], inLog: Bool = false) {
    require(levels.count == 5, "SeverityScale: \(levels.count) levels, wants 5")
    (self.neutral, self.levels, self.inLog) = (neutral, levels, inLog)
  }

  /// Returns the parameter at a severity of 0...1.
  public func callAsFunction(_ severity: Double) -> Double {
    require(severity >= 0 && severity <= 1, "severity \(severity) is outside 0...1")
    if severity < 0.1 { return neutral + (levels[0] - neutral) * (severity / 0.1) }
    let place = (severity - 0.1) / 0.2
    let segment = min(Int(place), 3)
    let t = place - Double(segment)
    let (a, b) = (levels[segment], levels[segment + 1])
    guard inLog else { return a + (b - a) * t }
    return a * ExactMath.pow(b / a, t)
  }
}
