/// A run that a signal ended after its checkpoint was written.
public struct Stopped: Error, Equatable, CustomStringConvertible {
  /// The signal's number.
  public let signal: Int32
  /// Iterations done by then.
  public let iteration: Int

  /// The exit status that shells expect: 128 plus the signal.
  public var exitStatus: Int32 { 128 + signal }

  /// A sentence for the user.
  public var description: String {
    "stopped by signal \(signal) after iteration \(iteration); "
      + "a checkpoint is written, go on with --resume"
  }
}
