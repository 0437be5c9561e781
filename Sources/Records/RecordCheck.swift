import Basics
import Images

/// Checks one record: its members' checksums, and its label against the manifest and the pictures.
struct RecordCheck {
  private(set) var faults: [String] = []
  private(set) var label: RecordLabel?

  private let record: ShardIndex.Entry
  private let bytes: UnsafeRawBufferPointer
  private let start: Int
  private let form: PictureForm

  init(
    _ record: ShardIndex.Entry, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ manifest: Manifest
  ) {
    (self.record, self.bytes, self.start, form) = (record, bytes, start, manifest.form)
    guard form.fields.allSatisfy(record.fields.contains) else {
      faults.append("has the members \(record.fields), not \(form.fields)")
      return
    }
    // A label that is damaged says nothing reliable about the pictures beside it.
    guard let text = data(Record.textField), RecordText.isIntact(text),
      let checksums = RecordText.checksums(text)
    else {
      faults.append("member json\(place(Record.textField)) does not fit its CRC-32C")
      return
    }
    let stated = checksums.keys.sorted()
    guard record.fields == stated else {
      faults.append("has the members \(record.fields), its label names \(stated)")
      return
    }
    for field in stated where field != Record.textField { checkArray(field, checksums) }
    checkLabel(text, manifest)
  }

  private mutating func checkArray(_ field: String, _ checksums: [String: UInt32]) {
    guard let data = data(field) else { return }
    let found = Checksum.crc32c(data)
    if checksums[field] != found {
      let stated = checksums[field].map(Checksum.text) ?? "nothing"
      faults.append(
        "member \(field)\(place(field)) has CRC-32C \(Checksum.text(found)), its label says \(stated)"
      )
    }
  }

  private mutating func checkLabel(_ text: UnsafeRawBufferPointer, _ manifest: Manifest) {
    do throws(Problem) {
      let label = try RecordLabel(parsing: text, place: "label")
      self.label = label
      faults += contradictions(label, manifest)
      if text.count != manifest.recordTextSize {
        faults.append(
          "the label fills \(text.count) bytes, the manifest says \(manifest.recordTextSize)")
      }
      for field in [form.gtField, form.lqField] { try checkShape(field, label) }
      for field in record.fields where !form.fields.contains(field) { try checkPlane(field) }
    } catch {
      faults.append("\(error.place): \(error.what)")
    }
  }

  private func contradictions(_ label: RecordLabel, _ manifest: Manifest) -> [String] {
    var found: [String] = []
    if label.key != record.key || Record.key(label.index) != record.key {
      found.append("the label is that of record \(label.key), number \(label.index)")
    }
    if !manifest.classes.indices.contains(label.classNumber)
      || manifest.classes[label.classNumber] != label.className
    {
      found.append(
        "the label's class \(label.classNumber) '\(label.className)' is not in the manifest")
    }
    if label.multi.count != 18 || !label.multi.allSatisfy({ $0 == 0 || $0 == 1 }) {
      found.append("the label's 'multi' has not 18 places of 0 or 1")
    }
    return found
  }

  private mutating func checkShape(_ field: String, _ label: RecordLabel) throws(Problem) {
    guard let data = data(field) else { return }
    let (type, shape) = try header(data, "member \(field)")
    let stated = label.json[String(field.prefix { $0 != "." })]
    let sides = ["height", "width", "channels"].map { stated?[$0]?.integer }
    if shape != sides.compactMap({ $0 }) || type != "|u1" {
      faults.append("member \(field) is \(type) \(shape), its label says \(sides)")
    }
  }

  /// Element type and shape of a picture.
  private func header(_ data: UnsafeRawBufferPointer, _ place: String) throws(Problem) -> (
    type: String, shape: [Int]
  ) {
    if form == .png { return ("|u1", try PNGFile.shape(data, place: place)) }
    let header = try NPYHeader(parsing: data, place: place)
    return (header.type, header.shape)
  }

  private mutating func checkPlane(_ field: String) throws(Problem) {
    guard let data = data(field) else { return }
    let header = try NPYHeader(parsing: data, place: "member \(field)")
    if header.shape.count != 2 || !["|u1", "<f4"].contains(header.type) {
      faults.append("member \(field) is \(header.type) \(header.shape), not a plane")
    }
  }

  private func data(_ field: String) -> UnsafeRawBufferPointer? {
    record[field].map {
      UnsafeRawBufferPointer(rebasing: bytes[(start + $0.dataOffset)...].prefix($0.size))
    }
  }

  private func place(_ field: String) -> String {
    record[field].map { " at byte \(start + $0.dataOffset)" } ?? ""
  }
}
