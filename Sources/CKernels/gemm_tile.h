// The micro-kernels of all products: a tile of ROWS x 2 vectors stays in registers.
//
// Cost: 2 flops a multiply-add; per step of k a tile loads 2 vectors and ROWS scalars.
// Measured, one thread of an AMD EPYC (Zen 5): 270-280 GFLOP/s with AVX-512, 135 with AVX2, 25-45
// portable (multiply and add apart), operands in the second-level cache.

enum { PANEL = 2 * LANES };

// c[rows, width] = bias + addend + a[rows, k] * panel[k, width]; the panel's lines are `vectors`
// vectors, zeros beyond width.
INLINE void tile_nn(const int rows, const int vectors, long k, const float *a, long lda,
                    const float *panel, const float *bias, const float *addend, long ld_addend, float *c,
                    long ldc, long width) {
  const int whole = width == vectors * LANES;
  vec sum[ROWS][2];
  UNROLL for (int j = 0; j < vectors; j++) {
    long n = whole ? LANES : smaller(LANES, width - j * LANES);
    vec b = bias ? load(bias + j * LANES, n) : (vec){};
    UNROLL for (int i = 0; i < rows; i++) sum[i][j] = b;
  }
  if (addend) {
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
      long n = whole ? LANES : smaller(LANES, width - j * LANES);
      sum[i][j] += load(addend + i * ld_addend + j * LANES, n);
    }
  }
  const float *a0 = a, *a3 = a0 + 3 * lda, *a6 = a0 + 6 * lda, *a9 = a0 + 9 * lda;
  // Unrolled, the scheduler hoists the next step's broadcasts and spills them.
#pragma clang loop unroll(disable)
  for (long q = 0; q < k; q++) {
    vec b[2];
    UNROLL for (int j = 0; j < vectors; j++) b[j] = load_all(panel + j * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      const float *p = (i < 3 ? a0 : i < 6 ? a3 : i < 9 ? a6 : a9) + (i % 3) * lda;
      vec x = splat(*p);
      UNROLL for (int j = 0; j < vectors; j++) sum[i][j] += x * b[j];
    }
    a0++, a3++, a6++, a9++;
    panel += vectors * LANES;
  }
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
    long n = whole ? LANES : smaller(LANES, width - j * LANES);
    store(c + i * ldc + j * LANES, sum[i][j], n);
  }
}

// c[rows, width] += sum over lines l and p of a[l, p, rows]^T * d[l, p, width]; a line is `points`
// long.  d is read in whole vectors.  If fresh, c is overwritten.
INLINE void tile_tn(const int rows, const int vectors, long lines, long points, const float *a,
                    long lda, long line_a, const float *d, long ldd, long line_d, float *c, long ldc,
                    long width, int fresh) {
  const int whole = width == vectors * LANES;
  vec sum[ROWS][2];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
    long n = whole ? LANES : smaller(LANES, width - j * LANES);
    sum[i][j] = fresh ? (vec){} : load(c + i * ldc + j * LANES, n);
  }
  for (long l = 0; l < lines; l++) {
    const float *al = a + l * line_a, *dl = d + l * line_d;
#pragma clang loop unroll(disable)
    for (long p = 0; p < points; p++) {
      vec b[2];
      UNROLL for (int j = 0; j < vectors; j++) b[j] = load_all(dl + j * LANES);
      UNROLL for (int i = 0; i < rows; i++) {
        vec x = splat(al[i]);
        UNROLL for (int j = 0; j < vectors; j++) sum[i][j] += x * b[j];
      }
      al += lda;
      dl += ldd;
    }
  }
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
    store(c + i * ldc + j * LANES, sum[i][j], whole ? LANES : smaller(LANES, width - j * LANES));
  }
}

#define TILES(R)                                                                                  \
  static __attribute__((noinline)) void nn1_##R(                                                  \
      long k, const float *a, long lda, const float *panel, const float *bias, const float *addend,\
      long ld_addend, float *c, long ldc, long width) {                                           \
    tile_nn(R, 1, k, a, lda, panel, bias, addend, ld_addend, c, ldc, width);                      \
  }                                                                                               \
  static __attribute__((noinline)) void nn2_##R(                                                  \
      long k, const float *a, long lda, const float *panel, const float *bias, const float *addend,\
      long ld_addend, float *c, long ldc, long width) {                                           \
    tile_nn(R, 2, k, a, lda, panel, bias, addend, ld_addend, c, ldc, width);                      \
  }                                                                                               \
  static __attribute__((noinline)) void tn1_##R(long lines, long points, const float *a, long lda, \
                                                long line_a, const float *d, long ldd,            \
                                                long line_d, float *c, long ldc, long width,      \
                                                int fresh) {                                      \
    tile_tn(R, 1, lines, points, a, lda, line_a, d, ldd, line_d, c, ldc, width, fresh);           \
  }                                                                                               \
  static __attribute__((noinline)) void tn2_##R(long lines, long points, const float *a, long lda, \
                                                long line_a, const float *d, long ldd,            \
                                                long line_d, float *c, long ldc, long width,      \
                                                int fresh) {                                      \
    tile_tn(R, 2, lines, points, a, lda, line_a, d, ldd, line_d, c, ldc, width, fresh);           \
  }
#if ROWS == 12
TILES(12)
TILES(8)
#else
TILES(6)
#endif
TILES(4)
TILES(2)
TILES(1)

typedef void (*nn_tile)(long k, const float *a, long lda, const float *panel, const float *bias,
                        const float *addend, long ld_addend, float *c, long ldc, long width);
typedef void (*tn_tile)(long lines, long points, const float *a, long lda, long line_a,
                        const float *d, long ldd, long line_d, float *c, long ldc, long width,
                        int fresh);
#define TILE_ROW(R) {R, {nn1_##R, nn2_##R}, {tn1_##R, tn2_##R}},
static const struct {
  int rows;
  nn_tile nn[2];
  tn_tile tn[2];
} tiles[] = {
#if ROWS == 12
    TILE_ROW(12) TILE_ROW(8)
#else
    TILE_ROW(6)
#endif
    TILE_ROW(4) TILE_ROW(2) TILE_ROW(1)};

// The tile to take when m rows are left.
INLINE int tile_for(long m) {
#if ROWS == 12
  if (m == 16) return 1;  // 8 + 8 beats 12 + 4
  return m >= 12 ? 0 : m >= 8 ? 1 : m >= 4 ? 2 : m >= 2 ? 3 : 4;
#else
  if (m == 8) return 1;  // 4 + 4 beats 6 + 2
  return m >= 6 ? 0 : m >= 4 ? 1 : m >= 2 ? 2 : 3;
#endif
}

// c[m, n] = a[m, k] * packed + bias + addend, for operands that fit the caches; packed by pack().
static void product(long m, long n, long k, const float *a, long lda, const float *packed,
                    const float *bias, const float *addend, long ld_addend, float *c, long ldc) {
  for (long j = 0; j < n; j += PANEL) {
    long width = smaller(PANEL, n - j);
    for (long i = 0; i < m;) {
      int t = tile_for(m - i);
      tiles[t].nn[width > LANES](k, a + i * lda, lda, packed + j * k, bias ? bias + j : NULL,
                                 addend ? addend + i * ld_addend + j : NULL, ld_addend, c + i * ldc + j,
                                 ldc, width);
      i += tiles[t].rows;
    }
  }
}

// c[m, n] += a[points, m]^T * d[points, n]; n a multiple of LANES.
static void product_tn(long m, long n, long points, const float *a, long lda, const float *d,
                       long ldd, float *c, long ldc) {
  for (long j = 0; j < n; j += PANEL) {
    long width = smaller(PANEL, n - j);
    int two = width > LANES;
    for (long i = 0; i < m;) {
      int t = tile_for(m - i);
      tiles[t].tn[two](1, points, a + i, lda, 0, d + j, ldd, 0, c + i * ldc + j, ldc, width,
                       0);
      i += tiles[t].rows;
    }
  }
}
