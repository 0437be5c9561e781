import Basics
import Images
import Records

/// Reads every pair once, before anything is written: digests, sizes, and what cannot be used.
enum PairMeasurement {
  /// The side of the smallest picture that is taken: SSIM needs a window.
  private static let smallest = 16

  private struct Unusable: Error {
    let entry: Manifest.SetAside
  }

  /// Measures pairs on several threads.
  ///
  /// - Parameter progress: Called with the pairs that are done, and their number, from any thread.
  /// - Returns: What was measured and what is set aside, both in the order of the pairs.
  /// - Throws: `Problem` when a signal ended the work.
  static func measured(
    _ pairs: [PairSearch.Pair], workers: Int, progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) -> (pictures: [ImportedPart.Measured], setAside: [Manifest.SetAside]) {
    let results = Locked<[Int: Result<ImportedPart.Measured, Unusable>]>([:])
    let isComplete = try Workers.run(pairs.count, workers: workers) { i throws(Problem) in
      let result = measure(pairs[i])
      let done = results.withLock { results in
        results[i] = result
        return results.count
      }
      progress(done, pairs.count)
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("import", "was stopped before anything was written") }
    var (pictures, setAside): ([ImportedPart.Measured], [Manifest.SetAside]) = ([], [])
    for result in results.withLock({ results in pairs.indices.compactMap { results[$0] } }) {
      switch result {
      case .success(let picture): pictures.append(picture)
      case .failure(let unusable): setAside.append(unusable.entry)
      }
    }
    return (pictures, setAside)
  }

  private static func measure(_ pair: PairSearch.Pair) -> Result<ImportedPart.Measured, Unusable> {
    func unusable(_ file: String, _ reason: String) -> Result<ImportedPart.Measured, Unusable> {
      .failure(Unusable(entry: .init(file: file, reason: reason)))
    }
    var files: [(sha: String, picture: Picture)] = []
    var noteSHA: String?
    for found in [pair.gt, pair.lq] {
      do throws(Problem) {
        let file = try found.bytes()
        files.append((Digest.sha256(file), try Picture(importing: file, place: found.place)))
      } catch {
        return unusable(found.id, error.what)
      }
    }
    if let note = pair.note {
      do throws(Problem) { noteSHA = Digest.sha256(try note.bytes()) } catch {
        return unusable(note.id, error.what)
      }
    }
    let (gt, lq) = (files[0].picture.image, files[1].picture.image)
    guard gt.width == lq.width, gt.height == lq.height else {
      return unusable(
        pair.lq.id,
        "has \(lq.width)x\(lq.height) pixels, its gt \(pair.gt.id) \(gt.width)x\(gt.height)")
    }
    guard min(gt.width, gt.height) >= smallest else {
      return unusable(
        pair.lq.id, "has \(gt.width)x\(gt.height) pixels, fewer than \(smallest) on a side")
    }
    return .success(
      ImportedPart.Measured(
        pair: pair, gtSHA: files[0].sha, lqSHA: files[1].sha, noteSHA: noteSHA, width: gt.width,
        height: gt.height, depthBits: files[0].picture.depthBits,
        isJPEG: files[0].picture.isJPEG,
        channels: SourceChannels(
          droppedAlpha: files[0].picture.hadAlpha, replicatedGray: gt.channels == 1)))
  }
}
