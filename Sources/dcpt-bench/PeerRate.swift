import Basics
import Foundation

/// The rate of a row of another program.
enum PeerRate {
  /// Runs `command --only row` and returns the number before "/s" in its output.
  ///
  /// - Throws: `Problem` when the program fails or prints no such number, or more than one.
  static func measure(_ command: String, row: String) throws(Problem) -> Double {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command.split(separator: " ").map(String.init) + ["--only", row]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Problem("--peer", "'\(command)' cannot be run: \(error.localizedDescription)")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let rates = text.split(separator: "\n").compactMap { rate(in: $0) }
    guard rates.count == 1, let rate = rates.first else {
      throw Problem(
        "--peer", "'\(command) --only \"\(row)\"' printed \(rates.count) rates, not one",
        fix: "it is meant to print a line '... NUMBER /s' for that row")
    }
    return rate
  }

  private static func rate(in line: Substring) -> Double? {
    let words = line.split(separator: " ")
    guard let unit = words.firstIndex(of: "/s"), unit > 0 else { return nil }
    return Double(words[unit - 1])
  }
}
