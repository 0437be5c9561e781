import ArgumentParser
import Basics
import CKernels
import Tensors

/// Times single kernels on every instruction set of this CPU.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels", abstract: "Time single kernels on every instruction set of this CPU.",
    discussion: """
      Prints GFLOP/s where arithmetic counts and GB/s where memory does, the best of several runs:
      other programs make a run slower, never faster.

      EXAMPLES
        dcpt-bench kernels
        dcpt-bench kernels convolutions --threads 1 --json
      """)

  @Argument(help: "A family: \(KernelCase.families.map(\.name).joined(separator: ", ")).")
  var family: String?
  @Option(help: "Threads; by default one a CPU.")
  var threads: Int?
  @Option(help: "Seconds of runs for each kernel and instruction set.")
  var seconds = 0.2
  @Flag(help: "Print one JSON object a kernel and instruction set.")
  var json = false

  func run() throws {
    Threads.start(threads ?? Threads.available)
    let tables = ["portable", "avx2", "avx512"].compactMap { (name: String) in
      dk_table_named(name)?.pointee
    }
    if !json {
      print("best of \(fixed(seconds, 1)) s, \(Threads.count) threads, \(ProcessorName.current)")
      print(
        alignedLeft("", 34) + tables.map { alignedLeft(String(cString: $0.name), 16) }.joined()
          + "OpenBLAS")
    }
    for family in try chosenFamilies() {
      for item in family.cases() { printRow(item, tables) }
    }
  }

  private func chosenFamilies() throws -> [(name: String, cases: () -> [KernelCase])] {
    guard let family else { return KernelCase.families }
    let found = KernelCase.families.filter { $0.name == family }
    guard found.isEmpty else { return found }
    let names = KernelCase.families.map(\.name)
    throw Problem("family '\(family)'", "is not known", fix: hint(for: family, among: names))
  }

  private func printRow(_ item: KernelCase, _ tables: [dk_table]) {
    let times = tables.map { table in bestTime { item.run(table) } }
    let peer = item.openBLAS.map { bestTime($0) }
    guard json else {
      let rates = (times + (peer.map { [$0] } ?? [])).map { time in
        item.operations > 0
          ? fixed(item.operations / time / 1e9, 1) + " GFLOP/s"
          : fixed(item.bytes / time / 1e9, 1) + " GB/s"
      }
      print(alignedLeft(item.name, 34) + rates.map { alignedLeft($0, 16) }.joined())
      return
    }
    let names = tables.map { String(cString: $0.name) } + ["OpenBLAS"]
    for (name, time) in zip(names, times + (peer.map { [$0] } ?? [])) {
      let row: JSON = [
        "kernel": .string(item.name), "isa": .string(name),
        "threads": .integer(Threads.count), "seconds": .number(time),
        "gflops": .number(item.operations / time / 1e9),
        "gbytes": .number(item.bytes / time / 1e9), "cpu": .string(ProcessorName.current),
      ]
      print(row.compact)
    }
  }

  private func bestTime(_ run: () -> Void) -> Double {
    run()  // scratch grows, pages are touched
    let end = monotonicSeconds() + seconds
    var best = Double.infinity
    repeat {
      let start = monotonicSeconds()
      run()
      best = min(best, monotonicSeconds() - start)
    } while monotonicSeconds() < end
    return best
  }
}

/// What the system calls this CPU.
enum ProcessorName {
  static let current: String = {
    let text = kernelText("/proc/cpuinfo") ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line.flatMap { $0.split(separator: ":").last }.map { String($0.drop { $0 == " " }) }
      ?? "unknown CPU"
  }()
}
