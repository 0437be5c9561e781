import ArgumentParser
import Basics
import Training

/// The value of `--batch-size`: a number, or `auto`.
struct BatchSize: ExpressibleByArgument {
  /// The value as recipes have it.
  let json: JSON

  init?(argument: String) {
    if argument == TrainingRecipe.Patches.automatic {
      json = .string(argument)
    } else if let number = Int(argument) {
      json = .integer(number)
    } else {
      return nil
    }
  }
}

extension ByteCount: ExpressibleByArgument {
  /// Reads the value of `--memory`.
  public init?(argument: String) { self.init(parsing: argument) }
}
