import ArgumentParser

/// How many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(name: .customLong("threads"), help: "Threads that compute; by default all CPUs.")
  var count: Int?

  func validate() throws {
    guard count.map({ (1...1024).contains($0) }) ?? true else {
      throw ValidationError("--threads must be from 1 to 1024")
    }
  }
}
