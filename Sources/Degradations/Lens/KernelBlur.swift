import CPixels
import Images

/// Blur with any kernel: a true convolution, reflected at the border without repeating the edge.
///
/// Kernels that are their own mirror images, disks and rings among them, are folded before they are
/// summed; others are summed by runs of equal weights (`RunPlan`).
package struct KernelBlur {
  let radius: Int
  private let plan: Plan

  private enum Plan {
    case symmetric(SymmetricPlan)
    case runs(RunPlan)
  }

  /// Creates a blur with a kernel.
  package init(_ grid: SpreadGrid) {
    radius = grid.radius
    plan = SymmetricPlan(grid).map { .symmetric($0) } ?? .runs(RunPlan(grid))
  }

  /// Creates a blur by runs even where folding would do, for comparison.
  init(byRuns grid: SpreadGrid) { (radius, plan) = (grid.radius, .runs(RunPlan(grid))) }

  /// Blurs a picture.
  func blur(_ image: inout Image) {
    if radius == 0 { return }
    let frame = ReflectedBorder(image, by: radius, slack: KernelBlur.slack)
    let (width, height, channels) = (image.width, image.height, image.channels)
    image.pixels.withUnsafeMutableBufferPointer {
      blur(frame, into: $0, width: width, height: height, channels: channels)
    }
  }

  /// Blurs a sheet of colours, premultiplied by their coverage, and lays it over what is behind.
  package func lay(
    _ sheet: [SIMD4<Float>], width: Int, height: Int, over sum: inout [SIMD4<Float>]
  ) {
    var near = sheet
    near.withUnsafeMutableBytes { bytes in
      let near = bytes.assumingMemoryBound(to: Float.self)
      let frame = ReflectedBorder(
        UnsafeBufferPointer(near), width: width, height: height, channels: 4, by: radius,
        slack: KernelBlur.slack)
      blur(frame, into: near, width: width, height: height, channels: 4)
      sum.withUnsafeMutableBytes { sum in
        PixelKernels.used.lay_over(
          sum.assumingMemoryBound(to: Float.self).baseAddress, 4 * width, near.baseAddress,
          4 * width, width, height)
      }
    }
  }

  private func blur(
    _ frame: ReflectedBorder, into out: UnsafeMutableBufferPointer<Float>, width: Int, height: Int,
    channels: Int
  ) {
    frame.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress, let out = out.baseAddress else { return }
      let area = BlurredArea(
        out: out, outStride: width * channels, frame: values, frameStride: frame.rowLength,
        columns: width, rows: height, channels: channels)
      withScratch(channels: channels) { blur(area, scratch: $0) }
    }
  }

  /// Values beyond the last of a frame that may be read.
  static let slack = 32

  /// Blurs a part of a frame.
  func blur(_ area: BlurredArea, scratch: UnsafeMutablePointer<Float>) {
    switch plan {
    case .symmetric(let plan): plan.blur(area, scratch: scratch)
    case .runs(let plan): plan.blur(area, scratch: scratch)
    }
  }

  /// Lends memory for `blur`.
  func withScratch(channels: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let size =
      switch plan {
      case .symmetric(let plan): plan.scratchSize
      case .runs(let plan): plan.scratchSize(channels: channels)
      }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { scratch in
      if let scratch = scratch.baseAddress { body(scratch) }
    }
  }
}

/// Where blurred pixels go, and the frame they come from: it begins a radius above and to the left.
struct BlurredArea {
  let out: UnsafeMutablePointer<Float>
  /// Values between two rows.
  let outStride: Int
  let frame: UnsafePointer<Float>
  let frameStride: Int
  /// Pixels in a row, and rows.
  let columns: Int
  let rows: Int
  let channels: Int
}
