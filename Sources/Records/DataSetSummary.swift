import Basics

/// What a data set holds, by class, and where it comes from.
public struct DataSetSummary: Sendable {
  /// Mean, lowest and highest of some numbers.
  public struct Spread: Sendable, Equatable {
    /// The mean; not a number without values.
    public let mean: Double
    /// The lowest.
    public let low: Double
    /// The highest.
    public let high: Double

    init(_ values: [Double]) {
      mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
      low = values.min() ?? .nan
      high = values.max() ?? .nan
    }
  }

  /// One class's records.
  public struct ClassRow: Sendable {
    /// The class's name.
    public let name: String
    /// The number of its records.
    public let count: Int
    /// Of the first degradation.
    public let severity: Spread
    /// Of lq against gt, dB.
    public let psnr: Spread
    /// Of lq against gt.
    public let ssim: Spread
  }

  /// The classes that occur, in the order of their numbers.
  public let classes: [ClassRow]
  /// Height and width of the pictures, and how many have them.
  public let sizes: [(size: String, count: Int)]
  /// The planes beside the pictures, by name, and how many records have them.
  public let planes: [(name: String, count: Int)]
  private let manifest: Manifest

  /// Reads every label.
  ///
  /// - Throws: `Problem` naming the record that cannot be read.
  public init(_ reader: RecordReader) throws(Problem) {
    manifest = reader.manifest
    var labels: [String: [RecordLabel]] = [:]
    var sizes: [String: Int] = [:]
    var planes: [String: Int] = [:]
    for index in 0..<reader.count {
      let label = try reader.label(index)
      labels[label.className, default: []].append(label)
      let sides = ["width", "height"].map { label.json["gt"]?[$0]?.integer ?? 0 }
      sizes["\(sides[0])x\(sides[1])", default: 0] += 1
      for name in label.planes { planes[name, default: 0] += 1 }
    }
    classes = reader.manifest.classes.compactMap { name in
      guard let own = labels[name] else { return nil }
      return ClassRow(
        name: name, count: own.count, severity: Spread(own.compactMap { $0.chain.first?.severity }),
        psnr: Spread(own.map(\.psnr)), ssim: Spread(own.map(\.ssim)))
    }
    self.sizes = sizes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.planes = planes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension DataSetSummary {
  /// The summary as a table for people.
  public var text: String {
    var lines = [
      "\(manifest.name): \(manifest.records) records in \(manifest.shards.count) shards, "
        + "\(manifest.shards.reduce(0) { $0 + $1.bytes } / 1_000_000) MB, split \(manifest.split), "
        + "seed \(manifest.seed)",
      "pictures: " + sizes.map { "\($0.count) of \($0.size)" }.joined(separator: ", "),
    ]
    if let png = manifest.png { lines.append("form: PNG files, \(png)") }
    if !planes.isEmpty {
      lines.append(
        "planes: " + planes.map { "\($0.name) in \($0.count)" }.joined(separator: ", "))
    }
    lines += [
      "",
      row("class", "records", ["severity", "PSNR dB (lowest, highest)", "SSIM (lowest, highest)"]),
    ]
    lines += classes.map { one in
      row(one.name, String(one.count), [one.severity.text(2), one.psnr.text(2), one.ssim.text(3)])
    }
    lines += ["", "sources: " + sourceText]
    lines += manifest.setAside.map { "set aside: \($0.file) \($0.reason)" }
    lines.append("made by: " + manifest.tool.compact)
    lines.append("dataset_id: " + manifest.datasetID)
    lines.append("recipe: " + manifest.recipe.compact)
    return lines.joined(separator: "\n")
  }

  /// The summary for programs.
  public var json: JSON {
    var json: JSON = [
      "name": .string(manifest.name), "split": .string(manifest.split),
      "dataset_id": .string(manifest.datasetID), "records": .integer(manifest.records),
      "shards": .integer(manifest.shards.count),
      "sizes": .object(sizes.map { JSON.Member($0.size, .integer($0.count)) }),
      "classes": .object(classes.map { JSON.Member($0.name, $0.json) }),
      "sources": .integer(manifest.sources.count), "set_aside": .integer(manifest.setAside.count),
      "tool": manifest.tool, "recipe": manifest.recipe,
    ]
    if let png = manifest.png { json["png"] = png.json }
    if !planes.isEmpty {
      json["planes"] = .object(planes.map { JSON.Member($0.name, .integer($0.count)) })
    }
    return json
  }

  private var sourceText: String {
    guard !manifest.sources.isEmpty else { return "generated, see the recipe" }
    let pixels = manifest.sources.reduce(0) { $0 + $1.width * $1.height }
    return "\(manifest.sources.count) pictures, \(fixed(Double(pixels) / 1e6, 1)) megapixels, "
      + "\(manifest.setAside.count) set aside"
  }

  private func row(_ name: String, _ count: String, _ cells: [String]) -> String {
    let padded = cells.map { alignedLeft($0, 28) }.joined()
    return trimmedRight(alignedLeft(name, 24) + alignedRight(count, 7) + "  " + padded)
  }
}

extension DataSetSummary.Spread {
  func text(_ decimals: Int) -> String {
    "\(fixed(mean, decimals)) (\(fixed(low, decimals)), \(fixed(high, decimals)))"
  }

  var json: JSON { ["mean": .number(mean), "min": .number(low), "max": .number(high)] }
}

extension DataSetSummary.ClassRow {
  var json: JSON {
    [
      "records": .integer(count), "severity": severity.json, "psnr": psnr.json, "ssim": ssim.json,
    ]
  }
}
