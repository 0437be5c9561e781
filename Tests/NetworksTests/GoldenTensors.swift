import Basics
import Networks
import Tensors
import TestSupport

/// A golden file: arrays in the reference's NCHW order, and its configuration.
struct GoldenFile {
  let name: String
  let content: Safetensors
  let config: JSON

  init(_ name: String) throws {
    self.name = name
    content = try Safetensors(reading: Golden.path(name))
    let text = content.metadata.first { $0.key == "config" }?.value ?? "{}"
    config = try JSON(parsing: text.utf8, place: name)
  }

  func floats(_ key: String) throws -> [Float] {
    guard let values = content[key]?.floats else {
      throw Problem(name, "has no float tensor '\(key)'")
    }
    return values
  }

  func integers(_ key: String) throws -> [Int] {
    guard let values = content[key]?.integers else {
      throw Problem(name, "has no integer tensor '\(key)'")
    }
    return values
  }

  /// A map stored as [n, c, h, w], as NHWC.
  func map(_ key: String) throws -> Tensor {
    guard let entry = content[key], let values = entry.floats, entry.shape.count == 4 else {
      throw Problem(name, "has no map '\(key)'")
    }
    let s = Shape(entry.shape[0], entry.shape[2], entry.shape[3], entry.shape[1])
    return Tensor(
      s,
      filling: { out in
        forEachPlace(s) { nhwc, nchw in out[nhwc] = values[nchw] }
      })
  }

  /// Tokens stored as [n, h w, c] of square maps, as NHWC.
  func tokens(_ key: String) throws -> Tensor {
    guard let entry = content[key], let values = entry.floats, entry.shape.count == 3 else {
      throw Problem(name, "has no tokens '\(key)'")
    }
    let side = Int(Double(entry.shape[1]).squareRoot())
    return Tensor(Shape(entry.shape[0], side, entry.shape[1] / side, entry.shape[2]), values)
  }

  func has(_ key: String) -> Bool { content[key] != nil }
}

private func forEachPlace(_ s: Shape, _ body: (Int, Int) -> Void) {
  for n in 0..<s.n {
    for i in 0..<s.h {
      for j in 0..<s.w {
        for c in 0..<s.c {
          body(((n * s.h + i) * s.w + j) * s.c + c, ((n * s.c + c) * s.h + i) * s.w + j)
        }
      }
    }
  }
}

extension Tensor {
  /// The values in NCHW order.
  var nchw: [Float] {
    let values = floats
    var out = [Float](repeating: 0, count: values.count)
    forEachPlace(shape) { nhwc, nchw in out[nchw] = values[nhwc] }
    return out
  }
}

extension JSON {
  /// The elements of an array of whole numbers.
  var integers: [Int] { array?.compactMap(\.integer) ?? [] }
}

/// The NAFNet that a golden configuration describes; nil for another network.
func nafnet(arch: String, kwargs: JSON, trainSize: JSON? = nil) -> NAFNet? {
  guard ["nafnet", "nafnet_tlc", "nafnet_up"].contains(arch) else { return nil }
  let size = arch == "nafnet_tlc" ? Array((trainSize?.integers ?? []).suffix(2)) : nil
  return NAFNet(
    NAFNet.Configuration(
      width: kwargs["width"]?.integer ?? 0, encoderBlocks: kwargs["enc_blk_nums"]?.integers ?? [],
      middleBlocks: kwargs["middle_blk_num"]?.integer ?? 0,
      decoderBlocks: kwargs["dec_blk_nums"]?.integers ?? [],
      form: arch == "nafnet_up" ? .published : .dcpt, trainSize: size))
}

/// Says on standard output that a golden file was not compared, and why.
func reportSkipped(_ file: String, _ why: String) { print("SKIPPED golden \(file): \(why)") }
