import Basics
import Images
import Testing

@testable import Degradations

@Suite("Resize") struct ResizeTests {
  private let kinds = Image.Resampling.allCases

  @Test("the picture keeps its place: the centre of a dot stays where it is")
  func centroid() throws {
    var gt = Image(width: 64, height: 64)
    for y in 28..<37 { for x in 22..<31 { for c in 0..<3 { gt[x, y, c] = 1 } } }
    for down in kinds {
      for up in kinds {
        var image = gt
        let resize = try Resize(parameters: [
          "factor": 2.0, "down": .string(down.rawValue), "up": .string(up.rawValue),
        ])
        _ = resize.apply(
          to: &image, scene: Scene(width: 64, height: 64), random: RandomStream(seed: 0))
        var (sum, x0, y0) = (0.0, 0.0, 0.0)
        for y in 0..<64 {
          for x in 0..<64 {
            let v = Double(image[x, y, 0])
            (sum, x0, y0) = (sum + v, x0 + v * Double(x), y0 + v * Double(y))
          }
        }
        #expect(abs(x0 / sum - 26) < 0.3 && abs(y0 / sum - 32) < 0.3, "\(down), \(up)")
      }
    }
  }

  @Test("factor 1 is the identity, for every kind")
  func identity() throws {
    let (gt, scene) = testPicture(33, 21)
    for kind in kinds {
      var image = gt
      let resize = try Resize(parameters: [
        "factor": 1.0, "down": .string(kind.rawValue), "up": .string(kind.rawValue),
      ])
      _ = resize.apply(to: &image, scene: scene, random: RandomStream(seed: 0))
      #expect(image == gt, "\(kind)")
    }
  }

  @Test("a link of chains: it has a place in the label and no class of its own")
  func label() throws {
    #expect(ClassSet.multiHot(["resize"]).last == 1)
    for set in ClassSet.all { #expect(!set.classes.contains("resize")) }
    let (gt, scene) = testPicture(48, 48)
    let chain = try DegradationChain([("jpeg", 0.5), ("resize", 0.5), ("poisson-noise", 0.2)])
    let steps = chain.apply(to: gt, scene: scene, seed: 1, index: 1).steps
    #expect(steps.map(\.op) == ["poisson-noise", "resize", "jpeg"])
  }
}
