import Glibc
import Synchronization

/// The wish of SIGINT or SIGTERM that long work end: it leaves things whole first, and then ends.
///
/// A second signal ends the process at once.
public enum StopSignal {
  private static let received = Atomic<Int32>(0)

  /// Catches SIGINT and SIGTERM from now on.
  public static func watch() {
    received.store(0, ordering: .relaxed)
    var wanted = sigset_t()
    sigemptyset(&wanted)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { StopSignal.note($0) }
      // The handler is gone after the first signal, so that a second one ends the process.
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
      sigaddset(&wanted, number)
    }
    // A program that starts this one from a worker thread hands its blocked signals down.
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
  }

  /// The signal that came, if one did.
  public static var number: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  private static func note(_ number: Int32) { received.store(number, ordering: .relaxed) }
}
