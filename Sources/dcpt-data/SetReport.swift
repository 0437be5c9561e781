import Records

/// What commands print about a set that they have finished.
struct SetReport {
  private let manifest: Manifest
  private let folder: String

  init(_ manifest: Manifest, in folder: String) {
    (self.manifest, self.folder) = (manifest, folder)
  }

  func print() {
    for one in manifest.setAside { Swift.print("set aside: \(one.file) \(one.reason)") }
    let bytes = manifest.shards.reduce(0) { $0 + $1.bytes }
    let size = "\(manifest.records) records in \(manifest.shards.count) shards,"
    Swift.print("\(folder)/\(Manifest.fileName): \(size)")
    Swift.print(
      "  \(bytes / 1_000_000) MB, split \(manifest.split), dataset_id \(manifest.datasetID)")
  }
}
