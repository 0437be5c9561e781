import Basics
import TestSupport
import Testing

/// The built `dcpt-train info`.
@Suite struct InfoCommandTests {
  private func json(_ arguments: [String]) throws -> JSON {
    let result = try Program.train.run(["info", "--json"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.output.utf8, place: "info")
  }

  @Test("a table says parameters, work and memory of an official network") func table() throws {
    let result = try Program.train.run(["info", "--network", "NAFNet", "--stage", "pretrain"])
    #expect(result.status == 0, "\(result.errors)")
    let rows = result.output.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(rows.first == ["NAFNet,", "form", "dcpt"])
    #expect(rows.contains(["parameters", "67,888,835", "49,290,505"]))
    #expect(rows.contains(["multiply-adds", "of", "128x128", "15.8", "G", "23.3", "G"]))
    #expect(rows.contains(["1", "of", "128x128", "16", "of", "128x128"]))
    #expect(rows.contains(["running", "averages", "0", "B"]))
    #expect(rows.contains { $0.first == "total" && $0.count == 5 && $0.last == "GiB" })
  }

  @Test("programs get whole numbers, which add up") func numbers() throws {
    let facts = try json([
      "--network", "restormer", "--form", "published", "--batch-size", "2", "--patch", "64",
      "--width", "100", "--height", "60", "--threads", "2",
    ])
    #expect(facts["network"]?["form"] == "published")
    #expect(facts["parameters"]?["network"] == 26_126_644)
    #expect(facts["forward"]?["width"] == 104 && facts["forward"]?["height"] == 64)
    let training = try #require(facts["training"])
    #expect(training["batch_size"] == 2 && training["gt_size"] == 64)
    #expect(training["memory_bound"] == .null)
    let memory = try #require(training["memory"]?.object).map { ($0.key, $0.value.integer ?? 0) }
    #expect(memory.last?.0 == "total")
    #expect(memory.dropLast().reduce(0) { $0 + $1.1 } == memory.last?.1)
    #expect(memory.first?.1 == memory[1].1 && 2 * memory[1].1 == memory[2].1)
  }

  @Test("auto answers with a batch that fits, of a recipe too") func automatic() throws {
    let recipe = Program.repository + "/manifests/demo-pretrain.yaml"
    let facts = try json(["--recipe", recipe, "--batch-size", "auto", "--memory", "1GiB"])
    let batch = try #require(facts["training"]?["batch_size"]?.integer)
    func total(_ facts: JSON) -> Int { facts["training"]?["memory"]?["total"]?.integer ?? 0 }
    #expect(batch > 1 && total(facts) <= 1 << 30)
    #expect(facts["training"]?["memory_bound"] == .integer(1 << 30))
    let more = try json(["--recipe", recipe, "--batch-size", "\(batch + 1)"])
    #expect(total(more) > 1 << 30)
    let text = try Program.train.run(
      ["info", "--recipe", recipe, "--batch-size", "auto", "--memory", "1GiB"])
    #expect(text.output.contains("The batch of \(batch) is the largest that fits into 1.00 GiB."))
  }

  @Test(
    "wrong usage ends with 64",
    arguments: [
      [], ["--network", "nafnet", "--recipe", "r.yaml"], ["--recipe", "r.yaml", "--form", "dcpt"],
      ["--network", "nafnet", "--batch-size", "many"], ["--network", "nafnet", "--memory", "8GB"],
      ["--network", "nafnet", "--classes", "1"], ["--network", "nafnet", "--width", "0"],
      ["--network", "nafnet", "--threads", "0"],
    ])
  func usage(arguments: [String]) throws {
    #expect(try Program.train.run(["info"] + arguments).status == 64)
  }

  @Test(
    "what does not fit is named in a line, with what would",
    arguments: [
      (["--network", "nafnett"], "--network: 'nafnett' is no network\n  did you mean 'nafnet'?\n"),
      (
        ["--network", "swinir", "--form", "dcpt_origin"],
        "--form: 'dcpt_origin' is no form of swinir\n  valid names: dcpt, published\n"
      ),
      (
        ["--network", "nafnet", "--patch", "100"],
        "command line: 'datasets.train.gt_size' is 100, not a multiple of the network's 16\n  give 112\n"
      ),
      (
        ["--network", "nafnet", "--batch-size", "0"],
        "command line: 'datasets.train.batch_size' is 0, not a whole number from 1 to 4096 or auto\n"
      ),
      (
        ["--network", "nafnet", "--stage", "pretrian"],
        "command line: 'stage' is \"pretrian\", not one of pretrain, finetune\n  did you mean 'pretrain'?\n"
      ),
    ])
  func problems(arguments: [String], message: String) throws {
    let result = try Program.train.run(["info"] + arguments)
    #expect(result.status == 1)
    #expect(result.errors == message)
    #expect(result.output.isEmpty)
  }

  @Test("where no batch fits, the least that would be needed is said") func nothingFits() throws {
    let result = try Program.train.run(
      ["info", "--network", "swinir", "--batch-size", "auto", "--memory", "1GiB"])
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("batch_size: auto finds none: a batch of 1 takes "))
    #expect(result.errors.contains("1.00 GiB may be taken\n  give more --memory"))
  }
}
