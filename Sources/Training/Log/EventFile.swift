import Basics
import Glibc

/// A TensorBoard event file, written record by record.
///
/// Records are framed as TFRecord frames them: length, masked CRC-32C of the length, the event,
/// masked CRC-32C of the event. A killed run leaves at most one torn record at the end, which
/// TensorBoard skips.
/// - Source: `event.proto`, `summary.proto` and `record_writer.cc` in tensorflow/tensorflow.
public final class EventFile {
  private let file: OutputFile

  /// Creates a file in `folder`, named after the time and the host as TensorBoard expects.
  ///
  /// - Parameter iteration: Events of an earlier file from this iteration on are void: a resumed run
  ///   does those iterations again.
  public init(in folder: String, resumingAt iteration: Int? = nil) throws(Problem) {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let name = String(
      decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let seconds = Int(EventFile.now())
    file = try OutputFile("\(folder)/events.out.tfevents.\(seconds).\(name).\(getpid())")
    var version = ProtobufMessage()
    version.append(1, EventFile.now())
    version.append(3, "brain.Event:2")
    try append(version)
    guard let iteration else { return }
    var session = ProtobufMessage()
    session.append(1, 1)  // START
    var event = EventFile.event(at: iteration)
    event.append(7, session)
    try append(event)
  }

  /// Writes named scalars of one iteration.
  public func write(_ scalars: [(name: String, value: Double)], iteration: Int) throws(Problem) {
    var summary = ProtobufMessage()
    for scalar in scalars {
      var value = ProtobufMessage()
      value.append(1, scalar.name)
      value.append(2, Float(scalar.value))
      summary.append(1, value)
    }
    var event = EventFile.event(at: iteration)
    event.append(5, summary)
    try append(event)
  }

  /// Writes an RGB picture, given as a PNG file's bytes.
  public func write(_ name: String, png: [UInt8], width: Int, height: Int, iteration: Int)
    throws(Problem)
  {
    var image = ProtobufMessage()
    image.append(1, height)
    image.append(2, width)
    image.append(3, 3)
    image.append(4, png)
    var value = ProtobufMessage()
    value.append(1, name)
    value.append(4, image)
    var summary = ProtobufMessage()
    summary.append(1, value)
    var event = EventFile.event(at: iteration)
    event.append(5, summary)
    try append(event)
  }

  private static func event(at iteration: Int) -> ProtobufMessage {
    var event = ProtobufMessage()
    event.append(1, now())
    event.append(2, iteration)
    return event
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func append(_ event: ProtobufMessage) throws(Problem) {
    try file.write(EventFile.frame(event.bytes))
  }

  /// One TFRecord.
  static func frame(_ payload: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(payload.count).littleEndian) { Array($0) }
    return length + maskedChecksum(length) + payload + maskedChecksum(payload)
  }

  private static func maskedChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let crc = Checksum.crc32c(bytes)
    let masked = (crc >> 15 | crc << 17) &+ 0xa282_ead8
    return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
  }
}
