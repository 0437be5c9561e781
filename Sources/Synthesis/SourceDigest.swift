import Basics

/// Checks that a file is the one that a set is made from.
///
/// - Throws: `Problem` naming it, with both digests.
func requireUnchanged(_ bytes: [UInt8], _ path: String, _ sha256: String) throws(Problem) {
  let found = Digest.sha256(bytes)
  guard found == sha256 else {
    throw Problem(
      path, "has changed: its SHA-256 is \(found), it was \(sha256) when the set was planned",
      fix: "restore the file, or make a new set in another folder")
  }
}
