import ArgumentParser
import Basics
import Degradations
import Glibc
import Images
import Synthesis

/// Times the making of degraded pictures.
struct SynthesisCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesis", abstract: "Time the degradations and the generated clean pictures.",
    discussion: """
      Prints pictures per second of one CPU's time, from float codes to float codes, at the severity levels
      1, 3 and 5; then the clean pictures and the depth of a photograph.
      DCPT_ISA=portable|avx2|avx512 chooses the instruction set.

      EXAMPLE
        dcpt-bench synthesis --size 128
      """)

  @Option(help: "Width and height of the pictures.")
  var size = 256
  @Option(help: "Seconds spent on each figure.")
  var seconds = 0.5

  func validate() throws {
    guard (1...4096).contains(size) else { throw ValidationError("--size wants 1...4096") }
  }

  func run() throws {
    let clean = leaves(0)
    let (gt, scene) = (clean.image, clean.scene)
    print("\(size)x\(size) pictures per second of CPU time, \(PictureKernels.instructionSet)")
    print(row("degradation", ["level 1", "level 3", "level 5"]))
    for type in DegradationCatalog.all {
      let rates = try [0.1, 0.5, 0.9].map { severity in
        let chain = try DegradationChain([(type.name, severity)])
        return rate { _ = chain.apply(to: gt, scene: scene, seed: 1, index: $0) }
      }
      print(row(type.name, rates))
    }
    print(row("dead leaves", [rate { _ = leaves($0) }]))
    let depth = rate {
      _ = ProceduralDepth.scene(for: gt, random: RandomStream(seed: 1, index: $0))
    }
    print(row("depth of a photo", [depth]))
  }

  private func leaves(_ index: UInt64) -> DeadLeaves.Picture {
    DeadLeaves(width: size, height: size, seed: 1, index: index).render()
  }

  private func rate(_ work: (UInt64) -> Void) -> String {
    work(0)
    let start = cpuSeconds()
    var count: UInt64 = 0
    while cpuSeconds() - start < seconds {
      count += 1
      work(count)
    }
    return fixed(Double(count) / (cpuSeconds() - start), 0)
  }

  /// The thread's own time: other programs on the machine change it little.
  private func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func row(_ name: String, _ columns: [String]) -> String {
    let cells = columns.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(1, 18 - name.count)) + cells.joined()
  }
}
