import Basics
@testable import Tensors

/// One op under test: how to make its inputs and parameters, and how to run it.
struct OpCase: CustomStringConvertible, Sendable {
  let description: String
  /// Shapes of the inputs that get a gradient.
  let inputs: [Shape]
  /// Makes the parameters in a scope.
  let parameters: @Sendable (Scope) -> [Parameter]
  /// Runs the op.
  let run: @Sendable ([Tensor], [Parameter]) -> Tensor
  /// Allowed difference between the gradient and the finite difference, relative: float32 sums of a
  /// few thousand terms leave about 1e-3.
  let tolerance: Float
  /// How far the finite difference goes; less where the function has kinks, which it must not cross.
  var epsilon: Float { hasKinks ? 1e-4 : 4e-3 }
  private let hasKinks: Bool

  init(
    _ description: String, _ inputs: [Shape], tolerance: Float = 5e-3, hasKinks: Bool = false,
    parameters: @escaping @Sendable (Scope) -> [Parameter] = { _ in [] },
    _ run: @escaping @Sendable ([Tensor], [Parameter]) -> Tensor
  ) {
    (self.description, self.inputs, self.parameters, self.run) = (
      description, inputs, parameters, run
    )
    self.tolerance = hasKinks ? 4e-2 : tolerance
    self.hasKinks = hasKinks
  }

  /// All ops of the engine.
  static let all: [OpCase] =
    convolutions + normalisations + elementwise + pooling + moves + losses + transformers

  private static let a = Shape(2, 6, 5, 8)
  private static let even = Shape(2, 6, 4, 8)

  private static func conv(_ out: Int, _ inner: Int, _ kernel: Int, bias: Bool = true)
    -> @Sendable (Scope) -> [Parameter]
  {
    {
      [$0.weight(out: out, in: inner, kernel: kernel)] + (bias ? [$0.bias(out, fanIn: inner)] : [])
    }
  }

  private static let convolutions: [OpCase] = [
    OpCase("pointwise 8 to 5", [a], parameters: conv(5, 8, 1)) { pointwise($0[0], $1[0], $1[1]) },
    OpCase("pointwise 8 to 8, adding", [a, a], parameters: conv(8, 8, 1)) {
      pointwise($0[0], $1[0], $1[1], adding: $0[1])
    },
    OpCase("pointwise 8 to 16 without bias", [a], parameters: conv(16, 8, 1, bias: false)) {
      pointwise($0[0], $1[0])
    },
    OpCase("convolution3x3 8 to 5", [a], parameters: conv(5, 8, 3)) {
      convolution3x3($0[0], $1[0], $1[1])
    },
    OpCase("convolution3x3 3 to 32", [Shape(1, 7, 9, 3)], parameters: conv(32, 3, 3)) {
      convolution3x3($0[0], $1[0], $1[1])
    },
    OpCase("convolution3x3 32 to 3", [Shape(1, 7, 9, 32)], parameters: conv(3, 32, 3)) {
      convolution3x3($0[0], $1[0], $1[1])
    },
    OpCase("depthwise3x3", [a], parameters: conv(8, 1, 3)) { depthwise3x3($0[0], $1[0], $1[1]) },
    OpCase("depthwiseGate", [a], parameters: conv(8, 1, 3)) { depthwiseGate($0[0], $1[0], $1[1]) },
    OpCase("downsample2x2", [even], parameters: conv(12, 8, 2)) {
      downsample2x2($0[0], $1[0], $1[1])
    },
    OpCase(
      "upsampleShuffle", [Shape(2, 3, 2, 8), Shape(2, 6, 4, 4)],
      parameters: { [$0.shuffledWeight(out: 16, in: 8)] }
    ) {
      upsampleShuffle($0[0], $1[0], adding: $0[1])
    },
  ]

  private static let norm: @Sendable (Scope) -> [Parameter] = {
    [
      $0.parameter("weight", [8], .plain, .normal(deviation: 1)),
      $0.parameter("bias", [8], .plain, .normal(deviation: 1)),
    ]
  }

  private static let normalisations: [OpCase] = [
    OpCase("layerNorm", [a], parameters: norm) { layerNorm($0[0], $1[0], $1[1]) },
    OpCase("layerNorm + addend, relu", [a, a], hasKinks: true, parameters: norm) {
      layerNorm($0[0], $1[0], $1[1], adding: $0[1], relu: true)
    },
    OpCase("layerNorm + addend", [a, a], parameters: norm) {
      layerNorm($0[0], $1[0], $1[1], adding: $0[1])
    },
  ]

  private static let elementwise: [OpCase] = [
    OpCase("simpleGate", [a]) { x, _ in simpleGate(x[0]) },
    OpCase("+", [a, a]) { x, _ in x[0] + x[1] },
    OpCase("*", [a, a]) { x, _ in x[0] * x[1] },
    OpCase("* 0.3", [a]) { x, _ in x[0] * 0.3 },
    OpCase("x + x", [a]) { x, _ in x[0] + x[0] },
    OpCase("relu", [a], hasKinks: true) { x, _ in relu(x[0]) },
    OpCase(
      "scaledResidual", [a, a],
      parameters: { [$0.parameter("beta", [1, 8, 1, 1], .plain, .normal(deviation: 1))] }
    ) {
      scaledResidual($0[0], $0[1], $1[0])
    },
    OpCase(
      "mixed", [a, a], parameters: { [$0.parameter("mixing", [2], .plain, .normal(deviation: 1))] }
    ) { x, p in
      let weights = softmax(p[0], beside: x[0])
      return mixed(mixed(nil, x[0], weights: weights, at: 0), x[1], weights: weights, at: 1)
    },
  ]

  private static let pooling: [OpCase] = [
    OpCase("spatialMean", [a]) { x, _ in spatialMean(x[0]) },
    OpCase("scaleChannels", [a, Shape(2, 1, 1, 8)]) { x, _ in scaleChannels(x[0], by: x[1]) },
    OpCase("localMean 3x4", [a]) { x, _ in localMean(x[0], window: (3, 4)) },
    OpCase("localMean 4x9", [a]) { x, _ in localMean(x[0], window: (4, 9)) },
    OpCase("maxPool2 of odd sides", [Shape(2, 7, 5, 8)], hasKinks: true) { x, _ in maxPool2(x[0]) },
  ]

  private static let moves: [OpCase] = [
    OpCase("spaceToDepth", [even]) { x, _ in spaceToDepth(x[0]) },
    OpCase("depthToSpace", [even]) { x, _ in depthToSpace(x[0]) },
    OpCase("padded zero", [a]) { x, _ in padded(x[0], right: 3, bottom: 2, .zero) },
    OpCase("padded reflect", [a]) { x, _ in padded(x[0], right: 3, bottom: 2, .reflect) },
    OpCase("cropped", [a]) { x, _ in cropped(x[0], height: 4, width: 3) },
  ]

  private static func target(_ shape: Shape) -> Tensor {
    var random = RandomStream(seed: 99)
    return Tensor(shape) { for i in $0.indices { $0[i] = Float(random.uniform()) } }
  }

  private static let losses: [OpCase] = [
    OpCase("l1Loss", [a], hasKinks: true) { x, _ in l1Loss(x[0], target(a)) },
    OpCase("mseLoss", [a]) { x, _ in mseLoss(x[0], target(a)) },
    OpCase("psnrLoss", [a]) { x, _ in psnrLoss(x[0], target(a)) },
    OpCase("psnrLoss of luma", [Shape(2, 4, 5, 3)]) { x, _ in
      psnrLoss(x[0], target(Shape(2, 4, 5, 3)), luma: true)
    },
    OpCase("focalLoss gamma 2", [Shape(4, 1, 1, 5)]) { x, _ in
      focalLoss(x[0], [0, 3, -100, 1], gamma: 2)
    },
  ]

  private static let transformers: [OpCase] =
    [
      OpCase("gelu", [a]) { x, _ in gelu(x[0]) },
      OpCase("leakyReLU", [a], hasKinks: true) { x, _ in leakyReLU(x[0]) },
      OpCase("softmax", [a]) { x, _ in softmax(x[0]) },
      OpCase(
        "biasFreeNorm", [a],
        parameters: { [$0.parameter("weight", [8], .plain, .normal(deviation: 1))] }
      ) { biasFreeNorm($0[0], $1[0], epsilon: 1e-5) },
      OpCase("bilinear up", [a]) { x, _ in bilinearResized(x[0], height: 11, width: 7) },
      OpCase("bilinear down", [a]) { x, _ in bilinearResized(x[0], height: 3, width: 4) },
      OpCase("pixelShuffled", [a]) { x, _ in pixelShuffled(x[0]) },
      OpCase("pixelUnshuffled", [even]) { x, _ in pixelUnshuffled(x[0]) },
      OpCase("concatenated", [a, Shape(2, 6, 5, 3)]) { x, _ in concatenated(x[0], x[1]) },
      OpCase("shifted", [a]) { x, _ in
        shifted(x[0], by: (0..<8).map { Float($0) * 0.1 }, times: -1)
      },
      OpCase("depthwiseGELUGate", [a], parameters: conv(8, 1, 3)) {
        depthwiseGELUGate($0[0], $1[0], $1[1])
      },
      OpCase("depthwiseGELUGate without bias", [a], parameters: conv(8, 1, 3, bias: false)) {
        depthwiseGELUGate($0[0], $1[0])
      },
      OpCase(
        "weightedMaps", [Shape(3, 1, 1, 5)],
        parameters: { [$0.maps("maps", count: 5, channels: 4, side: 3)] }
      ) { weightedMaps($0[0], $1[0]) },
    ] + attentions

  private static func temperature(_ heads: Int) -> @Sendable (Scope) -> [Parameter] {
    { [$0.vector("temperature", shape: [heads, 1, 1], repeating: 1.5)] }
  }

  private static func table(_ heads: Int) -> @Sendable (Scope) -> [Parameter] {
    { [$0.positionTable("table", side: 2, heads: heads, start: .normal(deviation: 1))] }
  }

  private static let attentions: [OpCase] = [
    OpCase("channelAttention softmax", [Shape(2, 5, 4, 24)], parameters: temperature(2)) {
      channelAttention($0[0], $1[0], .softmax)
    },
    OpCase(
      "channelAttention relu", [Shape(2, 5, 4, 18)], hasKinks: true, parameters: temperature(3)
    ) { channelAttention($0[0], $1[0], .relu) },
    OpCase("windowAttention", [Shape(2, 4, 6, 12)]) { x, _ in
      windowAttention(x[0], heads: 2, in: Windows(side: 2))
    },
    OpCase("windowAttention shifted", [Shape(1, 6, 6, 12)]) { x, _ in
      windowAttention(x[0], heads: 1, in: Windows(side: 3, shift: 1))
    },
    OpCase(
      "windowAttention shifted, with positions and mask", [Shape(2, 4, 6, 12)],
      parameters: table(2)
    ) { windowAttention($0[0], heads: 2, in: Windows(side: 2, shift: 1, isMasked: true), $1[0]) },
  ]
}
