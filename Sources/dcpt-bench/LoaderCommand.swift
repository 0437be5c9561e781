import ArgumentParser
import Basics
import Glibc
import Records
import Training

/// Times the loader.
struct LoaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loader", abstract: "Time the loader that feeds training.",
    discussion: """
      Prints pairs per second for batches of 16 random 128x128 crops with flips, as float32, from pairs of
      256x256 in shuffled order, on one thread and on two: of a bare C loop over the mapped files, of the
      loader with flips and with quarter turns too, and shuffled within pools of shards. Every record was
      read before, so that its checks are behind it; "first epoch" is the rate with them. Then what it takes
      to open a set of a billion records.

      --peer NAME=COMMAND times another loader in turn: the command prints a line of JSON with the number
      'read_pairs_s'. It may be given more than once.

      EXAMPLES
        dcpt-bench loader
        dcpt-bench loader --peer 'webdataset, 2 workers=python3 baseline.py do read wds_npy 2 DIR'
      """)

  @Option(help: "Pairs in the set that is made for it.")
  var pairs = 2000
  @Option(help: "The manifest of a set to read instead, of RGB pictures of one size from 128x128.")
  var data: String?
  @Option(help: "How often each row is timed, in turn; medians are printed.")
  var rounds = 9
  @Option(help: "Passes over the set in each turn.")
  var epochs = 1
  @Option(help: "Another loader, NAME=COMMAND.")
  var peer: [String] = []
  @Option(help: "Shards of the set that is opened.")
  var shards = 10_000

  func validate() throws {
    guard rounds > 0, epochs > 0 else {
      throw ValidationError("--rounds and --epochs want at least 1")
    }
    guard pairs >= 100 else { throw ValidationError("--pairs wants at least 100") }
    guard shards > 0 else { throw ValidationError("--shards wants at least 1") }
    guard peer.allSatisfy({ $0.contains("=") }) else {
      throw ValidationError("--peer wants NAME=COMMAND")
    }
  }

  func run() throws {
    let made = data == nil ? try LoaderSet(pairs: pairs, size: 256) : nil
    try withExtendedLifetime(made) { try printRates(data ?? made?.manifest ?? "") }
    try printOpening()
  }

  // MARK: Rates

  private func printRates(_ manifest: String) throws {
    let reader = try RecordReader(manifest: manifest)
    let item = LoaderCase(reader: reader)
    print("pairs per second, \(reader.count) pairs in \(reader.manifest.shards.count) shards")
    let first = try item.loader(threads: 1, turns: false, epochs: 1)
    print(row("first epoch, with checks", [first]))
    var rates: [String: [[Double]]] = [:]
    for _ in 0..<rounds {
      for (name, measure) in rows(item) {
        rates[name, default: []].append(try [1, 2].map { try measure($0) })
      }
    }
    print(alignedLeft("", 40) + [" 1 thread", " 2 threads"].map { alignedRight($0, 11) }.joined())
    for (name, _) in rows(item) { print(row(name, medians(rates[name] ?? []))) }
    let ratios = zip(rates[LoaderCommand.flips] ?? [], rates[LoaderCommand.bare] ?? [])
      .map { zip($0, $1).map { $0 / $1 } }
    print(row("loader over bare loop (aim 0.5)", medians(ratios), decimals: 2))
    for pool in [0, 4] {
      let quality = try ShuffleQuality(item.plan(turns: false, pool: pool))
      print((pool == 0 ? "whole set: " : "pools of \(pool) shards: ") + quality.sentence)
    }
    try printPeers(item)
  }

  private static let bare = "bare C loop, flips"
  private static let flips = "loader, flips"

  private func rows(_ item: LoaderCase) -> [(String, (Int) throws -> Double)] {
    [
      (LoaderCommand.bare, { try item.bare(threads: $0, epochs: epochs) }),
      (LoaderCommand.flips, { try item.loader(threads: $0, turns: false, epochs: epochs) }),
      ("loader, flips and turns", { try item.loader(threads: $0, turns: true, epochs: epochs) }),
      (
        "loader, flips, pools of 4 shards",
        { try item.loader(threads: $0, turns: false, pool: 4, epochs: epochs) }
      ),
    ]
  }

  private func printPeers(_ item: LoaderCase) throws {
    guard !peer.isEmpty else { return }
    print(
      alignedLeft("\npeer", 41) + ["peer", "loader", "times"].map { alignedRight($0, 11) }.joined())
    for text in peer {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      let turns = try (0..<rounds).map { _ in
        let theirs = try PeerRate.pairs(parts[1])
        let ours = try item.loader(threads: 2, turns: false, epochs: epochs)
        return [theirs, ours, ours / theirs]
      }
      let middle = medians(turns)
      print(row(parts[0], Array(middle[..<2])) + alignedRight(fixed(middle[2], 1), 11))
    }
  }

  // MARK: Opening

  private func printOpening() throws {
    let records = 1_000_000_000 / shards
    let vast = try VastSet(shards: shards, recordsPerShard: records)
    try withExtendedLifetime(vast) {
      let before = ResidentMemory.current
      let times = try (0..<rounds).map { _ in
        let (start, work) = (monotonicSeconds(), processorSeconds())
        _ = try RecordReader(manifest: vast.manifest)
        return [monotonicSeconds() - start, processorSeconds() - work]
      }
      let middle = medians(times).map { fixed($0, 3) }
      print(
        "\nopening \(shards) shards, \(shards * records) records: \(middle[0]) s (aim 0.2), "
          + "\(middle[1]) s of them at work; the first time \(fixed(times[0][0], 3)) s")
      let reader = try RecordReader(manifest: vast.manifest)
      let plan = try LoaderCase(reader: reader).plan(turns: false)
      print(
        "memory for it and the plan of \(plan.batchesPerEpoch) batches an epoch: "
          + "\((ResidentMemory.current - before) / 1024) MiB")
    }
  }

  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  // MARK: Text

  private func medians(_ rows: [[Double]]) -> [Double] {
    (rows.first ?? []).indices.map { k in rows.map { $0[k] }.sorted()[rows.count / 2] }
  }

  private func row(_ name: String, _ values: [Double], decimals: Int = 0) -> String {
    alignedLeft(name, 40) + values.map { alignedRight(fixed($0, decimals), 11) }.joined()
  }
}
