import Basics

/// The keys of an LMDB database and where their values lie, found by walking its whole tree.
///
/// Reads the form that LMDB 0.9 writes on 64-bit machines with the lowest byte first: one database
/// without a name, one value to a key. Every number of the file is compared with what is there before it
/// is followed. LMDB's own library maps the file and trusts it: four changed bits ended a reading
/// process in 14 of 300 trials, and so does a file that was cut before a page that is wanted.
///
/// - Source: `mdb.c` of LMDB 0.9 describes pages and nodes.
public struct LMDBIndex: Sendable {
  /// A key and the bytes of the file that are its value.
  public struct Entry: Sendable, Equatable {
    /// The key, which must be text.
    public let key: String
    /// Where the value lies in the file.
    public let value: Range<Int>
  }

  /// All keys, in the order of their bytes.
  public private(set) var entries: [Entry] = []

  /// Walks the bytes of a `data.mdb`.
  ///
  /// - Parameter place: The file's path, for messages.
  /// - Throws: `Problem` when it is no such file, or is damaged or cut, with the byte.
  public init(scanning bytes: UnsafeRawBufferPointer, place: String) throws(Problem) {
    let head = try LMDBHead(bytes, place)
    var walk = Walk(bytes: bytes, head: head, place: place)
    if head.root != LMDBHead.noPage { try walk.visit(head.root, depth: 1) }
    guard walk.entries.count == head.entries else {
      throw LMDBHead.damaged(
        place, "holds \(walk.entries.count) keys, its head says \(head.entries)")
    }
    entries = walk.entries
  }
}

/// What one of the two first pages says: the later of them counts.
private struct LMDBHead {
  static let noPage = UInt64.max
  private static let magic: UInt32 = 0xBEEF_C0DE

  let pageSize: Int
  let depth: Int
  let entries: Int
  let root: UInt64
  private let transaction: UInt64

  init(_ bytes: UnsafeRawBufferPointer, _ place: String) throws(Problem) {
    let first = try LMDBHead(bytes, at: 0, place)
    let second = try LMDBHead(bytes, at: first.pageSize, place)
    self = second.transaction > first.transaction ? second : first
    guard second.pageSize == first.pageSize else {
      throw LMDBHead.damaged(place, "has two heads with pages of different sizes")
    }
  }

  private init(_ bytes: UnsafeRawBufferPointer, at page: Int, _ place: String) throws(Problem) {
    guard bytes.count >= page + 152 else {
      throw LMDBHead.damaged(place, "ends after \(bytes.count) bytes, inside its head")
    }
    func number<N: FixedWidthInteger>(_ offset: Int, _: N.Type) -> N {
      N(littleEndian: bytes.loadUnaligned(fromByteOffset: page + offset, as: N.self))
    }
    guard number(16, UInt32.self) == LMDBHead.magic else {
      throw Problem(
        place, "is no LMDB database of a 64-bit machine: byte \(page + 16) does not begin a head",
        fix: "give a folder NAME.lmdb that BasicSR or LMDB 0.9 wrote")
    }
    let version = number(20, UInt32.self)
    guard version == 1 else {
      throw Problem(
        place, "has LMDB's format \(version), 1 is read",
        fix: "copy it with the program that wrote it, in the form of LMDB 0.9")
    }
    guard number(92, UInt16.self) == 0 else {
      throw Problem(
        place, "is a database with several values to a key, or with keys that are numbers",
        fix: "give one as BasicSR writes it: a text and a picture")
    }
    let (size, count) = (Int(number(40, UInt32.self)), number(120, UInt64.self))
    (depth, root) = (Int(number(94, UInt16.self)), number(128, UInt64.self))
    // A key takes more than a byte, which also keeps hostile numbers from overflowing.
    guard size >= 512, size <= 65_536, size & (size - 1) == 0, count <= bytes.count, depth <= 32
    else { throw LMDBHead.damaged(place, "has a head at byte \(page) that cannot be") }
    (pageSize, entries, transaction) = (size, Int(count), number(144, UInt64.self))
  }

  static func damaged(_ place: String, _ what: String) -> Problem {
    Problem(place, what, fix: "the database is damaged or was cut: copy it or make it again")
  }
}

/// The way through the tree, keys in rising order.
private struct Walk {
  private static let pageHead = 16
  private static let nodeHead = 8
  private enum PageKind {
    static let (branch, leaf, overflow): (UInt16, UInt16, UInt16) = (1, 2, 4)
  }

  let bytes: UnsafeRawBufferPointer
  let head: LMDBHead
  let place: String
  var entries: [LMDBIndex.Entry] = []
  private var lastKey: Range<Int>?

  init(bytes: UnsafeRawBufferPointer, head: LMDBHead, place: String) {
    (self.bytes, self.head, self.place) = (bytes, head, place)
  }

  /// Visits a page and all below it.
  ///
  /// Keys must rise, so that a ring of pages comes to an end.
  mutating func visit(_ number: UInt64, depth: Int) throws(Problem) {
    let isLeaf = depth == head.depth
    guard depth <= head.depth else { throw damaged("has a tree deeper than it says", 0) }
    let page = try page(number, isLeaf ? PageKind.leaf : PageKind.branch)
    let end = Int(word(page + 12, UInt16.self))
    let count = (end - Walk.pageHead) / 2
    guard end > Walk.pageHead, end <= head.pageSize else {
      throw damaged("has an empty page", page)
    }
    for i in 0..<count {
      let offset = Int(word(page + Walk.pageHead + 2 * i, UInt16.self))
      guard offset >= end, offset + Walk.nodeHead <= head.pageSize else {
        throw damaged("has a node outside its page", page)
      }
      if isLeaf {
        try add(page + offset, page)
      } else {
        try visit(child(page + offset), depth: depth + 1)
      }
    }
  }

  /// A node of a branch: the number of a page in 48 bits.
  private func child(_ node: Int) -> UInt64 {
    UInt64(word(node, UInt32.self)) | UInt64(word(node + 4, UInt16.self)) << 32
  }

  /// A node of a leaf: sizes, flags, key, and the value or the page that it lies on.
  private mutating func add(_ node: Int, _ page: Int) throws(Problem) {
    let size = Int(word(node, UInt32.self))
    let (flags, keySize) = (word(node + 4, UInt16.self), Int(word(node + 6, UInt16.self)))
    let key = node + Walk.nodeHead..<node + Walk.nodeHead + keySize
    let isElsewhere = flags == 1
    guard key.upperBound + (isElsewhere ? 8 : size) <= page + head.pageSize else {
      throw damaged("has a node that is larger than its page", node)
    }
    guard flags <= 1 else {
      throw Problem(
        place, "holds databases with names, or several values to a key, at byte \(node)",
        fix: "give one as BasicSR writes it: a text and a picture")
    }
    guard lastKey.map({ bytes[$0].lexicographicallyPrecedes(bytes[key]) }) != false else {
      throw damaged("has keys that do not rise", node)
    }
    lastKey = key
    guard let text = String(validating: bytes[key], as: UTF8.self), !text.isEmpty else {
      throw damaged("has a key that is no text", node)
    }
    let value =
      isElsewhere
      ? try overflow(word(key.upperBound, UInt64.self), size)
      : key.upperBound..<key.upperBound + size
    entries.append(LMDBIndex.Entry(key: text, value: value))
  }

  /// A value that fills pages of its own.
  private func overflow(_ number: UInt64, _ size: Int) throws(Problem) -> Range<Int> {
    let page = try page(number, PageKind.overflow)
    let (start, room) = (page + Walk.pageHead, Int(word(page + 12, UInt32.self)) * head.pageSize)
    guard size + Walk.pageHead <= room else {
      throw damaged("has a value of \(size) bytes in pages of \(room)", page)
    }
    guard size <= bytes.count - start else {
      throw damaged("ends after \(bytes.count) bytes, inside a value", page)
    }
    return start..<start + size
  }

  /// Where a page begins, which must be in the file, know its number and be of that kind.
  private func page(_ number: UInt64, _ kind: UInt16) throws(Problem) -> Int {
    guard number < UInt64(bytes.count / head.pageSize) else {
      throw LMDBHead.damaged(
        place, "ends after \(bytes.count) bytes, before its page \(number)")
    }
    let page = Int(number) * head.pageSize
    guard word(page, UInt64.self) == number, word(page + 10, UInt16.self) == kind else {
      throw damaged("has another page where page \(number) should be", page)
    }
    return page
  }

  private func word<N: FixedWidthInteger>(_ offset: Int, _: N.Type) -> N {
    N(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: N.self))
  }

  private func damaged(_ what: String, _ offset: Int) -> Problem {
    LMDBHead.damaged(place, "\(what), at byte \(offset)")
  }
}
