import Basics
import Networks
import Tensors

/// The two networks of a run with their optimisers and, in fine-tuning, their running averages:
/// everything that iterations change.
public final class Models {
  /// The restoration network.
  public let network: any RestorationNetwork
  /// The degradation classifier that reads its features.
  public let classifier: DegradationClassifier
  /// The names of the classes.
  public let classes: [String]
  let networkOptimizer: AdamW
  let classifierOptimizer: AdamW
  let networkAverage: EMA?
  let classifierAverage: EMA?
  private let classifierEvery: Int

  /// Builds both networks of a recipe, from its starting weights where it names some.
  ///
  /// - Parameter readsWeights: Whether the starting weights are read; a dry run has no use for them.
  /// - Throws: `Problem` when the starting weights are those of another network, or there is only
  ///   one class.
  public init(_ recipe: TrainingRecipe, classes: [String], readsWeights: Bool = true)
    throws(Problem)
  {
    guard classes.count > 1 else {
      throw Problem(
        "the training set", "has \(classes.count) class; a classifier needs two at least",
        fix: "synthesise a set with more degradations")
    }
    network = recipe.network.network(seed: recipe.seed)
    network.store.recomputes = recipe.recomputes
    let sizes = DegradationClassifier.Configuration(
      featureChannels: network.featureChannels, classes: classes.count,
      blocks: recipe.classifier.blocks, expansion: recipe.classifier.expansion,
      shrinksFeatures: network.featuresShareSize)
    classifier = DegradationClassifier(sizes, seed: recipe.seed &+ 1)
    self.classes = classes
    classifierEvery = recipe.classifierEvery
    if readsWeights, let path = recipe.startingWeights {
      try network.store.load(try Weights.tensors(of: path), place: path)
    }
    if readsWeights, let path = recipe.startingClassifier {
      try classifier.store.load(try Safetensors(reading: path), place: path)
    }
    let settings = AdamW.Configuration(
      beta1: Float(recipe.optimizer.betas.0), beta2: Float(recipe.optimizer.betas.1),
      weightDecay: Float(recipe.optimizer.weightDecay))
    networkOptimizer = AdamW(network.store, settings)
    classifierOptimizer = AdamW(classifier.store, settings)
    let decay = Float(recipe.averageDecay)
    networkAverage = decay > 0 ? EMA(network.store, decay: decay) : nil
    classifierAverage = decay > 0 ? EMA(classifier.store, decay: decay) : nil
  }

  /// Takes one step with the gradients of the network, and of the classifier where it took part, then
  /// brings the averages up to date.
  func step(rate: Double, largestNorm: Double?, withClassifier: Bool) {
    if let largestNorm { network.store.clipGradients(maxNorm: Float(largestNorm)) }
    networkOptimizer.step(rate: rate)
    networkAverage?.update()
    guard withClassifier else { return }
    classifierOptimizer.step(rate: rate)
    classifierAverage?.update()
  }

  /// Writes `weights.safetensors` and `classifier.safetensors`: the averages where there are some.
  func write(to folder: String, trainSize: Int) throws(Problem) {
    try Weights.write(
      network, from: networkAverage?.values, trainSize: trainSize,
      to: folder + "/weights.safetensors")
    try Weights.write(
      classifier, from: classifierAverage?.values, classes: classes,
      to: folder + "/classifier.safetensors")
  }

  /// Runs `body` with the averages in the place of the parameters, and puts these back.
  func withAverages<R>(_ body: () throws(Problem) -> R) throws(Problem) -> R {
    exchange()
    defer { exchange() }
    return try body()
  }

  private func exchange() {
    for (average, store) in [
      (networkAverage, network.store), (classifierAverage, classifier.store),
    ] {
      average?.values.withFloats { a in
        store.values.withFloats { b in
          for i in a.indices { (a[i], b[i]) = (b[i], a[i]) }
        }
      }
    }
  }

  // MARK: Checkpoints

  /// Every vector that a checkpoint holds, under its prefix.
  private var vectors: [(prefix: String, store: ParameterStore, vector: FlatVector)] {
    var all = [
      ("network/values/", network.store, network.store.values),
      ("network/first_moment/", network.store, networkOptimizer.firstMoment),
      ("network/second_moment/", network.store, networkOptimizer.secondMoment),
      ("classifier/values/", classifier.store, classifier.store.values),
      ("classifier/first_moment/", classifier.store, classifierOptimizer.firstMoment),
      ("classifier/second_moment/", classifier.store, classifierOptimizer.secondMoment),
    ]
    if let networkAverage { all.append(("network/average/", network.store, networkAverage.values)) }
    if let classifierAverage {
      all.append(("classifier/average/", classifier.store, classifierAverage.values))
    }
    return all
  }

  /// All tensors of a checkpoint.
  func export() -> [(name: String, entry: SafetensorsEntry)] {
    vectors.flatMap { prefix, store, vector in
      store.export(vector).map { (prefix + $0.name, $0.entry) }
    }
  }

  /// Takes over all tensors of a checkpoint, written after `steps` iterations.
  func load(_ file: Safetensors, steps: Int, place: String) throws(Problem) {
    for (prefix, store, vector) in vectors {
      try store.load(file, into: vector, prefix: prefix, place: place)
    }
    networkOptimizer.stepCount = steps
    // It learns in the first of every `classifierEvery` iterations.
    classifierOptimizer.stepCount = (steps + classifierEvery - 1) / classifierEvery
  }
}
