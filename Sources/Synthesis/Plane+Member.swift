import Degradations
import Records

extension Plane {
  /// The plane as a record's member, height x width.
  public var member: (name: String, bytes: [UInt8]) {
    let shape = [height, width]
    let file =
      switch values {
      case .bytes(let bytes): NPYArray.file(bytes, shape: shape)
      case .floats(let floats): NPYArray.file(floats, shape: shape)
      }
    return (name + ".npy", file)
  }
}
