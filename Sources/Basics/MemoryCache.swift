/// What a cache may hold.
package protocol Cacheable: Sendable {
  /// The memory that it takes, in bytes.
  var size: Int { get }
}

/// Decoded files and the like, by path or name, up to a limit of memory; the ones used longest ago go first.
package final class MemoryCache<Item: Cacheable>: Sendable {
  private struct State {
    var items: [String: (item: Item, lastUse: Int)] = [:]
    var size = 0
    var clock = 0
  }

  private let limit: Int
  private let state = Locked(State())

  /// Creates a cache of `limit` bytes; what takes a quarter of that or more is not kept.
  package init(limit: Int) { self.limit = limit }

  /// What is kept under a name; nil when nothing is.
  package subscript(path: String) -> Item? {
    get {
      state.withLock { state in
        state.clock += 1
        state.items[path]?.lastUse = state.clock
        return state.items[path]?.item
      }
    }
    set {
      guard let newValue, newValue.size < limit / 4 else { return }
      state.withLock { state in
        guard state.items[path] == nil else { return }
        state.clock += 1
        state.items[path] = (newValue, state.clock)
        state.size += newValue.size
        while state.size > limit,
          let oldest = state.items.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
          state.items[oldest.key] = nil
          state.size -= oldest.value.item.size
        }
      }
    }
  }
}
