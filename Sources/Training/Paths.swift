import Basics
import Foundation

/// The weights file that a path means: itself, or the one in the folder of a run.
public func weightsFile(_ path: String) -> String {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
  else { return path }
  return path + "/weights.safetensors"
}

func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// The folder that a file lies in.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The classifier that lies beside the weights a path means; nil when there is none.
public func classifierFile(besideWeightsOf path: String) -> String? {
  let file = folder(of: weightsFile(path)) + "/classifier.safetensors"
  return fileExists(file) ? file : nil
}
