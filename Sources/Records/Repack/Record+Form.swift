import Basics
import Images

extension Record {
  /// The form of its pictures; nil when it has none.
  var form: PictureForm? {
    PictureForm.allCases.first { form in
      form.fields.allSatisfy { field in members.contains { $0.name == field } }
    }
  }

  /// Reads its label.
  ///
  /// - Throws: `Problem` at `place` when it has none, or it cannot be understood.
  public func label(place: String) throws(Problem) -> RecordLabel {
    let text = members.first { $0.name == Record.textField }?.bytes ?? []
    return try RecordLabel(parsing: text, place: place)
  }

  /// The same record with its pictures as arrays; its label differs in the checksums alone.
  ///
  /// - Throws: `Problem` when a picture cannot be decoded.
  public func inRawForm() throws(Problem) -> Record {
    guard form == .png else { return self }
    return try replacingPictures(by: .raw) { file, field throws(Problem) in
      let place = "record \(key), member \(field)"
      let codes = try file.withBytes { bytes throws(Problem) in
        try PNGFile.codes(bytes, place: place)
      }
      return NPYArray.file(codes.bytes, shape: codes.shape)
    }
  }

  /// The same record with its pictures as PNG files; its label differs in the checksums alone.
  ///
  /// - Throws: `Problem` when a picture is no array of bytes in gray or RGB, or when label or arrays are
  ///   not written as this program writes them, so that they would not come back to the bit.
  public func inPNGForm(_ settings: PNGSettings) throws(Problem) -> Record {
    try requireOwnLabel()
    return try replacingPictures(by: .png) { file, field throws(Problem) in
      let place = "record \(key), member \(field)"
      return try file.withBytes { bytes throws(Problem) in
        let header = try NPYHeader(parsing: bytes, place: place)
        let shape = header.shape
        guard header.type == "|u1", !header.isFortran, shape.count == 3, header.count > 0,
          [1, 3].contains(shape[2])
        else {
          throw Problem(
            place, "is \(header.type) \(shape), not a byte picture",
            fix: "only pictures of 8 bits in gray or RGB can become PNG files")
        }
        guard bytes.prefix(header.dataOffset).elementsEqual(NPYHeader.bytes(shape: shape)),
          bytes.count == header.dataOffset + header.count
        else { throw Record.foreign(place) }
        let codes = UnsafeRawBufferPointer(
          rebasing: bytes[header.dataOffset...].prefix(header.count))
        return PNGFile.encode(codes, shape: shape, level: settings.level)
      }
    }
  }

  /// The record of another number with another label, which fills `textSize` bytes.
  ///
  /// - Parameter label: Its `crc32c` is computed anew.
  /// - Returns: nil when the label does not fit.
  public func relabelled(_ index: Int, _ label: JSON, textSize: Int) -> Record? {
    let siblings = members.filter { $0.name != Record.textField }
    var label = label
    label["crc32c"] = nil
    guard let text = RecordText.bytes(label, beside: siblings, size: textSize) else { return nil }
    return Record(
      key: Record.key(index), members: siblings + [(name: Record.textField, bytes: text)])
  }

  private func requireOwnLabel() throws(Problem) {
    let place = "record \(key), member \(Record.textField)"
    let label = try label(place: place)
    let size = members.first { $0.name == Record.textField }?.bytes.count ?? 0
    guard relabelled(label.index, label.json, textSize: size) == self else {
      throw Record.foreign(place)
    }
  }

  private static func foreign(_ place: String) -> Problem {
    Problem(
      place, "is not written as dcpt-data writes it, and would not come back to the bit",
      fix: "keep the set in the raw form")
  }

  /// The record with each picture made another file, and the label that fits them.
  private func replacingPictures(
    by form: PictureForm, file: (_ old: [UInt8], _ field: String) throws(Problem) -> [UInt8]
  ) throws(Problem) -> Record {
    guard let old = self.form, let text = members.first(where: { $0.name == Record.textField })
    else { throw Problem("record \(key)", "has no pair of pictures with a label") }
    var members: [(name: String, bytes: [UInt8])] = []
    for member in self.members where member.name != Record.textField {
      switch member.name {
      case old.gtField: members.append((form.gtField, try file(member.bytes, member.name)))
      case old.lqField: members.append((form.lqField, try file(member.bytes, member.name)))
      default: members.append(member)
      }
    }
    var label = try JSON(parsing: text.bytes, place: "record \(key), member json")
    label["crc32c"] = nil
    guard
      let text = RecordText.bytes(label, beside: members, size: text.bytes.count)
    else { throw Problem("record \(key)", "has a label that fills more than \(text.bytes.count)") }
    return Record(key: key, members: members + [(name: Record.textField, bytes: text)])
  }
}
