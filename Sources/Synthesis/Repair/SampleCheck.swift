import Basics
import Images
import Records
import Synchronization

/// Makes some records of a set again from their labels and sources, and compares the bytes.
///
/// It finds what no digest can: a set that was whole when it was sealed, but does not hold what its
/// labels say.
public struct SampleCheck: Sendable {
  /// The records that are not what they should be, in their order; empty when all are.
  public let findings: [ShardCheck.Finding]
  /// The count of records that were made again.
  public let count: Int

  /// Compares records spread over the whole set, the same ones each time.
  ///
  /// - Parameters:
  ///   - count: How many records; all of a set that has no more.
  ///   - folders: Where photographs are looked for.
  ///   - depthFolders: Where given depth maps are looked for.
  ///   - progress: Called from any thread with the records that are done.
  /// - Throws: `Problem` when the set cannot be opened, or is of photographs and no folder is given.
  public init(
    manifest path: String, count: Int, folders: [String], depthFolders: [String], workers: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) {
    let reader = try RecordReader(manifest: path)
    try reader.manifest.requireReplayable(path)
    guard reader.manifest.sources.isEmpty || !folders.isEmpty else {
      throw Problem(
        path, "is made from \(reader.manifest.sources.count) photographs, which are not given",
        fix: "give their folder with --clean")
    }
    self.count = min(count, reader.count)
    let order = IndexPermutation(count: reader.count, seed: 0, epoch: 0)
    let found = Locked<[Int: String]>([:])
    let done = Atomic(0)
    try Workers.run(self.count, workers: workers) { place throws(Problem) in
      let index = order[place]
      if let what = SampleCheck.fault(of: index, reader, folders, depthFolders) {
        found.withLock { $0[index] = what }
      }
      progress(done.add(1, ordering: .relaxed).newValue)
      return true
    }
    findings = found.withLock { $0 }.sorted { $0.key < $1.key }.map { index, what in
      let shard = reader.manifest.shard(of: index)
      return ShardCheck.Finding(file: shard?.file ?? "", record: Record.key(index), what: what)
    }
  }

  /// What is wrong with a record; nil when its pictures come out the same.
  private static func fault(
    of index: Int, _ reader: RecordReader, _ folders: [String], _ depthFolders: [String]
  ) -> String? {
    do {
      let replay = try Replay(try reader.label(index).json, place: "its label")
      let made = try replay.render(folders: folders, depthFolders: depthFolders)
      return try reader.withPair(index) { lq, gt, shape in
        let size = (made.gt.height, made.gt.width)
        guard size == (shape.height, shape.width) else {
          return "made again, it has \(size.1)x\(size.0) pixels, not \(shape.width)x\(shape.height)"
        }
        let others = [("gt", made.gt, gt), ("lq", made.lq, lq)].compactMap { name, image, stored in
          image.bytes.elementsEqual(stored) ? nil : name
        }
        return others.isEmpty
          ? nil : "made again, it has other pixels in \(others.joined(separator: " and "))"
      }
    } catch let problem as Problem {
      return "cannot be made again: \(problem.place) \(problem.what)"
    } catch {
      return "cannot be made again: \(error)"
    }
  }
}
