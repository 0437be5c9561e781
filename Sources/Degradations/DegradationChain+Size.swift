import Basics
import Images

extension DegradationChain {
  /// Refuses a picture that is too small for one of the links.
  ///
  /// - Throws: `Problem` naming the degradation, the side that it wants and the picture's sides.
  static func check(_ links: [Link], fit scene: Scene) throws(Problem) {
    for link in links {
      if let problem = link.refusal(width: scene.width, height: scene.height) { throw problem }
    }
  }
}

extension Link {
  /// What to say of a picture that is too small; nil when it is not.
  func refusal(width: Int, height: Int) -> Problem? {
    let least = type(of: op).smallestSide
    if min(width, height) >= least { return nil }
    return Problem(
      "degradation '\(step.op)'",
      "wants sides of \(least) pixels or more, the picture has \(width)x\(height)",
      fix: "leave it out, or take a larger picture")
  }
}
