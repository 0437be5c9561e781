/// Stops the program with `message` when a caller broke a rule.
///
/// For our own mistakes only; the user's mistakes are `Problem`s. `precondition` is not used because
/// an optimised build drops its text.
@inlinable
public func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  guard condition() else { fatalError(message(), file: file, line: line) }
}
