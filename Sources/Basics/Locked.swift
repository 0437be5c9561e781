#if THREAD_SANITIZER
  import Glibc
#else
  import Synchronization
#endif

/// A value that one thread at a time may use: the standard library's mutex.
///
/// ThreadSanitizer cannot see inside that library, and would take a lock that is handed over between threads
/// which wait for none; for it (`make race`) the lock is the system's.
public struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  #if THREAD_SANITIZER
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    /// Creates a lock around a value.
    public init(_ initial: consuming sending Value) {
      pthread_mutex_init(lock, nil)
      value.initialize(to: initial)
    }

    deinit {
      pthread_mutex_destroy(lock)
      lock.deallocate()
      value.deinitialize(count: 1)
      value.deallocate()
    }

    /// Calls `body` with the value while no other thread has it.
    public borrowing func withLock<Result, E: Error>(
      _ body: (inout sending Value) throws(E) -> sending Result
    ) throws(E) -> sending Result {
      pthread_mutex_lock(lock)
      defer { pthread_mutex_unlock(lock) }
      return try body(&value.pointee)
    }
  #else
    private let mutex: Mutex<Value>

    /// Creates a lock around a value.
    public init(_ initial: consuming sending Value) { mutex = Mutex(initial) }

    /// Calls `body` with the value while no other thread has it.
    public borrowing func withLock<Result, E: Error>(
      _ body: (inout sending Value) throws(E) -> sending Result
    ) throws(E) -> sending Result {
      try mutex.withLock(body)
    }
  #endif
}
