import ArgumentParser
import Basics
import Glibc

/// The end of a run by a signal: says on standard error what is kept, and has the signal's exit status.
func stoppedRun(_ kept: String) -> ExitCode {
  standardError("\nstopped: \(kept); the same command goes on\n")
  return ExitCode(128 + (StopSignal.number ?? SIGINT))
}

/// The end of a run that makes shards in a folder.
func stoppedRun(keepingShardsIn folder: String) -> ExitCode {
  stoppedRun("finished shards are kept in \(folder)")
}
