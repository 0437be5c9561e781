import Basics

/// Means of named numbers since the last log line.
struct RunningMeans: Equatable {
  private(set) var sums: [(name: String, value: Double, count: Int)] = []

  init() {}

  /// Adds one iteration's numbers, in which a name may be missing.
  mutating func add(_ scalars: [(name: String, value: Double)]) {
    for (name, value) in scalars {
      if let i = sums.firstIndex(where: { $0.name == name }) {
        sums[i].value += value
        sums[i].count += 1
      } else {
        sums.append((name, value, 1))
      }
    }
  }

  /// The means so far.
  var means: [(name: String, value: Double)] { sums.map { ($0.name, $0.value / Double($0.count)) } }

  mutating func reset() { self = RunningMeans() }

  /// The state that a checkpoint keeps; numbers read back to the same bits.
  var json: JSON {
    .object(
      sums.map { JSON.Member($0.name, ["sum": .number($0.value), "count": .integer($0.count)]) })
  }

  init?(_ json: JSON) {
    for member in json.object ?? [] {
      guard let sum = member.value["sum"]?.double, let count = member.value["count"]?.integer,
        count > 0
      else { return nil }
      sums.append((member.key, sum, count))
    }
  }

  static func == (a: RunningMeans, b: RunningMeans) -> Bool { a.json == b.json }
}
