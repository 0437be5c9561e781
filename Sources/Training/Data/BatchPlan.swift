import Basics
import Images

/// The batches of a run as a function of their number: (seed, epoch, position) decides record, crop and flips.
///
/// Global batch t of an epoch is the places tB ..< (t + 1)B of its order; rank q of R takes those from
/// tB + qB/R, so the ranks' parts, one after the other, are the same batch for every R. The records that do not
/// fill a last batch are left out of the epoch, or are its last and shorter batch; none is repeated.
public struct BatchPlan: Sendable {
  /// One of several trainers that share every batch.
  public struct Rank: Sendable, Equatable {
    /// Which one, from 0.
    public let number: Int
    /// How many there are.
    public let count: Int

    /// The trainer that has every batch to itself.
    public static let only = Rank(0, of: 1)

    /// Creates a rank.
    public init(_ number: Int, of count: Int) { (self.number, self.count) = (number, count) }
  }

  let source: any PairSource
  let order: any RecordOrder
  let patches: TrainingRecipe.Patches
  private let seed: UInt64
  private let sampling: TrainingRecipe.Sampling
  private let rank: Rank

  /// Records that may be tried in the place of a damaged one.
  private static let substitutes = 8

  /// Makes the plan of a run.
  ///
  /// - Throws: `Problem` when the data cannot fill one batch or lack what the sampling asks for, or the batch
  ///   cannot be divided among the ranks.
  public init(
    _ source: any PairSource, patches: TrainingRecipe.Patches, seed: UInt64,
    sampling: TrainingRecipe.Sampling = .init(), rank: Rank = .only
  ) throws(Problem) {
    guard source.count >= (sampling.dropsLast ? patches.batch : 1) else {
      throw Problem(
        "batch_size", "is \(patches.batch), the data set has \(source.count) records",
        fix: "make more records or the batch smaller")
    }
    guard rank.count > 0, (0..<rank.count).contains(rank.number), patches.batch % rank.count == 0
    else {
      throw Problem(
        "batch_size",
        "is \(patches.batch), which rank \(rank.number) of \(rank.count) cannot share",
        fix: "make it a multiple of the number of ranks, which count from 0")
    }
    (self.source, self.patches, self.seed) = (source, patches, seed)
    (self.sampling, self.rank) = (sampling, rank)
    order = try sampling.order(of: source, seed: seed)
  }

  /// Batches in an epoch.
  public var batchesPerEpoch: Int {
    (order.count + (sampling.dropsLast ? 0 : patches.batch - 1)) / patches.batch
  }
  /// Pairs of a whole batch that this rank gets; of the last batch of an epoch it may be fewer, or none.
  public var pairsPerBatch: Int { patches.batch / rank.count }

  /// The epoch of a batch, from 0, and the places of the whole batch in it.
  func places(of number: Int) -> (epoch: Int, places: Range<Int>) {
    let (epoch, within) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let first = within * patches.batch
    return (epoch, first..<min(first + patches.batch, order.count))
  }

  /// This rank's part of a batch's places: as even a share as there can be.
  private func part(of places: Range<Int>) -> Range<Int> {
    func start(_ rank: Int) -> Int {
      places.lowerBound + places.count * rank / self.rank.count
    }
    return start(rank.number)..<start(rank.number + 1)
  }

  // MARK: State

  /// The state of a run whose next batch is `number`.
  public func state(before number: Int) -> LoaderState {
    let (epoch, places) = places(of: number)
    return LoaderState(
      datasetID: source.datasetID, seed: seed, epoch: epoch, position: places.lowerBound,
      globalBatch: patches.batch, settings: settings)
  }

  /// The number of the batch that follows a state; nothing is replayed for it.
  ///
  /// - Throws: `Problem` when the state is that of other data or settings.
  public func number(after state: LoaderState) throws(Problem) -> Int {
    try state.requireSameRun(as: self.state(before: 0))
    guard state.position % patches.batch == 0, state.position < batchesPerEpoch * patches.batch
    else {
      throw Problem(
        "loader state", "has position \(state.position), which is no place where a batch begins",
        fix: "the state is damaged: take an older checkpoint")
    }
    return state.epoch * batchesPerEpoch + state.position / patches.batch
  }

  /// The number of the batch of this plan that is nearest to where another plan's state was: of the same epoch,
  /// and begins at its place or before.
  func number(near state: LoaderState) -> Int {
    state.epoch * batchesPerEpoch + min(state.position / patches.batch, batchesPerEpoch - 1)
  }

  private var settings: JSON {
    [
      "gt_size": .integer(patches.size), "use_hflip": .bool(patches.flips),
      "use_rot": .bool(patches.turns), "sampling": sampling.json,
    ]
  }

  // MARK: Cutting

  /// Cuts this rank's part of a batch.
  func cut(_ number: Int, _ pool: PixelPool) throws(Problem) -> Batch {
    let (epoch, whole) = places(of: number)
    let places = part(of: whole)
    let values = places.count * valuesPerPair
    var batch = Batch(
      number: number, patchSize: patches.size, lq: pool.buffer(values), gt: pool.buffer(values))
    for (place, index) in zip(places, try order.records(epoch: epoch, places: places)) {
      try add(index, to: &batch, epoch, place)
    }
    return batch
  }

  /// Values of a whole batch's buffer.
  var valuesPerBatch: Int { pairsPerBatch * valuesPerPair }
  private var valuesPerPair: Int { patches.size * patches.size * 3 }

  private func add(_ index: Int, to batch: inout Batch, _ epoch: Int, _ place: Int)
    throws(Problem)
  {
    do throws(Problem) { try read(index, into: &batch, epoch, place) } catch {
      guard sampling.badRecords == .skip else { throw error }
      batch.skipped.append(error)
      try addSubstitute(to: &batch, epoch, place)
    }
  }

  /// Takes, for a damaged record, one from further on in the epoch: a function of the place and the data, so
  /// all threads, ranks and restarts agree on it.
  private func addSubstitute(to batch: inout Batch, _ epoch: Int, _ place: Int) throws(Problem) {
    let step = order.count / (BatchPlan.substitutes + 1) + 1
    for attempt in 1...BatchPlan.substitutes {
      let other = (place + attempt * step) % order.count
      let index = try order.records(epoch: epoch, places: other..<other + 1)[0]
      do throws(Problem) { return try read(index, into: &batch, epoch, place) } catch {
        batch.skipped.append(error)
      }
    }
    throw Problem(
      "epoch \(epoch), place \(place)",
      "\(BatchPlan.substitutes + 1) records in a row are damaged, the last: "
        + (batch.skipped.last?.description ?? ""),
      fix: "restore the data set")
  }

  private func read(_ index: Int, into batch: inout Batch, _ epoch: Int, _ place: Int)
    throws(Problem)
  {
    let side = patches.size
    let start = batch.count * valuesPerPair
    let (lq, gt) = (batch.lq.pointer + start, batch.gt.pointer + start)
    var (small, fault): ((Int, Int)?, Problem?)
    try source.readPair(index) { pair in
      fault = pair.fault
      guard pair.width >= side, pair.height >= side else {
        return small = (pair.width, pair.height)
      }
      let cut = Augmentation(
        seed: seed, epoch: epoch, position: place, size: (pair.width, pair.height), cut: patches
      ).cut(side)
      cut.write(pair.lq, width: pair.width, to: lq)
      cut.write(pair.gt, width: pair.width, to: gt)
    }
    // After the pictures: their check makes the label quick to read.
    let (key, label) = try source.pairClass(index)
    if let small {
      throw Problem(
        "record \(key)", "is \(small.0)x\(small.1), smaller than gt_size \(side)",
        fix: "lower gt_size or synthesise with a larger --size")
    }
    batch.labels.append(label)
    batch.keys.append(key)
    if let fault { batch.repaired.append(fault) }
  }
}

extension TrainingRecipe.Sampling {
  /// What decides the order of records.
  fileprivate var json: JSON {
    let weights: JSON =
      switch classWeights {
      case .asStored: .null
      case .balanced: "balanced"
      case .given(let given):
        .object(given.keys.sorted().map { JSON.Member($0, .number(given[$0] ?? 0)) })
      }
    var json: JSON = [
      "shuffle_shards": .integer(pool), "class_weights": weights,
      // A run that makes records again sees what one sees that stops at damage, and may go on with its state.
      "bad_records": .string((badRecords == .skip ? badRecords : .stop).rawValue),
    ]
    // States from before there was a choice have no such member.
    if !dropsLast { json["drop_last"] = false }
    return json
  }
}
