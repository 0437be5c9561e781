import Basics

extension Evaluation {
  /// The report for programs: every number of the tables, and counts behind them.
  public var json: JSON {
    [
      "format": "dcpt-report/1", "dataset_id": .string(datasetID), "records": .integer(records),
      "classes": .array(classes.map { .string($0) }),
      "weights": .object(contenders.map { JSON.Member($0.name, .string($0.weights)) }),
      "quality": qualityJSON, "classification": classificationJSON,
    ]
  }

  private var qualityJSON: JSON {
    var byClass: [JSON.Member] = classes.indices.map { kind in
      JSON.Member(
        classes[kind],
        namesJSON { name in
          var value = Evaluation.json(scores(ofClass: kind, name))
          value["levels"] = .object(
            (0..<5).compactMap { level in
              let scores = scores[kind][level][name]
              return scores.count == 0
                ? nil : JSON.Member(String(level + 1), Evaluation.json(scores))
            })
          return value
        })
    }
    byClass.append(
      JSON.Member(
        "mean of classes",
        namesJSON { name in
          let (psnr, ssim) = mean(name)
          return ["psnr": .number(psnr), "ssim": .number(ssim)]
        }))
    return .object(byClass)
  }

  private var classificationJSON: JSON {
    .object(
      confusions.indices.compactMap { contender in
        guard let all = confusion(contender) else { return nil }
        let levels = (0..<5).compactMap { level -> JSON.Member? in
          guard let some = confusion(contender, levels: level..<level + 1), some.total > 0 else {
            return nil
          }
          return JSON.Member(
            String(level + 1),
            ["accuracy": .number(some.accuracy), "records": .integer(some.total)])
        }
        let rows = all.counts.map { JSON.array($0.map { .integer($0) }) }
        return JSON.Member(
          contenders[contender].name,
          [
            "accuracy": .number(all.accuracy), "levels": .object(levels),
            "confusion": .array(rows),
          ])
      })
  }

  private func namesJSON(_ value: (Int) -> JSON) -> JSON {
    .object(names.indices.map { JSON.Member(names[$0], value($0)) })
  }

  private static func json(_ scores: Scores) -> JSON {
    [
      "records": .integer(scores.count), "psnr": .number(scores.psnr), "ssim": .number(scores.ssim),
    ]
  }
}
