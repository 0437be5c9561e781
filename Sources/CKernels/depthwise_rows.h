// Depthwise 3x3 convolutions a row at a time.
//
// Cost: 18 flops a value; memory-bound outside the caches.
// Measured, one thread of an AMD EPYC (Zen 5), forward and gate: 66-84 GFLOP/s with AVX-512, 52-75 with
// AVX2, 34-43 portable.

enum { X_BLOCK = 4 };  // pixels of a row that share their loads

// Three rows of a map under each other.
typedef struct {
  const float *row[3];
  long W, ld;           // pixels of a row, floats between pixels
  const float *beside;  // the zeros that stand before and after the rows; NULL: the rows have them
} row_window;

// Adds the three taps of each row, from pixel x - 1 on, into `count` pixels' channels c on; w is [9][stride].
INLINE void depthwise_taps(const int count, const row_window *v, long x, long c, const float *w,
                           long stride, vec *sum, const long n) {
  int first = v->beside && x == 0, last = v->beside && x + count == v->W;
  UNROLL for (int i = 0; i < 3; i++) {
    vec left = load(w + i * 3 * stride, n), middle = load(w + (i * 3 + 1) * stride, n);
    vec right = load(w + (i * 3 + 2) * stride, n);
    const float *p = v->row[i] + (x - 1) * v->ld;
    UNROLL for (int j = 0; j < count + 2; j++) {
      const float *pixel = (j == 0 && first) || (j > count && last) ? v->beside : p + j * v->ld;
      vec value = load(pixel + c, n);
      if (j < count) sum[j] += value * left;
      if (j >= 1 && j - 1 < count) sum[j - 1] += value * middle;
      if (j >= 2) sum[j - 2] += value * right;
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

INLINE void depthwise_pixels(const int count, long C, const row_window *v, long x, const float *w,
                             const float *bias, float *y, long ldy) {
  CHANNELS(C, {
    vec sum[X_BLOCK], b = bias ? load(bias + c, n) : (vec){};
    UNROLL for (int j = 0; j < count; j++) sum[j] = b;
    depthwise_taps(count, v, x, c, w + c, C, sum, n);
    UNROLL for (int j = 0; j < count; j++) store(y + (x + j) * ldy + c, sum[j], n);
  })
}
// y[x] = bias + the nine taps, for one row of C channels.
static void depthwise_row(long C, const row_window *v, const float *w, const float *bias, float *y,
                          long ldy) {
#define PIXELS(count, x) depthwise_pixels(count, C, v, x, w, bias, y, ldy)
  ALONG_ROW(v->W, PIXELS)
#undef PIXELS
}

// Both halves of `count` pixels, before the gate; C channels after it.
INLINE void depthwise_halves(const int count, long C, const row_window *v, long x, long c,
                             const float *w, const float *bias, vec *first, vec *second, const long n) {
  vec b1 = bias ? load(bias + c, n) : (vec){}, b2 = bias ? load(bias + C + c, n) : (vec){};
  UNROLL for (int j = 0; j < count; j++) first[j] = b1, second[j] = b2;
  depthwise_taps(count, v, x, c, w + c, 2 * C, first, n);
  depthwise_taps(count, v, x, C + c, w + C + c, 2 * C, second, n);
}

// gelu: the first half goes through GELU before it gates, as in Restormer; in NAFNet as it is.
INLINE void depthwise_gate_pixels(const int count, const int gelu, long C, const row_window *v, long x,
                                  const float *w, const float *bias, float *y, long ldy, float *sum) {
  CHANNELS(C, {
    vec first[X_BLOCK], second[X_BLOCK], total = sum ? load(sum + c, n) : (vec){};
    depthwise_halves(count, C, v, x, c, w, bias, first, second, n);
    UNROLL for (int j = 0; j < count; j++) {
      vec density, open = gelu ? first[j] * normal_below(first[j], &density) : first[j];
      vec gated = open * second[j];
      total += gated;
      store(y + (x + j) * ldy + c, gated, n);
    }
    if (sum) store(sum + c, total, n);
  })
}
// y[x, C] = product of the halves of the convolution's 2C channels; sum[C] += y unless NULL.
static void depthwise_gate_row(long C, const row_window *v, const float *w, const float *bias, float *y,
                               long ldy, float *sum) {
#define PIXELS(count, x) depthwise_gate_pixels(count, 0, C, v, x, w, bias, y, ldy, sum)
  ALONG_ROW(v->W, PIXELS)
#undef PIXELS
}
// The same with GELU, without the sum.
static void depthwise_gelu_gate_row(long C, const row_window *v, const float *w, const float *bias,
                                    float *y, long ldy) {
#define PIXELS(count, x) depthwise_gate_pixels(count, 1, C, v, x, w, bias, y, ldy, NULL)
  ALONG_ROW(v->W, PIXELS)
#undef PIXELS
}

INLINE void depthwise_gate_grad_pixels(const int count, const int gelu, long C, const row_window *v,
                                       long x, const float *w, const float *bias, const float *dy,
                                       long ldy, float *dt, long ldt, float *dbias) {
  CHANNELS(C, {
    vec first[X_BLOCK], second[X_BLOCK], s1 = load(dbias + c, n), s2 = load(dbias + C + c, n);
    depthwise_halves(count, C, v, x, c, w, bias, first, second, n);
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
static void depthwise_gate_grad_row(long C, const row_window *v, const float *w, const float *bias,
                                    const float *dy, long ldy, float *dt, long ldt, float *dbias) {
#define PIXELS(count, x) \
  depthwise_gate_grad_pixels(count, 0, C, v, x, w, bias, dy, ldy, dt, ldt, dbias)
  ALONG_ROW(v->W, PIXELS)
#undef PIXELS
}
static void depthwise_gelu_gate_grad_row(long C, const row_window *v, const float *w, const float *bias,
                                         const float *dy, long ldy, float *dt, long ldt, float *dbias) {
#define PIXELS(count, x) \
  depthwise_gate_grad_pixels(count, 1, C, v, x, w, bias, dy, ldy, dt, ldt, dbias)
  ALONG_ROW(v->W, PIXELS)
#undef PIXELS
}

// One pixel's share of the nine taps' gradients: `right` is the column after it, `seen` the two before that.
INLINE void depthwise_weight_pixel(const float *const right[3], vec g, vec seen[3][2], vec *sum, const long n) {
  UNROLL for (int i = 0; i < 3; i++) {
    vec next = load(right[i], n);
    sum[i * 3] += seen[i][0] * g;
    sum[i * 3 + 1] += seen[i][1] * g;
    sum[i * 3 + 2] += next * g;
    seen[i][0] = seen[i][1];
    seen[i][1] = next;
  }
}
// dw[9][C] += sum over x of row(x + tap) * d(x); the columns of three rows slide through registers.
static void depthwise_weight_row(long C, const row_window *v, const float *d, long ldd, float *dw) {
  long W = v->W, ld = v->ld;
  CHANNELS(C, {
    vec sum[9], seen[3][2];
    const float *right[3];
    UNROLL for (int t = 0; t < 9; t++) sum[t] = load(dw + t * C + c, n);
    UNROLL for (int i = 0; i < 3; i++) {
      seen[i][0] = load((v->beside ? v->beside : v->row[i] - ld) + c, n);
      seen[i][1] = load(v->row[i] + c, n);
    }
    for (long x = 0; x + 1 < W; x++) {
      UNROLL for (int i = 0; i < 3; i++) right[i] = v->row[i] + (x + 1) * ld + c;
      depthwise_weight_pixel(right, load(d + x * ldd + c, n), seen, sum, n);
    }
    UNROLL for (int i = 0; i < 3; i++) right[i] = (v->beside ? v->beside : v->row[i] + W * ld) + c;
    depthwise_weight_pixel(right, load(d + (W - 1) * ldd + c, n), seen, sum, n);
    UNROLL for (int t = 0; t < 9; t++) store(dw + t * C + c, sum[t], n);
  })
}
