import Basics

extension Evaluation {
  /// The report for people: quality by degradation, by level, and what the classifiers named.
  public var markdown: String {
    let title = "# Evaluation on \(records) held-out records\n\n"
    let data =
      "Data set `\(datasetID.prefix(16))`. PSNR (dB, RGB) and SSIM as BasicSR computes them on 8-bit "
      + "codes; means over records, and the mean of the class means.\n\n"
    let files = contenders.map { "- **\($0.name)**: `\($0.weights)`\n" }.joined()
    return title + data + files + "\n## Quality by degradation (PSNR / SSIM)\n\n" + qualityTable
      + "\n## PSNR by severity\n\n" + severityTable + classification
  }

  private var qualityTable: String {
    let rows = classes.indices.map { kind in
      [classes[kind]] + names.indices.map { Evaluation.cell(scores(ofClass: kind, $0)) }
    }
    let means = names.indices.map { name in
      let (psnr, ssim) = mean(name)
      return "**\(fixed(psnr, 2))** / \(fixed(ssim, 4))"
    }
    return Evaluation.table(["degradation"] + names, rows + [["**mean**"] + means])
  }

  private var severityTable: String {
    var rows: [[String]] = []
    for kind in classes.indices {
      for level in 0..<5 where scores[kind][level][0].count > 0 {
        let cells = names.indices.map { fixed(scores[kind][level][$0].psnr, 2) }
        rows.append(
          [classes[kind], severityText(level), String(scores[kind][level][0].count)] + cells)
      }
    }
    return Evaluation.table(["degradation", "severity", "records"] + names, rows)
  }

  private var classification: String {
    guard confusions.contains(where: { $0 != nil }) else {
      return "\nNo contender has a classifier beside its weights, so none names degradations.\n"
    }
    let levels = (0..<5).filter { severities[$0] != nil }
    let rows = confusions.indices.compactMap { contender -> [String]? in
      guard let all = confusion(contender) else { return nil }
      let cells = levels.map {
        Evaluation.percent(confusion(contender, levels: $0..<$0 + 1)?.accuracy ?? .nan)
      }
      return [contenders[contender].name, Evaluation.percent(all.accuracy)] + cells
    }
    let accuracy = Evaluation.table(["weights", "all"] + levels.map(severityText), rows)
    let matrices = confusions.indices.compactMap { contender in
      confusion(contender).map { matrix($0, contenders[contender].name) }
    }
    return "\n## Accuracy of the named degradation, by severity\n\n" + accuracy
      + matrices.joined()
  }

  private func matrix(_ confusion: Confusion, _ name: String) -> String {
    let rows = classes.indices.map { [classes[$0]] + confusion.counts[$0].map(String.init) }
    return "\n### Named by \(name) (rows: truth, columns: named)\n\n"
      + Evaluation.table([""] + classes, rows)
  }

  private func severityText(_ level: Int) -> String {
    guard let range = severities[level] else { return "" }
    guard range.lowerBound < range.upperBound else { return fixed(range.lowerBound, 1) }
    return "\(fixed(Double(level) / 5, 1))-\(fixed(Double(level + 1) / 5, 1))"
  }

  private static func cell(_ scores: Scores) -> String {
    scores.count == 0 ? "" : "\(fixed(scores.psnr, 2)) / \(fixed(scores.ssim, 4))"
  }

  static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}
