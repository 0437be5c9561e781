import Basics

/// What a record says about itself.
public struct RecordLabel: Sendable {
  /// One degradation that was applied.
  public struct Step: Sendable, Equatable {
    /// The degradation's name.
    public let op: String
    /// 0...1.
    public let severity: Double

    /// Creates a step.
    public init(op: String, severity: Double) { (self.op, self.severity) = (op, severity) }
  }

  /// The record's name in its shard: nine digits.
  public let key: String
  /// The record's number in the set.
  public let index: Int
  /// The class of the degradation.
  public let className: String
  /// The class's place in the manifest's list.
  public let classNumber: Int
  /// 18 places, 1 for each kind of degradation in the record.
  public let multi: [Int]
  /// The degradations in the order in which they were applied.
  public let chain: [Step]
  /// The clean source's name.
  public let sourceID: String
  /// PSNR of lq against gt, dB; infinite when they are equal.
  public let psnr: Double
  /// SSIM of lq against gt.
  public let ssim: Double
  /// The whole label, as the shard holds it.
  public let json: JSON

  /// The names of the planes that are stored beside the pictures, such as "haze-transmission".
  public var planes: [String] {
    (json["crc32c"]?.object ?? []).map(\.key).filter { !PictureForm.hasField($0) }
      .map { String($0.prefix { $0 != "." }) }
  }

  static let format = "dcpt-record/1"

  /// Reads the text of a record's `json` member.
  ///
  /// - Throws: `Problem` at `place` naming the key that is missing or of another kind.
  public init(parsing text: some Collection<UInt8>, place: String) throws(Problem) {
    let json = try JSON(parsing: text, place: place)
    try requireFormat(json, RecordLabel.format, place)
    func need<T>(_ key: String, _ value: T?) throws(Problem) -> T {
      guard let value else { throw Problem(place, "the label's '\(key)' is missing or misshapen") }
      return value
    }
    key = try need("key", json["key"]?.string)
    index = try need("index", json["index"]?.integer)
    className = try need("class", json["class"]?.string)
    classNumber = try need("label", json["label"]?.integer)
    multi = try need("multi", json["multi"]?.array?.compactMap(\.integer))
    sourceID = try need("source.id", json["source"]?["id"]?.string)
    let steps = try need("chain", json["chain"]?.array)
    chain = try need("chain", RecordLabel.steps(steps))
    let measured = try need("measured", json["measured"])
    // JSON knows no infinity: the PSNR of equal pictures is written as null.
    psnr = measured["psnr"]?.double ?? .infinity
    ssim = try need("measured.ssim", measured["ssim"]?.double)
    self.json = json
  }

  private static func steps(_ values: [JSON]) -> [Step]? {
    let steps = values.compactMap { value -> Step? in
      guard let op = value["op"]?.string, let severity = value["severity"]?.double else {
        return nil
      }
      return Step(op: op, severity: severity)
    }
    return steps.count == values.count ? steps : nil
  }
}

/// Refuses a document of another format, or of a later form of it.
func requireFormat(_ json: JSON, _ expected: String, _ place: String) throws(Problem) {
  let name = expected.prefix { $0 != "/" }
  guard let format = json["format"]?.string, format.hasPrefix(name + "/") else {
    throw Problem(place, "is not a \(name) document", fix: "give a file that dcpt-data wrote")
  }
  let major = format.dropFirst(name.count + 1).prefix { $0 != "." }
  guard name + "/" + major == expected else {
    throw Problem(
      place, "has format '\(format)', this program reads '\(expected)'",
      fix: "use the version of dcpt that wrote it")
  }
}
