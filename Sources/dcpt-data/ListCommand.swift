import ArgumentParser
import Basics
import Degradations

/// Shows what degradations there are.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Shows all degradations with their parameters, ranges, units and sources.",
    discussion: """
      Examples:
        dcpt-data list
        dcpt-data list motion-blur
        dcpt-data list --json
      """)

  @Argument(help: "Degradations to show in full; all, in short, when none is given.")
  var names: [String] = []
  @Flag(help: "Print JSON instead of text.") var json = false

  func run() throws {
    let types =
      names.isEmpty
      ? DegradationCatalog.all : try names.map { try DegradationCatalog.type(named: $0) }
    if json {
      print(JSON.array(types.map(ListCommand.json)).pretty, terminator: "")
    } else if names.isEmpty {
      for type in types { print(ListCommand.line(type)) }
      print("\ndcpt-data list NAME shows a degradation's parameters.")
    } else {
      print(types.map(ListCommand.page).joined(separator: "\n\n"))
    }
  }

  private static func line(_ type: any Degradation.Type) -> String {
    alignedLeft(type.name, 19) + alignedLeft(type.stage.name, 14) + type.notes.severity
  }

  private static func page(_ type: any Degradation.Type) -> String {
    let notes = type.notes
    let head = [
      "\(type.name) (\(type.stage.name))", "  \(notes.summary)", "  severity: \(notes.severity)",
      "  source: \(notes.source)",
    ]
    func width(_ column: (DegradationNotes.Parameter) -> String) -> Int {
      (notes.parameters.map { column($0).count }.max() ?? 0) + 2
    }
    let widths = (width(\.name), width(\.range), width(\.unit))
    return
      (head
      + notes.parameters.map {
        "  " + alignedLeft($0.name, widths.0) + alignedLeft($0.range, widths.1)
          + alignedLeft($0.unit, widths.2)
          + $0.meaning
      }).joined(separator: "\n")
  }

  private static func json(_ type: any Degradation.Type) -> JSON {
    let notes = type.notes
    return [
      "name": .string(type.name), "stage": .string(type.stage.name),
      "summary": .string(notes.summary), "severity": .string(notes.severity),
      "source": .string(notes.source),
      "parameters": .array(
        notes.parameters.map {
          [
            "name": .string($0.name), "unit": .string($0.unit), "range": .string($0.range),
            "meaning": .string($0.meaning),
          ]
        }),
    ]
  }
}
