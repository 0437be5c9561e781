import Basics
import Records
import Synthesis

/// What `verify` found, for people and for programs.
struct VerifyReport {
  let manifest: String
  /// `quick`, `default` or `deep`.
  let level: String
  var check: DataSetCheck?
  /// The records that were made again; nil when none were to be.
  var remade: SampleCheck?

  /// Everything that is not as it should be.
  var findings: [ShardCheck.Finding] { (check?.findings ?? []) + (remade?.findings ?? []) }

  /// A line for each finding; for an intact set, one that says so.
  var text: String {
    guard findings.isEmpty else { return findings.map { "\($0)\n" }.joined() }
    let verdict = level == "quick" ? "sizes, headers and counts are right" : "intact"
    return "\(manifest): \(verdict): \(size)\n"
  }

  /// What is thrown for a set that is not intact.
  var problem: Problem {
    Problem(
      manifest, "\(findings.count) findings in \(size)",
      fix:
        "run 'dcpt-data repair \(manifest)' with the set's clean pictures, or restore the files; "
        + "an imported set: the same import again")
  }

  /// The report for programs.
  var json: JSON {
    var json = head(isIntact: findings.isEmpty)
    for member in check?.json.object ?? [] where member.key != "findings" {
      json[member.key] = member.value
    }
    if let remade { json["made_again"] = .integer(remade.count) }
    json["findings"] = .array(findings.map(\.json))
    return json
  }

  /// The report of a set whose manifest cannot be read.
  func unreadable(_ problem: Problem) -> JSON {
    var json = head(isIntact: false)
    json["findings"] = .array([
      ["file": .string(problem.place), "record": nil, "what": .string(problem.what)]
    ])
    return json
  }

  private func head(isIntact: Bool) -> JSON {
    [
      "format": "dcpt-verify/1", "manifest": .string(manifest), "level": .string(level),
      "intact": .bool(isIntact),
    ]
  }

  private var size: String {
    guard let check else { return "" }
    let remade = remade.map { ", \($0.count) records made again" } ?? ""
    let megabytes = check.bytes / 1_000_000
    return "\(check.shards) shards, \(check.records) records, \(megabytes) MB" + remade
  }
}
