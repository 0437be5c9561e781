/// Returns the known name closest to `name`, when one is close enough to be meant.
public func nearestName(to name: String, among known: [String]) -> String? {
  let best = known.map { (name: $0, distance: editDistance(name, $0)) }
    .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
  guard let best, best.distance <= max(2, name.count / 3) else { return nil }
  return best.name
}

/// Returns a hint for an unknown name: the nearest valid one, and otherwise all of them.
public func hint(for name: String, among known: [String]) -> String {
  if let nearest = nearestName(to: name, among: known) { return "did you mean '\(nearest)'?" }
  return "valid names: \(known.sorted().joined(separator: ", "))"
}

private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
