import Foundation

/// How long the tests of the whole catalog may take.
///
/// The environment variable DCPT_PROOF makes them longer: `make proof` sets it.
public enum Effort {
  /// Whether the proof is wanted.
  public static let isProof = ProcessInfo.processInfo.environment["DCPT_PROOF"] != nil

  /// Returns the number of repetitions: the usual one, or that of the proof.
  public static func repeats(_ usual: Int, proof: Int) -> Int { isProof ? proof : usual }
}

/// A recipe of single degradations and chains of up to four, drawn from the whole catalog.
///
/// - Parameter names: The catalog's names.
/// - Parameter more: More lines of the recipe.
public func catalogRecipe(_ names: [String], count: Int, _ more: String = "") -> String {
  """
  classes: mixed
  gt_size: 48
  count: \(count)
  seed: 11
  records_per_shard: 5
  severity: [0.05, 1]
  degradations:
    mixed: {from: [\(names.joined(separator: ", "))], lengths: [0.6, 0.2, 0.1, 0.1]}
  \(more)

  """
}
