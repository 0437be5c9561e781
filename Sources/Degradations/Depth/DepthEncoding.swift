import Basics
import Images

/// What the values of a depth map mean, as its maker declares it.
///
/// A value is raw * scale + offset. Nothing is guessed from the values: what does not fit the
/// declaration is refused.
public struct DepthEncoding: Sendable, Equatable {
  /// What a value measures.
  public enum Kind: String, Sendable, CaseIterable {
    /// Metres from the camera; `far` of them are depth 1.
    case metres
    /// 0 near to 1 far.
    case distance
    /// 1 over the distance, in 1/m or in any unit: larger is nearer, 0 is infinitely far.
    case disparity
    /// 1 near to 0 far.
    case nearness

    /// Whether values are 0...1, with no distances to clip.
    var isNormalised: Bool { self == .distance || self == .nearness }
  }

  /// What takes the place of unknown values.
  public enum Fill: String, Sendable, CaseIterable {
    /// The nearest known value.
    case nearest
    /// Depth 1: where the unknown is the sky, or beyond the sensor's reach.
    case far
  }

  /// What a value measures.
  public var kind: Kind
  /// The factor of raw values; nil is 1, but for codes of a normalised kind 1 over the largest code.
  public var scale: Double?
  /// What is added to scaled values.
  public var offset = 0.0
  /// The raw value that means unknown; values that are not finite always do.
  public var invalid: Double?
  /// The distance of depth 0, in metres or the unit of 1/disparity; nil is 0, so that depth is
  /// proportional to distance, as extinction wants it.
  public var near: Double?
  /// The distance of depth 1.
  ///
  /// Metres need it; nil is the map's own for disparities, see `MetricRange`.
  public var far: Double?
  /// What takes the place of unknown values.
  public var fill = Fill.nearest
  /// Whether the steps of 8-bit codes are smoothed away.
  public var smooth = true

  /// Creates an encoding of raw values that need no scale.
  public init(_ kind: Kind) { self.kind = kind }

  /// What is wrong with a declaration, by the name of its field.
  public struct Fault: Sendable, Equatable {
    /// The field's name in recipes and labels.
    public let key: String
    /// What is wrong, without the field's name.
    public let what: String
    /// What to do.
    public let fix: String
  }

  /// The first contradiction in the declaration.
  public var fault: Fault? {
    if scale == 0 { return Fault(key: "scale", what: "is 0, which leaves nothing", fix: "") }
    if kind.isNormalised {
      guard near == nil && far == nil else {
        return Fault(
          key: near == nil ? "far" : "near", what: "is given, but \(kind.rawValue) has no metres",
          fix: "leave it out, or declare the kind metres or disparity")
      }
      return nil
    }
    if kind == .metres && far == nil {
      return Fault(
        key: "far", what: "is missing: the distance in metres that becomes depth 1",
        fix: "give one for all pictures, such as 80, so that haze is comparable between them")
    }
    if let far, far <= near ?? 0 {
      return Fault(key: "far", what: "is \(far), not beyond near, \(near ?? 0)", fix: "")
    }
    return nil
  }

  /// The factor for the raw values of a map.
  func factor(bits: Int) -> Double {
    if let scale { return scale }
    return kind.isNormalised && bits < 32 ? 1 / Double((1 << bits) - 1) : 1
  }
}

extension DepthEncoding {
  /// The declaration as recipes and labels have it; `bits` fills in the factor for such a map.
  public func json(bits: Int? = nil) -> JSON {
    var json: JSON = ["kind": .string(kind.rawValue)]
    if let scale = bits.map(factor) ?? scale { json["scale"] = .number(scale) }
    json["offset"] = .number(offset)
    for (key, value) in [("invalid", invalid), ("near", near), ("far", far)] {
      if let value { json[key] = .number(value) }
    }
    json["fill"] = .string(fill.rawValue)
    json["smooth"] = .bool(smooth)
    return json
  }

  /// Takes a declaration from a label; nil when it is none.
  public init?(_ json: JSON) {
    guard let kind = json["kind"]?.string.flatMap(Kind.init),
      let fill = json["fill"]?.string.flatMap(Fill.init)
    else { return nil }
    self.init(kind)
    (scale, invalid) = (json["scale"]?.double, json["invalid"]?.double)
    (near, far) = (json["near"]?.double, json["far"]?.double)
    (offset, self.fill) = (json["offset"]?.double ?? 0, fill)
    smooth = json["smooth"]?.bool ?? true
  }
}
