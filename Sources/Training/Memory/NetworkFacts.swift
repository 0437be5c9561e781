import Basics
import Networks
import Tensors

/// What a network costs before anything is allocated: parameters, multiply-adds, and the memory of restoring and
/// of training.
public struct NetworkFacts: Sendable {
  /// One picture through the network, without a way back.
  public struct Forward: Sendable, Equatable {
    /// Multiply-adds by kind, and blocks and scratch.
    public let count: DryRun.Count
    /// Bytes of the parameters.
    public let parameterBytes: Int

    /// Bytes of all memory.
    public var bytes: Int { parameterBytes + count.blockBytes + count.scratchBytes }
  }

  /// The recipe, its batch a number.
  public let recipe: TrainingRecipe
  /// Classes of the classifier.
  public let classes: Int
  /// Parameters of the network and of the classifier that fits it.
  public let parameters: (network: Int, classifier: Int)
  /// The sides of the picture that is restored, padded as the network wants it.
  public let picture: (width: Int, height: Int)
  /// The network alone.
  public let network: Forward
  /// Network and classifier.
  public let classified: Forward
  /// An iteration of training.
  public let training: IterationNeed
  /// What training may take, bytes; nil where the recipe gives the batch.
  public let bound: Int?

  /// Counts.
  ///
  /// - Parameters:
  ///   - recipe: The network, and how it is trained. `batch_size: auto` is answered.
  ///   - classes: That the classifier tells apart, two at least.
  ///   - picture: Sides of the picture that is restored, pixels, whole and not in tiles; nil for the recipe's patch.
  ///   - memory: The bound of `batch_size: auto`, bytes; nil for nine tenths of what is free.
  ///   - threads: That compute; nil for all CPUs.
  /// - Throws: `Problem` when no batch fits the bound.
  public init(
    _ recipe: TrainingRecipe, classes: Int = 5, picture: (width: Int, height: Int)? = nil,
    memory: Int? = nil, threads: Int? = nil
  ) throws(Problem) {
    let (data, threads) = (DataFacts(classes: classes), threads ?? Threads.available)
    if recipe.patches.fitsBatchToMemory {
      let fit = try BatchFit(recipe, in: memory, data, threads: threads)
      (training, bound) = (fit.need, fit.bound)
      self.recipe = try recipe.with(batch: fit.batch)
    } else {
      (training, bound) = (try recipe.need(data, threads: threads), nil)
      self.recipe = recipe
    }
    self.classes = classes
    let names = (0..<classes).map { "\($0)" }
    let models = try DryRun.measure { () throws(Problem) in
      try Models(recipe, classes: names, readsWeights: false)
    }.result
    parameters = (models.network.store.elementCount, models.classifier.store.elementCount)
    let sides = picture ?? (width: recipe.patches.size, height: recipe.patches.size)
    network = Forward.measured(models.network, nil, sides, threads).forward
    (classified, self.picture) = Forward.measured(models.network, models.classifier, sides, threads)
  }
}

extension NetworkFacts.Forward {
  /// Runs a picture of that size dry.
  ///
  /// - Returns: What it takes, and the sides that go through the network.
  fileprivate static func measured(
    _ network: any RestorationNetwork, _ classifier: DegradationClassifier?,
    _ picture: (width: Int, height: Int), _ threads: Int
  ) -> (forward: Self, sides: (width: Int, height: Int)) {
    let restorer = Restorer(
      network, classifier, classes: [], tile: max(picture.width, picture.height))
    let (sides, count) = DryRun.measure(threads: threads) {
      restorer.runUnfilled(width: picture.width, height: picture.height)
    }
    let floats = network.store.values.count + (classifier?.store.values.count ?? 0)
    return (Self(count: count, parameterBytes: floats * MemoryLayout<Float>.stride), sides)
  }
}
