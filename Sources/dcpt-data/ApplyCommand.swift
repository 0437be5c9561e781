import ArgumentParser
import Basics
import Degradations
import Images
import Synthesis

/// Degrades one picture, for looking.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Degrades one picture, for looking.",
    discussion: """
      Examples:
        dcpt-data apply haze photo.jpg --severity 0.5 --out hazy.png
        dcpt-data apply low-light+motion-blur photo.jpg --severity 0.7 --out night.png
        dcpt-data apply gaussian-noise photo.jpg --set sigma=25 --out noisy.png
        dcpt-data apply haze road.png --depth road-metres.png --depth-kind metres \\
          --depth-scale 0.00390625 --depth-invalid 0 --depth-far 80 --out foggy.png

      Prints what was done as JSON, every parameter with it; --set replaces one of them. The names
      and parameters: dcpt-data list. Alpha is dropped, gray becomes RGB. Depth, where one is needed,
      is made up to suit the picture unless --depth gives a map of it.
      """)

  @Argument(help: "A degradation, or several joined by +; they act in order of formation.")
  var name: String
  @Argument(help: "The picture: PNG, JPEG, TIFF or WebP.") var image: String
  @Option(help: "0 leaves the picture, 0.9 is level 5.") var severity = 0.5
  @Option(help: "A parameter as KEY=VALUE; may be given again.") var set: [String] = []
  @Option(help: "Where physics is computed: linear (light) or srgb (codes).") var space = "linear"
  @Option(help: "The seed of every draw.") var seed: UInt64 = 0
  @Option(help: "The picture's depth map: gray PNG or TIFF, float TIFF, or .npy.")
  var depth: String?
  @OptionGroup var depthOptions: DepthOptions
  @Option(help: "A 16-bit PNG file for the depth in use, 0 near to 65535 far.")
  var outDepth: String?
  @Option(help: "The PNG file to write.") var out: String
  @Option(help: "A folder for the maps behind it (mask, transmission, kernel ...), as .npy files.")
  var planes: String?

  func run() throws {
    let ops = ClassSet.degradations(of: name).map { (name: $0, severity: severity) }
    let chain = try DegradationChain(ops, space: try physics(space))
    let settings = try ApplyCommand.distribute(
      try set.map(ApplyCommand.member), over: ops.map(\.name))
    let picture = try LaboratoryPicture(
      reading: image, depth: try depthOptions.depth(depth), seed: seed)
    let (codes, steps) = try chain.degrade(
      picture.image.bytes, scene: picture.scene, seed: seed, index: 0, settings: settings)
    let lq = Image(width: picture.image.width, height: picture.image.height, bytes: codes)
    try PNGFile.write(lq, to: out)
    if let planes { try write(steps, picture.scene, into: planes) }
    if let outDepth { try write(picture.scene, to: outDepth) }
    let (psnr, ssim) = (Quality.psnr(picture.image, lq), Quality.ssim(picture.image, lq))
    print(JSON.array(steps.map(\.json)).pretty, terminator: "")
    print("\(out): PSNR \(fixed(psnr, 2)) dB, SSIM \(fixed(ssim, 3))")
  }

  private func write(_ steps: [ChainStep], _ scene: Scene, into folder: String) throws(Problem) {
    try createFolder(folder)
    let planes = try DegradationChain.planes(
      Plane.Kind.allCases, of: steps, scene: scene, seed: seed, index: 0)
    for (name, bytes) in planes.map(\.member) {
      try AtomicFile.write(bytes, to: folder + "/" + name)
    }
  }

  /// Writes the depth in use as a 16-bit PNG.
  private func write(_ scene: Scene, to path: String) throws {
    let map = Image(width: scene.width, height: scene.height, channels: 1, pixels: scene.depth)
    try AtomicFile.write(PNGFile.encode16(map), to: path)
  }
}
