import CKernels
import Testing

/// The gradients of a product over channels against plain loops.
@Suite struct PointwiseKernelTests {
  /// Pixels, channels out, channels in.
  static let sizes: [ProductTests.Size] = [
    .init(1, 1, 1), .init(130, 5, 3), .init(97, 180, 60), .init(500, 33, 127), .init(1201, 64, 32),
    .init(700, 300, 64), .init(530, 48, 256), .init(9, 1024, 48), .init(40, 400, 600),
  ]

  @Test("gradients of a product agree with plain loops and add to what is there", arguments: sizes)
  func gradients(_ size: ProductTests.Size) {
    let (P, inner, out) = (size.m, size.k, size.n)
    var numbers = Numbers()
    let (x, w, dy) = (
      numbers.array(P * inner), numbers.array(inner * out), numbers.array(P * out)
    )
    let (dwBefore, dbBefore) = (numbers.array(inner * out), numbers.array(out))
    var dx = [Double](repeating: 0, count: P * inner)
    var (dw, db) = (dwBefore.map { Double($0) }, dbBefore.map { Double($0) })
    for p in 0..<P {
      for o in 0..<out {
        let d = Double(dy[p * out + o])
        db[o] += d
        for i in 0..<inner {
          dx[p * inner + i] += d * Double(w[i * out + o])
          dw[i * out + o] += d * Double(x[p * inner + i])
        }
      }
    }
    for machine in Machine.all {
      var (gotX, gotW, gotB) = (unset(P * inner), dwBefore, dbBefore)
      var (aloneW, placedW, inPlace) = (dwBefore, dwBefore, x)
      let name = machine.testDescription
      machine.run { table in
        table.pointwise_grad(P, inner, out, x, w, dy, &gotX, 0, &gotW, &gotB)
        table.pointwise_grad(P, inner, out, x, w, dy, nil, 1, &aloneW, nil)
        inPlace.withUnsafeMutableBufferPointer {
          table.pointwise_grad(
            P, inner, out, $0.baseAddress, w, dy, $0.baseAddress, 0, &placedW, nil)
        }
      }
      expectClose(gotX, dx, 3e-6, "\(name): dx")
      expectClose(gotW, dw, 3e-6, "\(name): dw")
      expectClose(gotB, db, 3e-6, "\(name): dbias")
      expectClose(
        aloneW, zip(dw, dwBefore).map { $0 - Double($1) }, 3e-6, "\(name): dw alone, not added")
      #expect(inPlace == gotX && placedW == gotW, "\(name): dx in the place of x")
    }
  }
}
