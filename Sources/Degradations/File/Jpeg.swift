import Basics
import Images

/// Loss by the JPEG codec itself, once or twice, with the blocks at any place of the picture.
///
/// The picture is a piece cut from a larger compressed one: the first whole block of the grid begins
/// `grid` pixels before its corner. Of two passes each has its own grid, as when a file is cropped
/// and saved again; the last one has the lower quality. The slightest severity is quality 95.
///
/// One pass of a 256x256 photograph at quality 30 takes 0.23 ms, of which the codec has 0.19.
///
/// - Source: libjpeg; Jiang et al. 2021 (FBCNN) for two passes with shifted grids. Qualities above 90
///   keep all colour, as common encoders do.
struct Jpeg: CodeDegradation {
  static let name = "jpeg"
  static let stage = Stage.file
  static let notes = DegradationNotes(
    summary: "Loss by the JPEG codec itself, once or twice, with the blocks at any place.",
    source: "libjpeg; Jiang et al. 2021 (FBCNN) for two passes with shifted grids",
    severity: "quality 80, 50, 30, 15, 7",
    parameters: [
      .init(name: "passes", range: "1, 2", meaning: "how often the picture is saved"),
      .init(name: "quality", range: "1...100", meaning: "of the last pass"),
      .init(
        name: "grid", unit: "pixels", range: "2 x 0...15",
        meaning: "how far the blocks begin left of and above the picture"),
      .init(name: "first_quality", range: "1...100", meaning: "of the first of two passes"),
      .init(
        name: "first_grid", unit: "pixels", range: "2 x 0...15",
        meaning: "where the blocks of the first of two passes begin"),
      .init(
        name: "subsampling", range: "4:2:0, 4:2:2, 4:4:4",
        meaning: "detail of the colours, in all passes"),
    ])
  private static let quality = SeverityScale(neutral: 95, levels: [80, 50, 30, 15, 7])

  /// One way through the codec.
  private struct Pass: Equatable {
    let quality: Int
    /// Pixels from the corner of a block to the corner of the picture, to the right and down.
    let grid: [Int]

    init(_ quality: Int, drawing random: inout RandomStream) {
      self.quality = quality
      grid = [random.integer(below: 16), random.integer(below: 16)]
    }

    init(_ reader: ParameterReader, _ prefix: String = "") throws(Problem) {
      quality = try reader.whole(prefix + "quality", in: 1...100)
      grid = try reader.wholes(prefix + "grid", count: 2, in: 0...15)
    }

    func members(_ prefix: String = "") -> [JSON.Member] {
      [
        .init(prefix + "quality", .integer(quality)),
        .init(prefix + "grid", .array(grid.map { .integer($0) })),
      ]
    }
  }
  private let first: Pass?
  private let last: Pass
  private let subsampling: JPEGFile.Subsampling

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let quality = Int(Self.quality(severity).rounded())
    last = Pass(quality, drawing: &random)
    let better = Int(random.uniform(Double(quality), 95).rounded())
    first = random.chance(0.3) ? Pass(better, drawing: &random) : nil
    let kind = random.uniform()
    let usual: JPEGFile.Subsampling = kind < 0.6 ? .both : kind < 0.75 ? .columns : .none
    subsampling = quality > 90 ? .none : usual
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Self.name, json: parameters)
    let passes = try reader.whole("passes", in: 1...2)
    first = passes == 2 ? try Pass(reader, "first_") : nil
    last = try Pass(reader)
    subsampling = try reader.choice("subsampling")
  }

  var parameters: JSON {
    let common: [JSON.Member] = [
      .init("passes", .integer(first == nil ? 1 : 2)),
      .init("subsampling", .string(subsampling.rawValue)),
    ]
    return .object(common + last.members() + (first?.members("first_") ?? []))
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    var codes = image.bytes
    apply(to: &codes, width: image.width, height: image.height)
    image = Image(width: image.width, height: image.height, bytes: codes)
    return nil
  }

  func apply(to codes: inout [UInt8], width: Int, height: Int) {
    if let first { save(&codes, width, height, first) }
    save(&codes, width, height, last)
  }

  private func save(_ codes: inout [UInt8], _ width: Int, _ height: Int, _ pass: Pass) {
    var sheet = CodecSheet(
      codes, width: width, height: height, left: pass.grid[0], top: pass.grid[1])
    sheet.save(quality: pass.quality, subsampling: subsampling)
    codes = sheet.inner
  }
}
