/// Runs a part of a network, and where its store asks for it (`recomputes`) keeps only the part's input for the
/// backward pass, which then runs it once more.
///
/// It trades time for memory: about a forward pass more an iteration, and the activations of one part
/// instead of all. Values and gradients are those of the plain run, since the same ops give the same bits.
/// - Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", arXiv 1604.06174.
///
/// - Parameter body: The part: one tensor in, one out, with no parameters but the store's.
public func recomputed(_ x: Tensor, in store: ParameterStore, _ body: @escaping (Tensor) -> Tensor)
  -> Tensor
{
  guard store.recomputes, !store.isFrozen, let node = x.node else { return body(x) }
  let input = x.detached
  return body(input).recorded(from: [x], training: [store.parameters.first]) { dy in
    let tape = Tape()
    let again = tape.input(input, wantsGradient: node.wantsGradient)
    tape.backward(from: body(again), gradient: dy)
    return [tape.gradient(of: again)]
  }
}
