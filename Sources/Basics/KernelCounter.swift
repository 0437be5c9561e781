/// A number that the kernel tells of in a file of /proc or /sys, such as `VmRSS:` in `/proc/self/status`.
///
/// - Returns: The number behind the first line's start that is `name`, in the file's unit; nil where there is none.
package func kernelCounter(_ name: String, in file: String) -> Int? {
  kernelText(file)?.split(separator: "\n").first { $0.hasPrefix(name) }?
    .split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
}

/// What the kernel tells in a file; nil where there is none.
package func kernelText(_ file: String) -> String? {
  (try? readFile(file)).map { String(decoding: $0, as: UTF8.self) }
}
