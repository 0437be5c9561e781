import ArgumentParser
import Basics
import Tensors

/// Times training iterations of whole networks.
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Time training iterations: forward, loss, backward, AdamW.",
    discussion: """
      Without a case, times all and prints a table. With --worker, speaks a line protocol on standard
      input and output, so that another program can time this one and a peer in turn: 'steps N' is
      answered with N rows of seconds [total, forward, backward, optimiser], 'infer N' with N times of
      a 256x256 picture, 'rss' with peak and start memory in KiB, 'quit' ends. Answers start with '@'.

      EXAMPLES
        dcpt-bench network
        dcpt-bench network naf32_b4p128 --rounds 10
      """)

  @Argument(
    help: "The case; without one, all: \(NetworkCase.all.map(\.name).joined(separator: ", ")).")
  var name: String?
  @Flag(help: "Answer a peer's commands instead of printing a table.")
  var worker = false
  @Option(help: "Timed iterations a case; the median is printed.")
  var rounds = 7
  @Option(help: "Threads; by default one a CPU.")
  var threads: Int?
  @Flag(help: "Bind each thread to a CPU.")
  var pin = false
  @Flag(help: "Compute the insides of blocks again (gradient_checkpointing in recipes).")
  var recompute = false
  @Option(help: "Parts that the batch goes through in (gradient_accumulation_steps in recipes).")
  var parts = 1
  @Flag(help: "NAFNet: pool over the whole picture at every size, as the published form does.")
  var globalPool = false

  func run() throws {
    Threads.start(threads ?? Threads.available, pinned: pin)
    let cases = try name.map { [try NetworkCase.named($0)] } ?? NetworkCase.all
    if worker { return answer(timer(cases[0])) }
    print(
      "training iteration, fp32, \(Threads.count) threads, \(Threads.instructionSet); median of \(rounds)"
    )
    print("case                    total   forward  backward  optimiser      peak")
    for item in cases { printRow(item) }
  }

  private func timer(_ item: NetworkCase) -> NetworkTimer {
    NetworkTimer(globalPool ? item.poolingGlobally : item, recomputes: recompute, parts: parts)
  }

  private func printRow(_ item: NetworkCase) {
    let timer = timer(item)
    for _ in 0..<3 { _ = timer.step() }
    let rows = (0..<rounds).map { _ in timer.step().times }
    let middle = (0..<4).map { k in rows.map { $0[k] }.sorted()[rows.count / 2] * 1e3 }
    let columns = middle.map { alignedRight(fixed($0, 1) + " ms", 10) }.joined()
    print(
      alignedLeft(item.name, 18) + columns
        + alignedRight("\(ResidentMemory.peak >> 10) MiB", 12))
  }

  private func answer(_ timer: NetworkTimer) {
    let atStart = ResidentMemory.current
    let setup = monotonicSeconds()
    let losses = (0..<3).map { _ in JSON.number(Double(timer.step().loss)) }
    say([
      "ready": 1, "params": .integer(timer.parameterCount), "loss": .array(losses),
      "setup": .number(monotonicSeconds() - setup), "isa": .string(Threads.instructionSet),
    ])
    while let line = readLine() {
      let words = line.split(separator: " ")
      let count = words.count > 1 ? Int(words[1]) ?? 0 : 0
      switch words.first {
      case "steps":
        say(.array((0..<count).map { _ in .array(timer.step().times.map { .number($0) }) }))
      case "infer": say(.array((0..<count).map { _ in .number(timer.infer()) }))
      case "rss": say(["peak": .integer(ResidentMemory.peak), "start": .integer(atStart)])
      case "quit": return
      case nil: continue
      default: say(["error": .string("unknown command \(line)")])
      }
    }
  }

  private func say(_ value: JSON) {
    // Standard output may be a pipe, which is not flushed at each line by itself.
    standardOutput("@" + value.compact + "\n")
  }
}
