import Basics

extension DataSetCheck {
  /// What was found, for programs.
  public var json: JSON {
    [
      "dataset_id": .string(datasetID), "shards": .integer(shards), "records": .integer(records),
      "bytes": .integer(bytes), "findings": .array(findings.map(\.json)),
    ]
  }
}

extension ShardCheck.Finding {
  /// The file, the record or null, and what is wrong.
  public var json: JSON {
    [
      "file": .string(file), "record": record.map { .string($0) } ?? .null, "what": .string(what),
    ]
  }
}
