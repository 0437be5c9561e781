import Glibc

/// Progress of long work on standard error: a bar with rate and time left on a terminal, otherwise a
/// plain line every ten seconds.
public final class ProgressLine {
  private let label: String
  private let total: Int
  private let unit: String
  private let start = monotonicSeconds()
  private let first: Int
  private var lastShown = 0.0
  private let terminal = isatty(2) == 1

  /// Starts at `first` of `total` units done.
  public init(_ label: String, total: Int, unit: String, startingAt first: Int = 0) {
    self.label = label
    self.total = max(total, 1)
    self.unit = unit
    self.first = first
    lastShown = terminal ? 0 : start
  }

  /// Shows that `done` units are done, at most five times a second; `note` stands at the line's end.
  public func update(_ done: Int, note: String = "") {
    let now = monotonicSeconds()
    guard now - lastShown >= (terminal ? 0.2 : 10) else { return }
    lastShown = now
    write(text(done, now, note) + (terminal ? "" : "\n"))
  }

  /// Writes a line of its own; the progress goes on below it.
  public func interrupt(_ text: String) {
    write((terminal ? "\r\u{1B}[K" : "") + "\(label): \(text)\n")
    lastShown = terminal ? 0 : lastShown
  }

  /// Shows the last state and ends the line.
  public func finish(_ done: Int? = nil, note: String = "") {
    write(text(done ?? total, monotonicSeconds(), note) + "\n")
  }

  private func text(_ done: Int, _ now: Double, _ note: String) -> String {
    let elapsed = max(now - start, 1e-3)
    let rate = Double(done - first) / elapsed
    let left = rate > 0 ? Double(total - done) / rate : .nan
    let share = min(max(Double(done) / Double(total), 0), 1)
    let time = done >= total ? "in \(clockTime(elapsed))" : "ETA \(clockTime(left))"
    let facts =
      "\(done)/\(total) \(unit)  \(threeDigits(rate)) \(unit)/s  \(time)"
      + (note.isEmpty ? "" : "  " + note)
    guard terminal else { return "\(label): \(Int(share * 100))%  \(facts)" }
    let filled = Int(share * 24)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
    return "\r\u{1B}[K\(label) [\(bar)] \(facts)"
  }

  private func write(_ text: String) { standardError(text) }
}

/// Writes text to standard error as it is, at once.
public func standardError(_ text: String) { write(text, to: 2) }

/// Writes text to standard output as it is, at once.
public func standardOutput(_ text: String) { write(text, to: 1) }

private func write(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
}

/// Seconds of a clock that never jumps.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds as m:ss or h:mm:ss; "--:--" when unknown.
public func clockTime(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0 else { return "--:--" }
  let s = Int(seconds.rounded())
  let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
  return s < 3600 ? "\(s / 60):\(two(s % 60))" : "\(s / 3600):\(two(s / 60 % 60)):\(two(s % 60))"
}

/// A rate or size with about three significant digits.
public func threeDigits(_ x: Double) -> String {
  fixed(x, x >= 100 ? 0 : x >= 10 ? 1 : 2)
}

/// A number with a fixed count of decimals.
public func fixed(_ x: Double, _ decimals: Int) -> String {
  guard x.isFinite else { return x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }
  let scale = (0..<decimals).reduce(1.0) { s, _ in s * 10 }
  guard abs(x) * scale < 0x1p62 else { return x.description }
  let whole = Int((abs(x) * scale).rounded())
  let sign = x < 0 && whole > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(whole) }
  let digits = String(whole % Int(scale))
  return sign + "\(whole / Int(scale))." + String(repeating: "0", count: decimals - digits.count)
    + digits
}
