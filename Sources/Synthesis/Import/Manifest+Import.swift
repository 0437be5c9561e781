import Basics
import Records

extension Manifest {
  /// Checks that the set was made by recipe, so that its records can be made again.
  ///
  /// - Parameter path: The manifest's path, for the message.
  /// - Throws: `Problem` when it holds real pairs.
  func requireSynthesised(_ path: String) throws(Problem) {
    guard recipe["import"] == nil else {
      throw Problem(
        path, "holds real pairs, which nothing but their import can make again",
        fix: "run the same 'dcpt-data import' again: it makes missing and damaged shards anew")
    }
  }
}
