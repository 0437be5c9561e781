import Basics
import Images

/// A map turned into depth, with what had to be decided on the way.
public struct DecodedDepth: Sendable {
  /// One channel, 0 near to 1 far.
  public let depth: Image
  /// The distances of depth 0 and 1; nil for normalised kinds.
  public let range: MetricRange?
  /// The share of the map that was unknown and is filled in.
  public let filled: Double
  /// Whether steps of 8-bit codes were smoothed.
  public let isSmoothed: Bool
}

extension DepthEncoding {
  /// The largest share of a map that may be unknown.
  public static let mostUnknown = 0.9
  /// How far beyond 0 and 1 rounding may put a normalised value.
  private static let slack = 5e-4

  /// Turns the raw values of a map into depth.
  ///
  /// - Parameter place: The map's name in problems.
  /// - Throws: `Problem` for a map with hardly anything known, and for values that contradict the
  ///   declared kind.
  public func decode(_ map: StoredMap, place: String) throws(Problem) -> DecodedDepth {
    var image = map.values
    let count = image.pixels.count
    let known = dropUnknown(&image.pixels)
    let unknown = Double(count - known) / Double(max(count, 1))
    guard known > 0, unknown <= DepthEncoding.mostUnknown else {
      let share = known == 0 ? "all of it" : "\(fixed(100 * unknown, 1)) %"
      let code = invalid.map { "\($0) is declared invalid" } ?? "values that are not finite"
      throw Problem(
        place, "is unknown over \(share), more than \(Int(100 * DepthEncoding.mostUnknown)) %",
        fix: "leave it out, or see to its invalid code (\(code))")
    }
    let isSmoothed = map.bits == 8 && smooth
    if isSmoothed { BandSmoothing.smooth(&image) }
    scaleValues(&image.pixels, factor(bits: map.bits))
    try checkRange(image.pixels, place)
    let range = kind.isNormalised ? nil : MetricRange(self, values: image.pixels)
    for i in 0..<count { image.pixels[i] = depth(image.pixels[i], range) }
    if unknown > 0 { fillUnknown(&image) }
    return DecodedDepth(depth: image, range: range, filled: unknown, isSmoothed: isSmoothed)
  }

  /// Makes unknown values NaN; returns how many are known.
  private func dropUnknown(_ values: inout [Float]) -> Int {
    let code = invalid.map { Float($0) }
    var known = 0
    for i in values.indices {
      if values[i].isFinite && values[i] != code { known += 1 } else { values[i] = .nan }
    }
    return known
  }

  private func scaleValues(_ values: inout [Float], _ factor: Double) {
    if factor == 1 && offset == 0 { return }
    for i in values.indices { values[i] = Float(Double(values[i]) * factor + offset) }
  }

  /// Values of another kind, or unknown ones that nobody declared, show by their range.
  private func checkRange(_ values: [Float], _ place: String) throws(Problem) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values { (low, high) = (value < low ? value : low, value > high ? value : high) }
    let slack = Float(DepthEncoding.slack)
    switch kind {
    case .distance, .nearness:
      guard low < -slack || high > 1 + slack else { return }
      throw Problem(
        place, "has a \(kind.rawValue) of \(low < -slack ? low : high), not of 0 to 1",
        fix: "declare its scale, its invalid code, or another kind")
    case .metres where low <= 0:
      throw Problem(
        place, "has a distance of \(low) m", fix: "declare that code invalid if it means unknown")
    case .disparity where low < 0:
      throw Problem(
        place, "has a disparity of \(low)", fix: "declare that code invalid, or an offset")
    case .disparity where high == 0:
      throw Problem(place, "has the disparity 0 everywhere", fix: "leave it out")
    case .metres, .disparity: return
    }
  }

  /// The depth of a value; NaN stays.
  private func depth(_ value: Float, _ range: MetricRange?) -> Float {
    guard value == value else { return value }
    let depth =
      switch kind {
      case .distance: Double(value)
      case .nearness: 1 - Double(value)
      case .metres: range?.depth(Double(value)) ?? 1
      case .disparity: range?.depth(1 / Double(value)) ?? 1
      }
    return Float(min(max(depth, 0), 1))
  }

  private func fillUnknown(_ image: inout Image) {
    switch fill {
    case .nearest: NearestFill.fill(&image)
    case .far:
      for i in image.pixels.indices where image.pixels[i].isNaN { image.pixels[i] = 1 }
    }
  }
}

/// The distances that become depth 0 and 1, in metres or the unit of 1/disparity.
public struct MetricRange: Sendable, Equatable {
  /// The distance of depth 0.
  public let near: Double
  /// The distance of depth 1.
  public let far: Double

  /// As many values at most are looked at for the map's own range.
  private static let samples = 1 << 16
  /// The farthest depth in multiples of the nearest: a sky of almost no disparity must not push
  /// everything else to 0.
  private static let reach = 20.0

  /// Takes the declared range, or the map's own where there is none: from 0 to the 99th percentile
  /// of its distances, but no more than 20 times the first.
  init(_ encoding: DepthEncoding, values: [Float]) {
    near = encoding.near ?? 0
    if let far = encoding.far {
      self.far = far
      return
    }
    let step = values.count / MetricRange.samples + 1
    let known = stride(from: 0, to: values.count, by: step).map { values[$0] }.filter { $0 > 0 }
    let nearest = known.sorted(by: >)
    guard let first = nearest.first else {
      far = near + 1
      return
    }
    let (low, high) = (nearest[nearest.count / 100], nearest[nearest.count * 99 / 100])
    let limit = MetricRange.reach / Double(low)
    far = max(min(1 / Double(high), limit), near + 1 / Double(first))
  }

  func depth(_ distance: Double) -> Double { (distance - near) / (far - near) }
}
