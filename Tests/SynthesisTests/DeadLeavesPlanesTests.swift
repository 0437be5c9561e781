import Basics
import Degradations
import Images
import Synthesis
import Testing

@Suite("Dead leaves: ranks, textures, planes") struct DeadLeavesPlanesTests {
  private func picture(
    _ index: UInt64, textures: Double = 1, depthOfField: Double = 0, cameraBlur: Double = 0
  ) -> DeadLeaves.Picture {
    DeadLeaves(
      width: 128, height: 128, seed: 6, index: index,
      style: .init(textures: textures, depthOfField: depthOfField, cameraBlur: cameraBlur)
    ).render()
  }

  @Test("a smaller rank is nearer, and a rank has one depth", arguments: [0.0, 1])
  func ranks(depthOfField: Double) {
    for index in 0..<4 {
      let made = picture(UInt64(index), depthOfField: depthOfField)
      var depths: [Int32: Float] = [:]
      for (rank, depth) in zip(made.ranks, made.scene.depth) {
        #expect(depths[rank, default: depth] == depth)
        depths[rank] = depth
      }
      let inOrder = depths.sorted { $0.key < $1.key }.map(\.value)
      #expect(inOrder == inOrder.sorted() && inOrder.count > 50)
    }
  }

  @Test("no value stands at an end of the range, whatever the texture and the blur")
  func range() {
    for index in 0..<16 {
      let made = picture(UInt64(index), depthOfField: 0.5, cameraBlur: 0.5)
      #expect(made.image.bytes.allSatisfy { $0 > 0 && $0 < 255 })
    }
  }

  @Test("textures change colours and nothing else")
  func textures() {
    let (plain, textured) = (picture(2, textures: 0), picture(2))
    #expect(plain.image != textured.image)
    #expect(plain.ranks == textured.ranks && plain.scene == textured.scene)
  }

  @Test("what is behind the focus is softer than what is in focus")
  func depthOfField() {
    // Squared steps from leaf to leaf, in focus and behind it. Most blurs are slight: 2.1 in the mean.
    var (sharp, soft) = (0.0, 0.0)
    var (sharpCount, softCount) = (0.0, 0.0)
    for index in 0..<12 {
      let made = picture(UInt64(index), depthOfField: 1)
      let near = made.scene.depthLabel["near"]?.double ?? 0
      let far = made.scene.depthLabel["far"]?.double ?? 1
      for y in 0..<128 {
        for x in 1..<128 where made.ranks[y * 128 + x] != made.ranks[y * 128 + x - 1] {
          let places = [-1, 0].map {
            (Double(made.scene.depth[y * 128 + x + $0]) - near) / (far - near)
          }
          let step = Double(made.image[x, y, 1] - made.image[x - 1, y, 1])
          if places.allSatisfy({ $0 > 0.2 && $0 < 0.55 }) {
            (sharp, sharpCount) = (sharp + step * step, sharpCount + 1)
          } else if places.allSatisfy({ $0 > 0.55 }) {
            (soft, softCount) = (soft + step * step, softCount + 1)
          }
        }
      }
    }
    #expect(sharpCount > 1000 && softCount > 1000)
    #expect(sharp / sharpCount > 1.5 * soft / softCount)
  }

  @Test("the blur of a camera takes detail and keeps the light")
  func cameraBlur() {
    for index in 0..<3 {
      let (sharp, soft) = (picture(UInt64(index)), picture(UInt64(index), cameraBlur: 1))
      func mean(_ image: Image) -> Float {
        let light = image.toLinear().pixels
        return light.reduce(0, +) / Float(light.count)
      }
      #expect(sharp.ranks == soft.ranks && sharp.image != soft.image)
      #expect(abs(mean(sharp.image) - mean(soft.image)) < 0.004)
    }
  }
}
