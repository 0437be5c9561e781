import Glibc

/// The memory that this process may still take.
public enum FreeMemory {
  /// Bytes: what the machine has free, and no more than its control groups and address space let it have.
  ///
  /// Where nothing is known, as outside of Linux, there is no bound (`Int.max`).
  public static var bytes: Int { min(ofMachine, ofGroups, ofAddressSpace) }

  /// What the kernel says can be had without swapping.
  static var ofMachine: Int {
    kernelCounter("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 } ?? .max
  }

  /// What is left of the limits of the process's memory group and of those around it, of either version.
  static var ofGroups: Int {
    guard let text = kernelText("/proc/self/cgroup") else { return .max }
    return text.split(separator: "\n").map { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return Int.max }
      let isUnified = parts[1].isEmpty
      guard isUnified || parts[1].split(separator: ",").contains("memory") else { return Int.max }
      return ofGroup(String(parts[2]), isUnified)
    }.min() ?? .max
  }

  private static func ofGroup(_ path: String, _ isUnified: Bool) -> Int {
    let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
    let names =
      isUnified
      ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
    var (left, folder) = (Int.max, path)
    while true {
      let place = root + (folder == "/" ? "" : folder) + "/"
      if let limit = number(place + names.0), let used = number(place + names.1) {
        // Pages of files that nobody has used lately are given back where memory is wanted.
        let spare = kernelCounter("inactive_file", in: place + "memory.stat") ?? 0
        left = min(left, max(0, limit - used + spare))
      }
      guard folder.count > 1, let slash = folder.lastIndex(of: "/") else { return left }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
  }

  /// What is left of `ulimit -v`.
  static var ofAddressSpace: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int.max)
    else { return .max }
    let used = kernelCounter("VmSize:", in: "/proc/self/status").map { $0 << 10 } ?? 0
    return max(0, Int(limit.rlim_cur) - used)
  }

  private static func number(_ file: String) -> Int? {
    kernelText(file).flatMap { Int($0.prefix { $0.isNumber }) }
  }
}
