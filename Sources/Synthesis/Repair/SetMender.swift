import Basics
import Glibc
import Records

/// Makes any record of a finished set again, for readers that find it damaged.
public struct SetMender: RecordMender {
  private let planner: RecordPlanner
  private let place: String
  private let textSize: Int

  /// Reads the recipe and the list of pictures in a manifest, and looks whether the pictures are there.
  ///
  /// - Parameters:
  ///   - folders: The folders of the clean pictures, in the order of `synth`; empty for those that the recipe
  ///     names, below the current folder.
  ///   - depthFolders: The folders of the depth maps, likewise.
  /// - Throws: `Problem` when the set is not one that `synth` made in this form, or a picture or map is missing.
  ///   That one is not what it was is found when a record needs it.
  public init(manifest path: String, folders: [String] = [], depthFolders: [String] = [])
    throws(Problem)
  {
    let manifest = try Manifest(reading: path)
    (place, textSize) = (path, manifest.recordTextSize)
    planner = try RecordPlanner(
      manifest, place: path, folders: folders, depthFolders: depthFolders)
    guard manifest.fields[Record.lqField] != nil, manifest.records <= planner.count else {
      throw Problem(
        path, "is not as 'dcpt-data synth' made it, so single records cannot be made again",
        fix: "train on the set as it was made, or with 'bad_records: skip'")
    }
    if case .photos(let library) = planner.source { try library.requireFiles() }
  }

  /// Makes a record, from other pictures than the set's at the latest found by their digest.
  public func record(_ index: Int) throws(Problem) -> Record {
    var maker = RecordMaker(planner, textSize: textSize)
    guard let record = try maker.record(index) else {
      throw Problem(
        place, "the label of record \(index), made again, needs more than \(textSize) bytes",
        fix: "the set was made by another version of dcpt-data")
    }
    return record
  }
}

extension PhotoLibrary {
  /// Looks whether every picture and every depth map is where it is expected.
  fileprivate func requireFiles() throws(Problem) {
    let files = photos.map(\.path) + photos.compactMap(\.depth?.path)
    let missing = files.filter { access($0, R_OK) != 0 }
    guard let first = missing.first else { return }
    throw Problem(
      first,
      "cannot be read; the set was made from it and \(files.count - 1) more files, of which "
        + "\(missing.count - 1) are missing too",
      fix: "say where they are now with --clean and --depth (datasets.train.clean and .depth)")
  }
}
