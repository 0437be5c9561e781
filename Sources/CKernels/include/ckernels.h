// The engine's kernels: one table of functions per instruction set, chosen at run time.
//
// Maps are NHWC, fp32, dense: x[((b*H + i)*W + j)*C + c]; P is a count of pixels (B*H*W).  Weights of
// a convolution are [kh][kw][in][out]; of a depthwise convolution [kh][kw][C].  Any C >= 1 is correct;
// multiples of 16 are fast.  No function fails.  Work is split over the pool at fixed places, so a
// result depends on the number of threads, never on which thread was faster.
// "+=" marks what is added to; everything else is overwritten.  Pointers may be unaligned.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The CPUs that this process may use.
int dk_cpu_count(void);

// ---- threads -------------------------------------------------------------------------------
// Starts the pool with n threads, the caller's among them (once; later calls change the number).
void dk_pool_start(int n, int pin);
int dk_pool_size(void);
// Calls body(context, id) for id in 0..<dk_pool_size(), id 0 on the caller; returns when all are done.
void dk_pool_run(void (*body)(void *context, int id), void *context);
// On the calling thread, kernels split work as for n threads (0: as the pool has), so that results can
// be had that do not depend on the machine.
void dk_split_for(int n);
// Bytes that the pool's threads hold as scratch (they grow to a fixed size in the first iteration).
size_t dk_scratch_bytes(void);
// One-thread BLAS for products with few rows and large weights; NULL: our own kernel takes them too.
typedef void (*dk_sgemm)(int ta, int tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
void dk_set_blas(dk_sgemm f);

// A NAFBlock (Chen et al. 2022, figure 4c) of C channels, C a multiple of 16: parameters, or their gradients.
typedef struct {
  float *norm1_weight, *norm1_bias;  // [C]
  float *conv1_weight, *conv1_bias;  // [C][2C], [2C]
  float *conv2_weight, *conv2_bias;  // [9][2C], [2C]   depthwise
  float *sca_weight, *sca_bias;      // [C][C], [C]
  float *conv3_weight, *conv3_bias;  // [C][C], [C]
  float *beta;                       // [C]
  float *norm2_weight, *norm2_bias;  // [C]
  float *conv4_weight, *conv4_bias;  // [C][2C], [2C]
  float *conv5_weight, *conv5_bias;  // [C][C], [C]
  float *gamma;                      // [C]
} dk_naf_parameters;

typedef struct {
  const char *name;  // "avx512", "avx2", "portable"
  int lanes;         // floats a vector

  // ---- products ----
  // c[m,n] = op(a) op(b) + bias[n] + addend[m,n].  ta: a is stored [k,m]; tb: b is stored [n,k].  bias and addend
  // may be NULL; addend's lines are ldc apart, and it may be c.
  void (*gemm)(int ta, int tb, long m, long n, long k, const float *a, long lda, const float *b, long ldb,
               const float *bias, const float *addend, float *c, long ldc);
  // Of y[P,out] = x[P,in] w[in,out] + bias: dx unless NULL (it may take the place of x), dw += (= if fresh),
  // dbias += unless NULL.
  void (*pointwise_grad)(long P, long in, long out, const float *x, const float *w, const float *dy, float *dx, int fresh, float *dw,
                         float *dbias);

  // ---- convolutions, stride 1, zero padding 1 ----
  void (*conv3x3)(long B, long H, long W, long in, long out, const float *x, const float *w, const float *bias, float *y);
  void (*conv3x3_grad_input)(long B, long H, long W, long in, long out, const float *dy, const float *w, float *dx);
  // dw += ; dbias += unless NULL
  void (*conv3x3_grad_weight)(long B, long H, long W, long in, long out, const float *x, const float *dy, float *dw, float *dbias);
  void (*depthwise3x3)(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y);
  void (*depthwise3x3_grad_input)(long B, long H, long W, long C, const float *dy, const float *w, float *dx);
  void (*depthwise3x3_grad_weight)(long B, long H, long W, long C, const float *x, const float *dy, float *dw, float *dbias);
  // y[.., C] = gate(depthwise3x3(x[.., 2C]))
  void (*depthwise_gate)(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y);
  // recomputes the convolution; dx overwritten, dw += , dbias += unless NULL
  void (*depthwise_gate_grad)(long B, long H, long W, long C, const float *x, const float *w, const float *bias,
                              const float *dy, float *dx, float *dw, float *dbias);

  // the same with gelu(first half) * second half; bias may be NULL
  void (*depthwise_gelu_gate)(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y);
  void (*depthwise_gelu_gate_grad)(long B, long H, long W, long C, const float *x, const float *w, const float *bias,
                                   const float *dy, float *dx, float *dw, float *dbias);

  // ---- normalisation over channels ----
  // y = (x - mean) * rstd * w + b, then + addend unless NULL, then max(0, .) if relu; mean and rstd [P] are kept
  void (*layer_norm)(long P, long C, float eps, const float *x, const float *w, const float *b, const float *addend, int relu,
                     float *y, float *mean, float *rstd);
  // y: the forward result (read only if relu, to know where it was cut).  daddend: NULL, or receives dy after the cut.
  // dw += , db +=
  void (*layer_norm_grad)(long P, long C, const float *x, const float *w, const float *mean, const float *rstd, const float *y,
                          int relu, const float *dy, float *dx, float *daddend, float *dw, float *db);

  // ---- element-wise and reductions ----
  void (*gate)(long P, long C, const float *x, float *y);                             // y[P,C] = x[:, :C] * x[:, C:]
  void (*gate_grad)(long P, long C, const float *x, const float *dy, float *dx);      // dx[P,2C]
  void (*column_sum)(long P, long C, const float *x, float *s);                       // s[C] +=
  void (*image_mean)(long B, long P, long C, const float *x, float *mean);            // mean[B,C] over the P pixels of an image
  void (*image_spread)(long B, long P, long C, const float *v, float scale, float *y);  // y[b,p,c] = scale * v[b,c]
  void (*scale_channels)(long B, long P, long C, const float *x, const float *s, float *y);  // y = x * s[b,c]
  void (*scale_channels_grad)(long B, long P, long C, const float *x, const float *s, const float *dy, float *dx, float *ds);
  void (*shift_channels)(long P, long C, const float *x, float k, const float *v, float *y);  // y = x + k * v[c]
  void (*scaled_residual)(long P, long C, const float *x, const float *z, const float *v, float *y);  // y = x + z * v[c]
  // dz = dy * v ; dv +=
  void (*scaled_residual_grad)(long P, long C, const float *z, const float *v, const float *dy, float *dz, float *dv);
  void (*add)(long n, const float *a, const float *b, float *y);
  void (*multiply)(long n, const float *a, const float *b, float *y);
  void (*axpy)(long n, float k, const float *x, float *y);                            // y += k x
  void (*scale)(long n, float k, const float *x, float *y);                           // y = k x
  double (*dot)(long n, const float *a, const float *b);
  double (*sum_absolute_difference)(long n, const float *a, const float *b);
  void (*sign_difference)(long n, float k, const float *a, const float *b, float *d);  // d = k sign(a - b)
  double (*sum_squared_difference)(long n, const float *a, const float *b);
  void (*relu)(long n, const float *x, float *y);
  void (*relu_grad)(long n, const float *y, const float *dy, float *dx);
  int (*all_finite)(long n, const float *x);

  // ---- moves ----
  // y[b, i/2, j/2, ((i&1)*2 + (j&1))*C + c] = x[b, i, j, c]; H, W even
  void (*space_to_depth)(long B, long H, long W, long C, const float *x, float *y);
  // the inverse: y [B, 2h, 2w, C] from x [B, h, w, 4C]; adds `addend` (of y's shape) unless NULL
  void (*depth_to_space)(long B, long h, long w, long C, const float *x, const float *addend, float *y);
  // y[b, i/2, j/2, 4c + (i&1)*2 + (j&1)] = x[b, i, j, c], and its inverse, y [B, 2h, 2w, C] from x [B, h, w, 4C]
  void (*pixel_unshuffle)(long B, long H, long W, long C, const float *x, float *y);
  void (*pixel_shuffle)(long B, long h, long w, long C, const float *x, float *y);
  // C floats of each pixel; pixels lie ldx and ldy floats apart
  void (*copy_channels)(long P, long C, const float *x, long ldx, float *y, long ldy);
  void (*max_pool2)(long B, long H, long W, long C, const float *x, float *y, uint8_t *which);
  void (*max_pool2_grad)(long B, long H, long W, long C, const float *dy, const uint8_t *which, float *dx);

  // y[b, i, j, :] = x[b, rows[i], columns[j], :], 0 where either is negative; the gradient adds up repeats
  void (*gather)(long B, long H, long W, long C, const long *rows, long h, const long *columns, long w, const float *x, float *y);
  void (*gather_grad)(long B, long H, long W, long C, const long *rows, long h, const long *columns, long w, const float *dy, float *dx);
  // means over kh x kw windows that lie fully inside, those at the border repeated outwards
  void (*local_mean)(long B, long H, long W, long C, long kh, long kw, const float *x, float *y);
  void (*local_mean_grad)(long B, long H, long W, long C, long kh, long kw, const float *dy, float *dx);
  // between pixel centres, no antialiasing; the gradient is dx +=
  void (*bilinear)(long B, long H, long W, long C, long h, long w, const float *x, float *y);
  void (*bilinear_grad)(long B, long H, long W, long C, long h, long w, const float *dy, float *dx);

  // ---- what transformers need besides ----
  void (*gelu)(long n, const float *x, float *y);
  void (*gelu_grad)(long n, const float *x, const float *dy, float *dx);
  void (*leaky_relu)(long n, float slope, const float *x, float *y);
  void (*leaky_relu_grad)(long n, float slope, const float *x, const float *dy, float *dx);
  void (*softmax)(long rows, long k, const float *x, float *y);
  void (*softmax_grad)(long rows, long k, const float *y, const float *dy, float *dx);
  // y = x * rstd * w, the variance about the mean, the mean not subtracted; dw +=
  void (*bias_free_norm)(long P, long C, float eps, const float *x, const float *w, float *y, float *mean, float *rstd);
  void (*bias_free_norm_grad)(long P, long C, const float *x, const float *w, const float *mean, const float *rstd,
                              const float *dy, float *dx, float *dw);
  // qkv [B*P, 3C]: queries, keys, values, each of `heads` groups of d = C/heads channels.  Queries and keys are
  // divided by their length over the P pixels of an image (at least 1e-12); scores = q k^T temperature[head],
  // then ReLU, or softmax over the keys; y [B*P, C] = scores v.  kept: [B * (C*d + 2C)] for the gradient.
  void (*channel_attention)(long B, long P, long C, long heads, int softmax, const float *qkv, const float *temperature,
                            float *y, float *kept);
  // dtemperature += unless NULL
  void (*channel_attention_grad)(long B, long P, long C, long heads, int softmax, const float *qkv, const float *temperature,
                                 const float *kept, const float *dy, float *dqkv, float *dtemperature);
  // In windows of side x side of the map rolled up and left by `shift`: y = softmax(q k^T / sqrt(d) + bias + mask) v.
  // qkv as above; table [(2 side - 1)^2, heads] holds the bias of each offset, NULL for none; masked: -100 between
  // pixels that the roll brought together from opposite borders.
  void (*window_attention)(long B, long H, long W, long C, long heads, long side, long shift, int masked, const float *qkv,
                           const float *table, float *y);
  // computes the scores again; dtable += unless NULL
  void (*window_attention_grad)(long B, long H, long W, long C, long heads, long side, long shift, int masked, const float *qkv,
                                const float *table, const float *dy, float *dqkv, float *dtable);

  // ---- NAFBlock, fused; C a multiple of 16 ----
  // kept between the passes: gated [P,C], y [P,C] (NULL: there is no way back), stats [4*P + 2*B*C]
  void (*naf_block)(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x, float *out,
                    float *gated, float *y, float *stats);
  // gradients +=
  void (*naf_block_grad)(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x, const float *gated,
                         const float *y, const float *stats, const float *dout, float *dx, const dk_naf_parameters *gradients);

  // ---- optimiser, over flat vectors ----
  // Decoupled decay first: p *= 1 - lr*wd; then p -= lr * mhat / (sqrt(vhat) + eps).  t counts from 1.
  void (*adamw)(long n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float decay, long t);
  void (*ema)(long n, float decay, const float *p, float *e);  // e = decay e + (1 - decay) p
} dk_table;

// The table of an instruction set ("avx512", "avx2", "portable"), or NULL where this CPU lacks it.
const dk_table *dk_table_named(const char *name);
// The best table of this CPU.
const dk_table *dk_table_best(void);

// ---- counting ----
// What a table would have done, had its functions been called on the calling thread.
typedef struct {
  int threads;  // set before: how many threads the work is taken to be split for
  // Multiply-adds: of matrix products, of 3x3 convolutions over all channels and channel by channel, and of the
  // products inside attention.  Norms, activations, gates, sums, biases and interpolation are not counted.
  long products, convolutions, depthwise, attention;
  // Scratch, floats, at most: what a call takes for all of its threads, and what one thread takes besides.
  long shared_scratch, thread_scratch;
} dk_count;
// A table that touches no memory and computes nothing: its functions add what they are asked for to `dk_counted`.
const dk_table *dk_table_counting(void);
// The calling thread's count; anybody may set it.
dk_count *dk_counted(void);
// Bytes that the threads' scratch grows to, at most.
size_t dk_counted_scratch_bytes(void);
