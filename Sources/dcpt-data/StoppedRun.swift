import ArgumentParser
import Basics
import Glibc

/// The end of a run by a signal: says on standard error what is kept, and has the signal's exit status.
func stoppedRun(keepingShardsIn folder: String) -> ExitCode {
  standardError("\nstopped: finished shards are kept in \(folder); the same command goes on\n")
  return ExitCode(128 + (StopSignal.number ?? SIGINT))
}
