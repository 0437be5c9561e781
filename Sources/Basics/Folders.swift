import Glibc

/// Makes a folder with all those above it; one that is there already is fine.
///
/// - Throws: `Problem` when it cannot be made, for example because a file is in the way.
public func createFolder(_ path: String) throws(Problem) {
  var part = path.hasPrefix("/") ? "/" : ""
  for name in path.split(separator: "/") {
    let above = part.isEmpty ? "." : part
    part += name + "/"
    if mkdir(part, 0o755) == 0 {
      try syncFolder(above)
    } else if errno != EEXIST {
      throw systemProblem(path, "cannot be created as a folder")
    }
  }
  var status = stat()
  guard part.isEmpty || stat(part, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR else {
    throw Problem(path, "cannot be created as a folder", fix: "a file of that name is in the way")
  }
}
