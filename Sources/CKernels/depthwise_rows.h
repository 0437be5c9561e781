// Depthwise 3x3 convolutions a row at a time, over rows that have a readable pixel before and after.
//
// Cost: 18 flops a value; memory-bound outside the caches.
// Measured, one thread of an AMD EPYC (Zen 5), forward and gate: 66-84 GFLOP/s with AVX-512, 52-75 with
// AVX2, 34-43 portable.

enum { X_BLOCK = 4 };  // pixels of a row that share their loads

// Adds the three taps of each of three rows into `count` pixels; w is [9][stride].
INLINE void depthwise_taps(const int count, const float *const row[3], long ld, const float *w,
                           long stride, vec *sum, const long n) {
  UNROLL for (int i = 0; i < 3; i++) {
    vec left = load(w + i * 3 * stride, n), middle = load(w + (i * 3 + 1) * stride, n);
    vec right = load(w + (i * 3 + 2) * stride, n);
    const float *p = row[i] - ld;
    UNROLL for (int j = 0; j < count + 2; j++) {
      vec v = load(p + j * ld, n);
      if (j < count) sum[j] += v * left;
      if (j >= 1 && j - 1 < count) sum[j - 1] += v * middle;
      if (j >= 2) sum[j - 2] += v * right;
    }
  }
}

// Runs `KERNEL(count, x)` over a row: X_BLOCK pixels at a time, then one by one.
#define ALONG_ROW(W, KERNEL)                          \
  {                                                   \
    long x = 0;                                       \
    for (; x + X_BLOCK <= (W); x += X_BLOCK) KERNEL(X_BLOCK, x); \
    for (; x < (W); x++) KERNEL(1, x);                \
  }

INLINE void depthwise_pixels(const int count, long C, const float *const row[3], long x, long ld,
                             const float *w, const float *bias, float *y, long ldy) {
  CHANNELS(C, {
    const float *at[3] = {row[0] + x * ld + c, row[1] + x * ld + c, row[2] + x * ld + c};
    vec sum[X_BLOCK], b = bias ? load(bias + c, n) : (vec){};
    UNROLL for (int j = 0; j < count; j++) sum[j] = b;
    depthwise_taps(count, at, ld, w + c, C, sum, n);
    UNROLL for (int j = 0; j < count; j++) store(y + (x + j) * ldy + c, sum[j], n);
  })
}
// y[x] = bias + the nine taps, for one row of C channels.
static void depthwise_row(long W, long C, const float *const row[3], long ld, const float *w,
                          const float *bias, float *y, long ldy) {
#define PIXELS(count, x) depthwise_pixels(count, C, row, x, ld, w, bias, y, ldy)
  ALONG_ROW(W, PIXELS)
#undef PIXELS
}

// Both halves of `count` pixels, before the gate; C channels after it.
INLINE void depthwise_halves(const int count, long C, const float *const row[3], long x, long c,
                             long ld, const float *w, const float *bias, vec *first, vec *second,
                             const long n) {
  const float *one[3] = {row[0] + x * ld + c, row[1] + x * ld + c, row[2] + x * ld + c};
  const float *two[3] = {one[0] + C, one[1] + C, one[2] + C};
  vec b1 = bias ? load(bias + c, n) : (vec){}, b2 = bias ? load(bias + C + c, n) : (vec){};
  UNROLL for (int j = 0; j < count; j++) first[j] = b1, second[j] = b2;
  depthwise_taps(count, one, ld, w + c, 2 * C, first, n);
  depthwise_taps(count, two, ld, w + C + c, 2 * C, second, n);
}

// gelu: the first half goes through GELU before it gates, as in Restormer; in NAFNet as it is.
INLINE void depthwise_gate_pixels(const int count, const int gelu, long C, const float *const row[3], long x, long ld,
                                  const float *w, const float *bias, float *y, long ldy, float *sum) {
  CHANNELS(C, {
    vec first[X_BLOCK], second[X_BLOCK], total = sum ? load(sum + c, n) : (vec){};
    depthwise_halves(count, C, row, x, c, ld, w, bias, first, second, n);
    UNROLL for (int j = 0; j < count; j++) {
      vec density, open = gelu ? first[j] * normal_below(first[j], &density) : first[j];
      vec v = open * second[j];
      total += v;
      store(y + (x + j) * ldy + c, v, n);
    }
    if (sum) store(sum + c, total, n);
  })
}
// y[x, C] = product of the halves of the convolution's 2C channels; sum[C] += y unless NULL.
static void depthwise_gate_row(long W, long C, const float *const row[3], long ld, const float *w,
                               const float *bias, float *y, long ldy, float *sum) {
#define PIXELS(count, x) depthwise_gate_pixels(count, 0, C, row, x, ld, w, bias, y, ldy, sum)
  ALONG_ROW(W, PIXELS)
#undef PIXELS
}
// The same with GELU, without the sum.
static void depthwise_gelu_gate_row(long W, long C, const float *const row[3], long ld, const float *w,
                                    const float *bias, float *y, long ldy) {
#define PIXELS(count, x) depthwise_gate_pixels(count, 1, C, row, x, ld, w, bias, y, ldy, NULL)
  ALONG_ROW(W, PIXELS)
#undef PIXELS
}

INLINE void depthwise_gate_grad_pixels(const int count, const int gelu, long C, const float *const row[3], long x,
                                       long ld, const float *w, const float *bias, const float *dy,
                                       long ldy, float *dt, long ldt, float *dbias) {
  CHANNELS(C, {
    vec first[X_BLOCK], second[X_BLOCK], s1 = load(dbias + c, n), s2 = load(dbias + C + c, n);
    depthwise_halves(count, C, row, x, c, ld, w, bias, first, second, n);
    UNROLL for (int j = 0; j < count; j++) {
      vec d = load(dy + (x + j) * ldy + c, n), d1 = d * second[j], d2 = d * first[j];
      if (gelu) {
        vec density, below = normal_below(first[j], &density);
        d1 *= below + first[j] * density;
        d2 *= below;
      }
      store(dt + (x + j) * ldt + c, d1, n);
      store(dt + (x + j) * ldt + C + c, d2, n);
      s1 += d1;
      s2 += d2;
    }
    store(dbias + c, s1, n);
    store(dbias + C + c, s2, n);
  })
}
// Computes the convolution again and goes back through the gate: dt[x, 2C]; dbias[2C] += dt.
static void depthwise_gate_grad_row(long W, long C, const float *const row[3], long ld, const float *w,
                                    const float *bias, const float *dy, long ldy, float *dt, long ldt,
                                    float *dbias) {
#define PIXELS(count, x) \
  depthwise_gate_grad_pixels(count, 0, C, row, x, ld, w, bias, dy, ldy, dt, ldt, dbias)
  ALONG_ROW(W, PIXELS)
#undef PIXELS
}
static void depthwise_gelu_gate_grad_row(long W, long C, const float *const row[3], long ld, const float *w,
                                         const float *bias, const float *dy, long ldy, float *dt, long ldt,
                                         float *dbias) {
#define PIXELS(count, x) \
  depthwise_gate_grad_pixels(count, 1, C, row, x, ld, w, bias, dy, ldy, dt, ldt, dbias)
  ALONG_ROW(W, PIXELS)
#undef PIXELS
}

// dw[9][C] += sum over x of row(x + tap) * d(x); the columns of three rows slide through registers.
static void depthwise_weight_row(long W, long C, const float *const row[3], long ld, const float *d,
                                 long ldd, float *dw) {
  CHANNELS(C, {
    vec sum[9], seen[3][3];
    UNROLL for (int t = 0; t < 9; t++) sum[t] = load(dw + t * C + c, n);
    UNROLL for (int i = 0; i < 3; i++) {
      seen[i][0] = load(row[i] + c - ld, n);
      seen[i][1] = load(row[i] + c, n);
    }
    for (long x = 0; x < W; x++) {
      vec g = load(d + x * ldd + c, n);
      UNROLL for (int i = 0; i < 3; i++) {
        seen[i][2] = load(row[i] + (x + 1) * ld + c, n);
        UNROLL for (int j = 0; j < 3; j++) sum[i * 3 + j] += seen[i][j] * g;
        seen[i][0] = seen[i][1];
        seen[i][1] = seen[i][2];
      }
    }
    UNROLL for (int t = 0; t < 9; t++) store(dw + t * C + c, sum[t], n);
  })
}
