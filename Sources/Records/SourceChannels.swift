import Basics

/// What reading a clean picture did to its channels, so that its patches are RGB.
///
/// Labels and manifests say it in members of the source, each only where it applies: a plain RGB
/// picture has none of them.
public struct SourceChannels: Sendable, Equatable {
  /// Whether the file had alpha or a transparent colour, which was dropped: colours are taken as they
  /// are stored, laid on no background.
  public let droppedAlpha: Bool
  /// Whether the picture was gray, and its one channel replicated to three.
  public let replicatedGray: Bool

  /// Those of a plain RGB picture.
  public static let plain = SourceChannels(droppedAlpha: false, replicatedGray: false)

  /// Says what was done.
  public init(droppedAlpha: Bool, replicatedGray: Bool) {
    (self.droppedAlpha, self.replicatedGray) = (droppedAlpha, replicatedGray)
  }

  /// Reads the members of a source.
  init(_ source: JSON) {
    self.init(
      droppedAlpha: source["alpha"] == "dropped", replicatedGray: source["gray"] == "replicated")
  }

  /// The members of a source: `"alpha": "dropped"` and `"gray": "replicated"`.
  public var members: [JSON.Member] {
    (droppedAlpha ? [.init("alpha", "dropped")] : [])
      + (replicatedGray ? [.init("gray", "replicated")] : [])
  }
}
