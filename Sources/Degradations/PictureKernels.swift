import CPixels

/// What the picture kernels run on.
public enum PictureKernels {
  /// The instruction set in use: "portable", "avx2" or "avx512"; the results are the same bits.
  public static var instructionSet: String { String(cString: dp_isa_name(dp_isa_used())) }
}
