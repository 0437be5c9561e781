/// Capitals and digits as chains of straight lines, for writing with a round pen.
enum StrokeLetters {
  /// Each letter's chains of points; the height of a letter is 1, its width 2/3, y goes down.
  static let all: [[[SIMD2<Double>]]] = drawings.split(separator: "\n").map { letter in
    letter.split(separator: " ").map { chain in
      let digits = chain.utf8.map { Double($0) - 48 }
      return stride(from: 0, to: digits.count, by: 2).map {
        SIMD2(digits[$0], digits[$0 + 1]) / 6
      }
    }
  }

  /// From one letter to the next.
  static let advance = 0.95

  /// A line for each of A to Z and 0 to 9; a pair of digits is a point on a grid of 5 by 7.
  private static let drawings = """
    062046 1434
    06003041423303 3344453606
    4130100105163645
    06003041453606
    40000646 0333
    400006 0333
    41301001051636454323
    0006 4046 0343
    1030 2026 1636
    4045361605
    0006 400346
    000646
    0600234046
    06004640
    103041453616050110
    06003041423303
    103041453616050110 3446
    06003041423303 2346
    413010010213334445361605
    0040 2026
    000516364540
    002640
    0016223640
    0046 4006
    002340 2326
    00400646
    103041453616050110 4006
    112026 1636
    01103041420646
    01103041423313 334445361605
    36300444
    400003334445361605
    4130100105163645443303
    004016
    103041423313020110 1304051636454433
    051636454130100102133343
    """
}
