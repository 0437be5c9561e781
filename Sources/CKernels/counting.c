// A table that computes nothing: it adds up the multiply-adds that the other tables would do, and how much
// scratch they would take.
//
// Pointers are never followed, so addresses without memory will do.  Multiply-adds are counted as publications
// count them, and for the way back as the kernels compute it, with what they compute again.  Scratch is the most
// that any instruction set takes; takers of less than a few KiB are covered by the smallest block of a thread.
#include "internal.h"
#include "blocking.h"

static _Thread_local dk_count counted;
dk_count *dk_counted(void) { return &counted; }

enum { WIDEST = 32 };  // panel: that of AVX-512

static long most(long a, long b) { return a > b ? a : b; }
static long least(long a, long b) { return a < b ? a : b; }
static long packed(long k, long n) { return k * ((n + 15) & ~15L); }
static long threads(void) { return most(1, counted.threads); }

static void take(long shared, long each) {
  counted.shared_scratch = most(counted.shared_scratch, shared);
  counted.thread_scratch = most(counted.thread_scratch, each);
}

size_t dk_counted_scratch_bytes(void) {
  size_t each = counted.thread_scratch * sizeof(float), shared = counted.shared_scratch * sizeof(float);
  if (each < dk_smallest_scratch) each = dk_smallest_scratch;
  return shared + each * threads();
}

// ---- products ----
static void gemm(int ta, int tb, long m, long n, long k, const float *a, long lda, const float *b, long ldb,
                 const float *bias, const float *addend, float *c, long ldc) {
  counted.products += m * n * k;
  if (!ta && has_few_rows(m, k * n)) take(m * (k + 16), K_BLOCK * WIDEST);
  else if (!ta) take(packed(k, n), M_BLOCK * (K_BLOCK + 16));
  else take((tb ? k * n : 0) + (m * n <= FEW_OUTPUTS ? threads() * m * n : 0), P_BLOCK * (WIDEST + m));
}

static void pointwise_grad(long P, long in, long out, const float *x, const float *w, const float *dy, float *dx, int fresh,
                           float *dw, float *dbias) {
  if (!takes_one_pass(P, in, out)) {
    if (dx) gemm(0, 1, P, in, out, dy, out, w, out, NULL, NULL, dx, in);
    return gemm(1, 0, in, out, P, x, in, dy, out, NULL, dw, dw, out);
  }
  counted.products += (dx ? 2 : 1) * P * in * out;
  long parts = 4 * threads();
  take(packed(out, in) + parts * (in + 1) * out, M_BLOCK * (in + out + 64));
}

// ---- convolutions ----
static void count_conv(long B, long H, long W, long in, long out) {
  counted.convolutions += 9 * B * H * W * in * out;
}
// Planes of so many quads and channels.
static long planes(long quads, long C) { return PLANES * (quads * (packed(1, C) + 16) + 16); }
static void conv(long B, long H, long W, long in, long out) {
  count_conv(B, H, W, in, out);
  if (is_thin(out)) {  // the taps' outputs stand beside each other in up to 48 columns
    long line = (W + 2) * 48;
    return take(packed(in, 9 * out), most(THIN_BAND, line) + 2 * line);
  }
  long group = plane_lines(in, out), quads = quad_count(B, H, W);
  long part = least(quads, quads / quad_parts(quads, in, group, threads()) + 24);
  take(PLANES * (packed(in, group) + 16),
       most(9 * TAP_DEPTH * WIDEST, most(in, group) + planes(part, in) + planes(part, group)));
}
static void conv3x3(long B, long H, long W, long in, long out, const float *x, const float *w, const float *bias, float *y) {
  conv(B, H, W, in, out);
}
static void conv3x3_grad_input(long B, long H, long W, long in, long out, const float *dy, const float *w, float *dx) {
  conv(B, H, W, out, in);
}
static void conv3x3_grad_weight(long B, long H, long W, long in, long out, const float *x, const float *dy, float *dw, float *dbias) {
  count_conv(B, H, W, in, out);
  if (is_thin(least(in, out))) {  // three taps of a row take twelve lines of sums
    long band = weight_band(H, W), wide = most(in, out);
    return take(3 * THIN_ROWS * wide * (threads() + 1), (band + 2) * (W + 2) * THIN + band * W * WIDEST);
  }
  int by_channels = splits_channels(in, out);
  long group = by_channels ? plane_lines(out, in) : in, each = by_channels ? group / threads() + 12 : in;
  long block = quad_block(quad_count(B, H, W), in, out);
  take((by_channels ? 1 : threads()) * PLANES * (group * out + 16),
       most(each, out) + planes(block, each) + planes(block, out));
}

// `passes` of a depthwise convolution of C channels, `rings` of four rows of them, and a part's sums.
static void taps(int passes, int rings, long B, long H, long W, long C) {
  counted.depthwise += passes * 9 * B * H * W * C;
  take(threads() * 10 * C + W * C + 9 * C, rings * 4 * (W + 2) * C + 10 * C);
}
static void depthwise3x3(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y) {
  taps(1, 0, B, H, W, C);
}
static void depthwise3x3_grad_input(long B, long H, long W, long C, const float *dy, const float *w, float *dx) {
  taps(1, 0, B, H, W, C);
}
static void depthwise3x3_grad_weight(long B, long H, long W, long C, const float *x, const float *dy, float *dw, float *dbias) {
  taps(1, 0, B, H, W, C);
}
static void depthwise_gate(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y) {
  taps(1, 0, B, H, W, 2 * C);
}
static void depthwise_gate_grad(long B, long H, long W, long C, const float *x, const float *w, const float *bias,
                                const float *dy, float *dx, float *dw, float *dbias) {
  taps(3, 1, B, H, W, 2 * C);
}

// ---- attention ----
static void channel_scratch(long B, long P, long C, long heads, int matrices) {
  long d = C / heads, units = B * heads, chunks = (2 * threads() + units - 1) / units;
  take(units * (most(1, least(chunks, P / 128)) * d * (d + 2) + matrices * (packed(d, d) + 2 * d)), 2 * d * d);
}
static void channel_attention(long B, long P, long C, long heads, int softmax, const float *qkv, const float *temperature,
                              float *y, float *kept) {
  counted.attention += 2 * B * P * C * (C / heads);
  channel_scratch(B, P, C, heads, 1);
}
static void channel_attention_grad(long B, long P, long C, long heads, int softmax, const float *qkv,
                                   const float *temperature, const float *kept, const float *dy, float *dqkv,
                                   float *dtemperature) {
  counted.attention += 4 * B * P * C * (C / heads);
  channel_scratch(B, P, C, heads, 3);
}

static void window_scratch(long C, long heads, long side, int has_table, int sums) {
  long n = side * side, d = packed(1, C / heads), tables = has_table ? heads * n * n : 0;
  take(tables + sums * threads() * tables, 8 * n * d + 3 * n * n + packed(n, d) + packed(d, n) + 3 * n);
}
static void window_attention(long B, long H, long W, long C, long heads, long side, long shift, int masked, const float *qkv,
                             const float *table, float *y) {
  counted.attention += 2 * B * H * W * C * side * side;
  window_scratch(C, heads, side, table != NULL, 0);
}
// The scores again; then those of values, weights, queries and keys.
static void window_attention_grad(long B, long H, long W, long C, long heads, long side, long shift, int masked,
                                  const float *qkv, const float *table, const float *dy, float *dqkv, float *dtable) {
  counted.attention += 5 * B * H * W * C * side * side;
  window_scratch(C, heads, side, table != NULL, dtable != NULL);
}

// ---- NAFBlock ----
// Of conv1, conv3, conv4, conv5 and the attention's product, `passes` times; conv1 and conv4 are also computed again.
static void count_naf(long B, long P, long C, int passes, int again) {
  counted.products += passes * (6 * P * C * C + B * C * C) + again * 4 * P * C * C;
  counted.depthwise += (passes + again) * 18 * P * C;
}

static void naf_block(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x, float *out,
                      float *gated, float *y, float *stats) {
  count_naf(B, B * H * W, C, 1, 0);
  long rows = 4 * (W + 2) * (2 * C + 16) + 3 * W * (C + 16) + 2 * W, tile = 48 * ((y ? 4 : 5) * C + 48);
  take((5 + B) * packed(C, C) + 6 * C + naf_split(B, H, C, threads()).parts * B * C, most(rows, most(tile, 2 * C * C)));
}
static void naf_block_grad(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x, const float *gated,
                           const float *y, const float *stats, const float *dout, float *dx, const dk_naf_parameters *gradients) {
  count_naf(B, B * H * W, C, 2, 1);
  naf_cuts cuts = naf_split(B, H, C, threads());
  long parts = cuts.parts, square = C * C;
  long shared = (10 + B) * packed(C, C) + 2 * B * C + 24 * C + parts * ((5 + B) * square + (25 + B) * C);
  // Images that are cut into bands keep the gradient between the two halves.
  if (cuts.bands > 1) shared += B * H * W * C;
  long rows = 8 * (W + 2) * (2 * C + 16) + 3 * W * (C + 16) + W * (3 * C + 34) + 2 * C, tile = 48 * (7 * C + 80);
  take(shared, most(rows, most(tile, 2 * square)));
}

// ---- functions without products or scratch worth counting ----
static void layer_norm(long P, long C, float eps, const float *x, const float *w, const float *b, const float *addend, int relu,
                       float *y, float *mean, float *rstd) {}
static void layer_norm_grad(long P, long C, const float *x, const float *w, const float *mean, const float *rstd, const float *y,
                            int relu, const float *dy, float *dx, float *daddend, float *dw, float *db) {}
static void bias_free_norm(long P, long C, float eps, const float *x, const float *w, float *y, float *mean, float *rstd) {}
static void bias_free_norm_grad(long P, long C, const float *x, const float *w, const float *mean, const float *rstd,
                                const float *dy, float *dx, float *dw) {}
static void channels(long P, long C, const float *x, float *y) {}
static void channels_grad(long P, long C, const float *x, const float *dy, float *dx) {}
static void image_mean(long B, long P, long C, const float *x, float *mean) {}
static void image_spread(long B, long P, long C, const float *v, float scale, float *y) {}
static void scale_channels(long B, long P, long C, const float *x, const float *s, float *y) {}
static void scale_channels_grad(long B, long P, long C, const float *x, const float *s, const float *dy, float *dx, float *ds) {}
static void shift_channels(long P, long C, const float *x, float k, const float *v, float *y) {}
static void scaled_residual(long P, long C, const float *x, const float *z, const float *v, float *y) {}
static void scaled_residual_grad(long P, long C, const float *z, const float *v, const float *dy, float *dz, float *dv) {}
static void binary(long n, const float *a, const float *b, float *y) {}
static void scaling(long n, float k, const float *x, float *y) {}
static double measure(long n, const float *a, const float *b) { return 0; }
static void sign_difference(long n, float k, const float *a, const float *b, float *d) {}
static void unary(long n, const float *x, float *y) {}
static int all_finite(long n, const float *x) { return 1; }
static void map(long B, long H, long W, long C, const float *x, float *y) {}
static void depth_to_space(long B, long h, long w, long C, const float *x, const float *addend, float *y) {}
static void copy_channels(long P, long C, const float *x, long ldx, float *y, long ldy) {}
static void max_pool2(long B, long H, long W, long C, const float *x, float *y, uint8_t *which) {}
static void max_pool2_grad(long B, long H, long W, long C, const float *dy, const uint8_t *which, float *dx) {}
static void gather(long B, long H, long W, long C, const long *rows, long h, const long *columns, long w, const float *x, float *y) {}
static void resampling(long B, long H, long W, long C, long kh, long kw, const float *x, float *y) {}
static void leaky_relu(long n, float slope, const float *x, float *y) {}
static void leaky_relu_grad(long n, float slope, const float *x, const float *dy, float *dx) {}
static void adamw(long n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float decay, long t) {}

static const dk_table table = {
    .name = "counting",
    .lanes = 1,
    .gemm = gemm,
    .pointwise_grad = pointwise_grad,
    .conv3x3 = conv3x3,
    .conv3x3_grad_input = conv3x3_grad_input,
    .conv3x3_grad_weight = conv3x3_grad_weight,
    .depthwise3x3 = depthwise3x3,
    .depthwise3x3_grad_input = depthwise3x3_grad_input,
    .depthwise3x3_grad_weight = depthwise3x3_grad_weight,
    .depthwise_gate = depthwise_gate,
    .depthwise_gate_grad = depthwise_gate_grad,
    .depthwise_gelu_gate = depthwise_gate,
    .depthwise_gelu_gate_grad = depthwise_gate_grad,
    .layer_norm = layer_norm,
    .layer_norm_grad = layer_norm_grad,
    .gate = channels,
    .gate_grad = channels_grad,
    .column_sum = channels,
    .image_mean = image_mean,
    .image_spread = image_spread,
    .scale_channels = scale_channels,
    .scale_channels_grad = scale_channels_grad,
    .shift_channels = shift_channels,
    .scaled_residual = scaled_residual,
    .scaled_residual_grad = scaled_residual_grad,
    .add = binary,
    .multiply = binary,
    .axpy = scaling,
    .scale = scaling,
    .dot = measure,
    .sum_absolute_difference = measure,
    .sign_difference = sign_difference,
    .sum_squared_difference = measure,
    .relu = unary,
    .relu_grad = binary,
    .all_finite = all_finite,
    .space_to_depth = map,
    .depth_to_space = depth_to_space,
    .pixel_unshuffle = map,
    .pixel_shuffle = map,
    .copy_channels = copy_channels,
    .max_pool2 = max_pool2,
    .max_pool2_grad = max_pool2_grad,
    .gather = gather,
    .gather_grad = gather,
    .local_mean = resampling,
    .local_mean_grad = resampling,
    .bilinear = resampling,
    .bilinear_grad = resampling,
    .gelu = unary,
    .gelu_grad = binary,
    .leaky_relu = leaky_relu,
    .leaky_relu_grad = leaky_relu_grad,
    .softmax = channels,
    .softmax_grad = channels_grad,
    .bias_free_norm = bias_free_norm,
    .bias_free_norm_grad = bias_free_norm_grad,
    .channel_attention = channel_attention,
    .channel_attention_grad = channel_attention_grad,
    .window_attention = window_attention,
    .window_attention_grad = window_attention_grad,
    .naf_block = naf_block,
    .naf_block_grad = naf_block_grad,
    .adamw = adamw,
    .ema = scaling,
};

const dk_table *dk_table_counting(void) { return &table; }
