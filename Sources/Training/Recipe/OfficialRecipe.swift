import Basics
import Networks

extension TrainingRecipe {
  /// The recipe of a network at its official sizes, batches of 16 patches of 128x128, all else left at its default.
  ///
  /// - Parameters:
  ///   - name: Of the network as recipes have it (`type`), in any case.
  ///   - form: As recipes have it; nil for DCPT's.
  ///   - overrides: Values of flags by dotted path.
  /// - Throws: `Problem` for names that there are not, and for values that do not fit.
  public init(official name: String, form: String? = nil, overrides: [String: JSON] = [:])
    throws(Problem)
  {
    let sizes = try NetworkConfiguration(official: name, form: form)
    try self.init(
      parsing: """
        name: official
        stage: finetune
        network_g: \(sizes.json.compact)
        datasets: {train: {gt_size: 128, batch_size: 16}}
        train: {total_iter: 1}
        """, file: "--network \(name)", overrides: overrides)
  }
}

extension NetworkConfiguration {
  /// The official sizes of the network of that name, in that form.
  fileprivate init(official name: String, form: String?) throws(Problem) {
    switch try NetworkType(named: name) {
    case .nafnet: self = .officialNAFNet(try formNamed(form, of: name) ?? .dcpt)
    case .swinir: self = .officialSwinIR(try formNamed(form, of: name) ?? .dcpt)
    case .restormer: self = .officialRestormer(try formNamed(form, of: name) ?? .dcpt)
    case .promptir: self = .officialPromptIR(try formNamed(form, of: name) ?? .dcpt)
    }
  }
}

extension NetworkType {
  fileprivate init(named name: String) throws(Problem) {
    let found = NetworkType.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
    guard let found else {
      throw Problem(
        "--network", "'\(name)' is no network",
        fix: hint(
          for: name.lowercased(), among: NetworkType.allCases.map { $0.rawValue.lowercased() }))
    }
    self = found
  }
}

private func formNamed<Form: RawRepresentable & CaseIterable>(_ word: String?, of network: String)
  throws(Problem) -> Form? where Form.RawValue == String
{
  guard let word else { return nil }
  guard let form = Form(rawValue: word) else {
    throw Problem(
      "--form", "'\(word)' is no form of \(network)",
      fix: hint(for: word, among: Form.allCases.map(\.rawValue)))
  }
  return form
}
