import Basics
import Foundation

/// The rate of another program.
enum PeerRate {
  /// Runs `command --only row` and returns the number before "/s" in its output.
  ///
  /// - Throws: `Problem` when the program fails or prints no such number, or more than one.
  static func measure(_ command: String, row: String) throws(Problem) -> Double {
    let text = try output(of: words(command) + ["--only", row])
    let rates = text.split(separator: "\n").compactMap { rate(in: $0) }
    guard rates.count == 1, let rate = rates.first else {
      throw Problem(
        "--peer", "'\(command) --only \"\(row)\"' printed \(rates.count) rates, not one",
        fix: "it is meant to print a line '... NUMBER /s' for that row")
    }
    return rate
  }

  /// Runs a loader and returns its pairs per second: the number behind "read_pairs_s" in a line of JSON.
  ///
  /// - Throws: `Problem` when the program fails or prints no such number.
  static func pairs(_ command: String) throws(Problem) -> Double {
    for line in try output(of: words(command)).split(separator: "\n").reversed() {
      guard let brace = line.firstIndex(of: "{"),
        let json = try? JSON(parsing: line[brace...].utf8, place: command),
        let rate = json["read_pairs_s"]?.double
      else { continue }
      return rate
    }
    throw Problem(
      "--peer", "'\(command)' printed no rate",
      fix: "it is meant to print a line of JSON with the number 'read_pairs_s'")
  }

  private static func words(_ command: String) -> [String] {
    command.split(separator: " ").map(String.init)
  }

  private static func output(of words: [String]) throws(Problem) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Problem(
        "--peer",
        "'\(words.joined(separator: " "))' cannot be run: \(error.localizedDescription)")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  private static func rate(in line: Substring) -> Double? {
    let words = line.split(separator: " ")
    guard let unit = words.firstIndex(of: "/s"), unit > 0 else { return nil }
    return Double(words[unit - 1])
  }
}
