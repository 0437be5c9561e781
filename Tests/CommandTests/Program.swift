import Foundation

/// A command that tests run.
struct Program {
  static let train = Program(name: "dcpt-train")
  static let data = Program(name: "dcpt-data")
  /// The package's folder.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  let path: String

  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  init(path: String) { self.path = path }

  /// A command of this package; they lie beside the test bundle.
  private init(name: String) {
    let bundle = CommandLine.arguments.first ?? ""
    let folders = [
      URL(fileURLWithPath: bundle).deletingLastPathComponent().path,
      Program.repository + "/.build/release",
    ]
    let paths = folders.map { $0 + "/" + name }
    path = paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? paths[1]
  }

  /// Starts the command without waiting for it; its output goes nowhere.
  func start(_ arguments: [String]) throws -> Process {
    let process = try prepared(arguments)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs the command to its end.
  ///
  /// - Parameter environment: Variables set beside those of the tests.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let process = try prepared(arguments)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Read before waiting: a full pipe would stop the command for ever.
    let reader = ErrorReader(errors)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let problems = reader.text()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: problems)
  }

  private func prepared(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    return process
  }
}

extension Process {
  /// Waits until the process has done something, for as long as it runs; half an hour at most, since a busy
  /// machine may take its time.
  ///
  /// - Returns: Whether it did; false when it ended before, or the time was up.
  func wait(until isDone: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<180_000 {
      if try isDone() { return true }
      guard isRunning else { return try isDone() }
      Thread.sleep(forTimeInterval: 0.01)
    }
    return false
  }
}

/// Reads a pipe on a thread of its own.
private final class ErrorReader: @unchecked Sendable {
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ pipe: Pipe) {
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [self] in
      data = handle.readDataToEndOfFile()
      done.signal()
    }
  }

  func text() -> String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
  }
}
