import Basics
import Degradations
import Images

/// A degradation with given parameters that other programs can do too.
struct SynthesisCase {
  let name: String
  /// What `--peer` calls the same work: part of one row's name and of no other's.
  let peer: String
  /// How many times faster than the peer the project means to be, on one core.
  let aim: Double
  private var ops: [String]
  private var severity = 0.5
  private var space = Image.Space.linear
  private var form: String?
  private var settings: JSON = [:]

  /// What the degradation does, as a label says it: nothing is drawn or solved when it is timed.
  func steps(scene: Scene, gt: [UInt8]) throws(Problem) -> [ChainStep] {
    let chain = try DegradationChain(
      ops.map { (name: $0, severity: severity) }, space: space, form: form)
    return try chain.degrade(
      gt, scene: scene, seed: 1, index: 0, settings: ops.map { _ in settings.object ?? [] }
    ).steps
  }

  /// The rows of the speed table.
  static let all = [
    SynthesisCase(
      name: "gaussian noise, sigma 25", peer: "OpenCV randn int16", aim: 2, ops: ["gaussian-noise"],
      settings: ["sigma": 25]),
    SynthesisCase(
      name: "poisson noise, 255 electrons, on codes", peer: "numpy poisson, peak 255", aim: 12,
      ops: ["poisson-noise"], space: .srgb, settings: ["electrons": 255]),
    SynthesisCase(
      name: "salt and pepper, 5 % of the pixels", peer: "salt-pepper p .05", aim: 5,
      ops: ["salt-pepper-noise"], settings: ["p": 0.05, "per_channel": false]),
    SynthesisCase(
      name: "haze, linear light", peer: "numpy float32 linear light, LUTs", aim: 8, ops: ["haze"],
      settings: ["beta": 1.2, "heterogeneity": 0]),
    SynthesisCase(
      name: "haze, on codes", peer: "numpy float32 sRGB", aim: 4, ops: ["haze"], space: .srgb,
      settings: ["beta": 1.2, "heterogeneity": 0]),
    SynthesisCase(
      name: "low light, shot and read noise", peer: "linear exposure x0.08", aim: 6,
      ops: ["low-light"],
      settings: ["ev": 3.644, "unevenness": 0, "shot": 0.0012, "read": 0.000002]),
    SynthesisCase(
      name: "motion blur, line of 31, linear light",
      peer: "linear light: LUT + filter2D float32 + 4096-entry LUT encode", aim: 8,
      ops: ["motion-blur"], settings: ["path": "line", "length": 31, "angle": 25]),
    SynthesisCase(
      name: "defocus, radius 10, linear light",
      peer: "linear light, disk r=10, 4096-entry LUT encode", aim: 8, ops: ["defocus-blur"],
      settings: ["form": "even", "radius": 10, "blades": 0, "gain": 1]),
    SynthesisCase(
      name: "defocus by depth, 8 sheets to radius 8", peer: "depth-layered, 8 layers r=1..8",
      aim: 10, ops: ["defocus-blur"],
      settings: ["form": "by-depth", "radius": 8, "blades": 0, "gain": 1, "sheets": 8]),
    SynthesisCase(
      name: "rain in 4 layers, level 3, linear light", peer: "noise seeds + motion filter", aim: 6,
      ops: ["rain-streak"]),
    SynthesisCase(
      name: "rain in 4 layers, level 3, on codes", peer: "noise seeds + motion filter", aim: 6,
      ops: ["rain-streak"], space: .srgb),
    SynthesisCase(
      name: "snow in 3 layers, level 3, linear light", peer: "195 drawn flakes in 3 scales", aim: 6,
      ops: ["snow"]),
    SynthesisCase(
      name: "snow in 3 layers, level 3, on codes", peer: "195 drawn flakes in 3 scales", aim: 6,
      ops: ["snow"], space: .srgb),
    SynthesisCase(
      name: "mosaic and edge-aware demosaic", peer: "masks rebuilt per image", aim: 8,
      ops: ["mosaic"], space: .srgb,
      settings: ["form": "edge-aware", "pattern": "rggb", "shot": 0]),
    SynthesisCase(
      name: "inpainting strokes, level 3", peer: "free-form strokes", aim: 3, ops: ["inpainting"],
      settings: ["mask": "thick", "fill": "black"]),
    SynthesisCase(
      name: "jpeg, quality 30, 4:2:0", peer: "OpenCV imencode/imdecode 4:2:0", aim: 0.9,
      ops: ["jpeg"],
      settings: [
        "quality": 30, "passes": 1, "subsampling": "4:2:0", "grid": .array([0, 0]),
      ]),
    SynthesisCase(
      name: "low light, rain and haze as in CDD-11", peer: "low + rain + haze in OneRestore order",
      aim: 10, ops: ["low-light", "rain-streak", "haze"], form: "cdd"),
  ]
}
