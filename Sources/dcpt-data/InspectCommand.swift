import ArgumentParser
import Basics
import Records

/// Lists what a shard of any origin holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Lists the records of a shard, whoever wrote it, and names its damage.",
    discussion: """
      Reads any tar by WebDataset's rules, strictly: damage in its structure is named with its byte and
      ends the command with status 1, after the records that are complete before it. A manifest is not
      needed; what only checksums show is found by 'verify'.

      Examples:
        dcpt-data inspect runs/5d/shard-000000.tar
        dcpt-data inspect others/train-0042.tar --json
      """)

  @Argument(help: "The shard.") var shard: String
  @Flag(help: "Print JSON instead of text.") var json = false

  func run() throws {
    let file = try MappedFile(shard)
    let listing = ShardListing(file.bytes)
    print(json ? listing.json.pretty : listing.text, terminator: "")
    if let damage = listing.index.damage { throw damage.problem(shard) }
  }
}
