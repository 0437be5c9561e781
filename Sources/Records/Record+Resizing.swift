import Basics

extension Record {
  /// The same record with a label that fills `textSize` bytes; nil when it does not fit.
  public func resized(textSize: Int) -> Record? {
    guard let place = members.firstIndex(where: { $0.name == Record.textField }),
      let text = RecordText.resized(members[place].bytes, to: textSize)
    else { return nil }
    var record = self
    record.members[place].bytes = text
    return record
  }
}
