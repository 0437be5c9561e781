/// The sizes that the networks are known by, in each form.
extension NetworkConfiguration {
  /// The NAFNet that DCPT pre-trains: width 64, and the blocks of NAFNet's own GoPro network.
  public static func officialNAFNet(_ form: NAFNet.Configuration.Form = .dcpt) -> Self {
    .nafnet(
      .init(
        width: 64, encoderBlocks: [1, 1, 1, 28], middleBlocks: 1, decoderBlocks: [1, 1, 1, 1],
        form: form))
  }

  /// The SwinIR of the published denoisers, whose sizes DCPT took over.
  public static func officialSwinIR(_ form: SwinIR.Configuration.Form = .dcpt) -> Self {
    .swinir(
      .init(
        dim: 180, depths: [6, 6, 6, 6, 6, 6], heads: [6, 6, 6, 6, 6, 6], imageSize: 128, form: form)
    )
  }

  /// The Restormer of all its published tasks; the LayerNorm is the form's usual one.
  public static func officialRestormer(_ form: Restormer.Configuration.Form = .dcpt) -> Self {
    .restormer(.init(form: form))
  }

  /// The only PromptIR there is.
  public static func officialPromptIR(_ form: PromptIR.Configuration.Form = .dcpt) -> Self {
    .promptir(.init(form: form))
  }
}
