import Basics

/// Means of named numbers since the last log line.
struct RunningMeans: Equatable {
  private(set) var sums: [(name: String, value: Double)] = []
  private(set) var count = 0

  init() {}

  /// Adds one iteration's numbers; the names are the same each time.
  mutating func add(_ scalars: [(name: String, value: Double)]) {
    if sums.isEmpty {
      sums = scalars
    } else {
      for i in sums.indices { sums[i].value += scalars[i].value }
    }
    count += 1
  }

  /// The means so far.
  var means: [(name: String, value: Double)] {
    sums.map { ($0.name, $0.value / Double(max(count, 1))) }
  }

  mutating func reset() { self = RunningMeans() }

  /// The state that a checkpoint keeps; numbers read back to the same bits.
  var json: JSON {
    [
      "count": .integer(count),
      "sums": .object(sums.map { JSON.Member($0.name, .number($0.value)) }),
    ]
  }

  init?(_ json: JSON) {
    guard let count = json["count"]?.integer, let members = json["sums"]?.object else { return nil }
    self.count = count
    sums = members.map { ($0.key, $0.value.double ?? 0) }
  }

  static func == (a: RunningMeans, b: RunningMeans) -> Bool { a.json == b.json }
}
