extension [UInt8] {
  /// Calls `body` with the array's bytes; the standard library's own does not say what it throws.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(Problem) -> R)
    throws(Problem) -> R
  {
    let result: Result<R, Problem> = withUnsafeBytes { buffer in
      do throws(Problem) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
