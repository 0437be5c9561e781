import ArgumentParser
import Basics
import Degradations
import Glibc
import Images
import Synchronization
import Synthesis

/// Times the making of degraded pictures.
struct SynthesisCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesis", abstract: "Time the degradations and the generated clean pictures.",
    discussion: """
      Prints pictures per second, from 8-bit codes to 8-bit codes: of degradations with given parameters on one
      thread (its CPU time) and on two (the clock's); then of all degradations at the severity levels 1, 3 and 5 on one thread, with
      drawing and solving of their parameters, of the clean pictures and of the depth of a photograph.
      DCPT_ISA=portable|avx2|avx512 chooses the instruction set.

      --peer names a program that times the same work: it is run as 'PROGRAM --only ROW' and prints lines that
      end in '... N /s  best M'. Each row is timed in turn with its peer; "aim" is how many times
      faster the project means it to be.

      EXAMPLES
        dcpt-bench synthesis --size 128
        dcpt-bench synthesis --peer 'python3 baseline.py --rounds 5'
      """)

  @Option(help: "Width and height of the pictures.")
  var size = 256
  @Option(help: "Seconds spent on each figure.")
  var seconds = 0.5
  @Option(help: "Only rows whose name holds this text.")
  var only: String?
  @Option(help: "A program to compare with, such as 'python3 baseline.py'.")
  var peer: String?

  @Option(help: "How often each row is timed, in turn with its peer; medians are printed.")
  var rounds = 3

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds wants at least 1") }
    guard (1...4096).contains(size) else { throw ValidationError("--size wants 1...4096") }
  }

  func run() throws {
    HeapMemory.keep()  // as dcpt-data does
    let clean = leaves(0)
    let (image, scene) = (clean.image, clean.scene)
    let gt = image.bytes
    print("\(size)x\(size) pictures per second, \(PictureKernels.instructionSet)")
    try printGiven(gt, scene)
    if peer != nil { return }
    try printDrawn(gt, scene)
    printClean(image)
  }

  // MARK: Given parameters

  private func printGiven(_ gt: [UInt8], _ scene: Scene) throws {
    let compared = peer == nil ? [] : ["peer", "times", "aim"]
    let columns = ["1 thread", "2 threads", "ratio"] + compared
    print(row("given parameters", columns))
    for test in SynthesisCase.all where only.map({ test.name.contains($0) }) ?? true {
      let steps = try test.steps(scene: scene, gt: gt)
      let work = { @Sendable (index: UInt64) in
        _ = try? DegradationChain.replay(steps, on: gt, scene: scene, seed: 1, index: index)
      }
      let turns = try (0..<rounds).map { _ in
        let theirs = try peer.map { try PeerRate.measure($0, row: test.peer) }
        return Turn(one: rate(threads: 1, work), two: rate(threads: 2, work), theirs: theirs)
      }
      var cells = [
        fixed(median(turns.map(\.one)), 0), fixed(median(turns.map(\.two)), 0),
        fixed(median(turns.map { $0.two / $0.one }), 2),
      ]
      let times = turns.compactMap { turn in turn.theirs.map { turn.one / $0 } }
      if peer != nil {
        cells += [
          fixed(median(turns.compactMap(\.theirs)), 0), fixed(median(times), 1), fixed(test.aim, 1),
        ]
      }
      print(row(test.name, cells))
    }
  }

  /// Pictures per second of a row in one turn.
  private struct Turn {
    let one: Double
    let two: Double
    let theirs: Double?
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  // MARK: Drawn parameters

  private func printDrawn(_ gt: [UInt8], _ scene: Scene) throws {
    print("\n" + row("drawn parameters, 1 thread", ["level 1", "level 3", "level 5"]))
    for type in DegradationCatalog.all where only.map({ type.name.contains($0) }) ?? true {
      let rates = try [0.1, 0.5, 0.9].map { severity in
        let chain = try DegradationChain([(type.name, severity)])
        return rate(threads: 1) { _ = try? chain.degrade(gt, scene: scene, seed: 1, index: $0) }
      }
      print(row(type.name, rates.map { fixed($0, 0) }))
    }
  }

  private func printClean(_ image: Image) {
    if only != nil { return }
    print(row("dead leaves", [fixed(rate(threads: 1) { _ = leaves($0) }, 0)]))
    let depth = rate(threads: 1) {
      _ = ProceduralDepth.scene(for: image, random: RandomStream(seed: 1, index: $0))
    }
    print(row("depth of a photo", [fixed(depth, 0)]))
  }

  private func leaves(_ index: UInt64) -> DeadLeaves.Picture {
    DeadLeaves(width: size, height: size, seed: 1, index: index).render()
  }

  // MARK: Time and text

  /// Pictures per second: of the processor on one thread, of the clock on more.
  ///
  /// Threads go on by themselves until the time is over, as the workers of a long run do.
  private func rate(threads: Int, _ work: @escaping @Sendable (UInt64) -> Void) -> Double {
    for index in 0..<4 { work(UInt64(index)) }
    let clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC
    let start = clockSeconds(clock)
    let limit = self.seconds
    let count = Atomic(0)
    _ = try? Workers.run(.max, workers: threads) { number throws(Problem) in
      work(UInt64(number))
      count.add(1, ordering: .relaxed)
      return clockSeconds(clock) - start < limit
    }
    return Double(count.load(ordering: .relaxed)) / (clockSeconds(clock) - start)
  }

  private func row(_ name: String, _ columns: [String]) -> String {
    alignedLeft(name, 48) + columns.map { alignedRight($0, 10) }.joined()
  }
}

private func clockSeconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
