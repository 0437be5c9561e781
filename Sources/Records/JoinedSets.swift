import Basics

/// Several sets as one: their records follow each other, their classes are joined by name.
package struct JoinedSets: Sendable {
  /// The first set's classes, then those that later ones add.
  package let classes: [String]
  /// The number of each set's first record, and the count of all.
  package let firsts: [Int]
  /// For each set the number here of each of its classes.
  package let classNumbers: [[Int]]

  /// Joins sets of so many records and these classes.
  package init(_ sets: [(count: Int, classes: [String])]) {
    var numbers: [String: Int] = [:]
    var classes: [String] = []
    for name in sets.flatMap(\.classes) where numbers[name] == nil {
      numbers[name] = classes.count
      classes.append(name)
    }
    self.classes = classes
    firsts = sets.map(\.count).firstPlaces
    classNumbers = sets.map { $0.classes.map { numbers[$0] ?? 0 } }
  }

  /// Records in all sets.
  package var count: Int { firsts[firsts.count - 1] }

  /// The place of the set that a record is of, and the record's number there.
  package func place(of index: Int) -> (part: Int, own: Int) { firsts.place(of: index) }
}

extension [Int] {
  /// Where each of several lists of these lengths begins when they follow each other, and the length of all.
  package var firstPlaces: [Int] { reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) } }

  /// Of such places: the list that a place lies in, and its place there.
  package func place(of index: Int) -> (part: Int, own: Int) {
    let part = lastPlace(notAbove: index)
    return (part, index - self[part])
  }
}
