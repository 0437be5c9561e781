// Panels: a matrix [k, n] as blocks of PANEL columns, each block line after line, so that a tile
// reads it front to back.  The last panel is one or two vectors wide, zeros beyond n.
//
// Cost: no flops, one read and one write of the matrix.

enum { AHEAD = 16 };  // lines: packing strides too far for the hardware to fetch ahead

// Floats of a packed [k, n].
INLINE long packed_size(long k, long n) { return k * round_up(n, LANES); }
INLINE long panel_width(long n, long j) { return n - j > LANES ? PANEL : LANES; }

// out[16 lines][ld] = in[16 lines][ld]^T, sixteen by sixteen.
static void transpose16(const float *in, long ld_in, float *out, long ld_out) {
#if LANES == 16
  vec r[16], t[16];
  UNROLL for (int i = 0; i < 16; i++) r[i] = load_all(in + i * ld_in);
  UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28,
                                   13, 29);
    t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27,
                                       14, 30, 15, 31);
  }
  UNROLL for (int i = 0; i < 16; i += 4) UNROLL for (int h = 0; h < 2; h++) {
    r[i + 2 * h] = __builtin_shufflevector(t[i + h], t[i + 2 + h], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9,
                                           24, 25, 12, 13, 28, 29);
    r[i + 2 * h + 1] = __builtin_shufflevector(t[i + h], t[i + 2 + h], 2, 3, 18, 19, 6, 7, 22, 23, 10,
                                               11, 26, 27, 14, 15, 30, 31);
  }
  // Lanes 4g ..< 4g+4 of r[4q + i] now hold column 4g + i of rows 4q ..< 4q+4.
  UNROLL for (int i = 0; i < 4; i++) {
    vec low01 = __builtin_shufflevector(r[i], r[4 + i], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24,
                                        25, 26, 27);
    vec high01 = __builtin_shufflevector(r[i], r[4 + i], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15,
                                         28, 29, 30, 31);
    vec low23 = __builtin_shufflevector(r[8 + i], r[12 + i], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11,
                                        24, 25, 26, 27);
    vec high23 = __builtin_shufflevector(r[8 + i], r[12 + i], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14,
                                         15, 28, 29, 30, 31);
#define HALVES(a, b, k) __builtin_shufflevector(a, b, k, k + 1, k + 2, k + 3, k + 4, k + 5, k + 6, k + 7, \
                          k + 16, k + 17, k + 18, k + 19, k + 20, k + 21, k + 22, k + 23)
    store_all(out + i * ld_out, HALVES(low01, low23, 0));
    store_all(out + (4 + i) * ld_out, HALVES(high01, high23, 0));
    store_all(out + (8 + i) * ld_out, HALVES(low01, low23, 8));
    store_all(out + (12 + i) * ld_out, HALVES(high01, high23, 8));
#undef HALVES
  }
#else
  for (int i = 0; i < 16; i++)
    for (int j = 0; j < 16; j++) out[j * ld_out + i] = in[i * ld_in + j];
#endif
}

// One panel, `wide` columns of which `width` exist: out[k][wide] = b[k][width].
static void pack_panel(long k, long width, long wide, const float *b, long ldb, float *out) {
  for (long i = 0; i < k; i++, out += wide, b += ldb) {
    UNROLL for (long j = 0; j < PANEL; j += 16) __builtin_prefetch(b + AHEAD * ldb + j);
    for (long j = 0; j < wide; j += LANES) {
      store_all(out + j, load(b + j, larger(0, smaller(LANES, width - j))));
    }
  }
}

// The same from the transpose: out[k][wide] = b[width][k]^T.
static void pack_panel_transposed(long k, long width, long wide, const float *b, long ldb,
                                  float *out) {
  long k16 = wide % 16 == 0 && width == wide ? k / 16 * 16 : 0;
  for (long j = 0; j < wide; j += 16) {
    for (long i = 0; i < k16; i += 16) transpose16(b + j * ldb + i, ldb, out + i * wide + j, wide);
  }
  for (long i = k16; i < k; i++)
    for (long j = 0; j < wide; j++) out[i * wide + j] = j < width ? b[j * ldb + i] : 0;
}

// All panels; b is [k, n], or [n, k] if transposed.
static void pack(int transposed, long k, long n, const float *b, long ldb, float *out) {
  for (long j = 0; j < n; j += PANEL) {
    long width = smaller(PANEL, n - j), wide = panel_width(n, j);
    if (transposed) pack_panel_transposed(k, width, wide, b + j * ldb, ldb, out + j * k);
    else pack_panel(k, width, wide, b + j, ldb, out + j * k);
  }
}
