// The text of every picture kernel.  Each isa_*.c includes it once, for its instruction set.
//
// All arithmetic is on vectors of 16 floats: the compiler makes four SSE2, two AVX2 or one AVX-512
// instruction of each operation.  Add, multiply, divide and square root are exact in IEEE 754 and
// nothing is fused or reordered, so the sets agree to the bit.  Needs: DP_TABLE, the table's name.
#include "cpixels_kernels.h"
#include <string.h>

#pragma clang diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions only

#define LANES 16
#define INLINE static inline __attribute__((always_inline))
typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef uint64_t vw __attribute__((vector_size(128)));

INLINE vf load(const float *p, size_t left) {
  vf v = {0};
  if (left >= LANES) memcpy(&v, p, sizeof v);
  else memcpy(&v, p, left * sizeof(float));
  return v;
}
INLINE void store(float *p, vf v, size_t left) {
  if (left >= LANES) memcpy(p, &v, sizeof v);
  else memcpy(p, &v, left * sizeof(float));
}
INLINE vf choose(vi mask, vf yes, vf no) { return (vf)(((vi)yes & mask) | ((vi)no & ~mask)); }
INLINE vf splat(float x) { return (vf){0} + x; }
// What is no number becomes the bound.
INLINE vf at_least(vf x, float low) { return choose(x >= low, x, splat(low)); }
INLINE vf at_most(vf x, float high) { return choose(x <= high, x, splat(high)); }
// Nearest whole number, half to even, for |x| < 2^22.
INLINE vf nearest(vf x) { return (x + 12582912.0f) - 12582912.0f; }

INLINE int any(vi mask) { return __builtin_reduce_or(mask) != 0; }

// Base-2 logarithm of x > 0: the exponent apart, a polynomial on sqrt(1/2)...sqrt(2), error 3e-8.
INLINE vf log2_of(vf x) {
  vi bits = (vi)x;
  vi exponent = (bits - 0x3f3504f3) >> 23;
  vf f = (vf)(bits - (exponent << 23)) - 1.0f;
  vf p = splat(0.1231096834f);
  p = p * f - 0.2058618814f;
  p = p * f + 0.2160782218f;
  p = p * f - 0.2391698807f;
  p = p * f + 0.2879032493f;
  p = p * f - 0.3606932759f;
  p = p * f + 0.4809107482f;
  p = p * f - 0.7213474512f;
  p = p * f + 1.442695022f;
  return p * f + __builtin_convertvector(exponent, vf);
}

// 2 to the power x, x clamped to -126...126; polynomial on -1/2...1/2, error 3e-9.
INLINE vf exp2_of(vf x) {
  x = at_most(at_least(x, -126.0f), 126.0f);
  vf whole = nearest(x);
  vf r = x - whole;
  vf p = splat(1.546144485e-04f);
  p = p * r + 1.340042800e-03f;
  p = p * r + 9.618056938e-03f;
  p = p * r + 5.550327152e-02f;
  p = p * r + 2.402265072e-01f;
  p = p * r + 6.931471825e-01f;
  p = p * r + 1.0f;
  return p * (vf)((__builtin_convertvector(whole, vi) + 127) << 23);
}

INLINE vf power_of(vf x, float power) { return exp2_of(log2_of(x) * power); }

// About 45 operations a value; 0.7 ns with AVX-512, 1.2 ns with AVX2, 2.1 ns with SSE2.
static void srgb_to_linear(float *x, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    vf s = load(x + i, n - i);
    vf curved = power_of((at_least(s, 0.04f) + 0.055f) / 1.055f, 2.4f);
    store(x + i, choose(s <= 0.04045f, s / 12.92f, curved), n - i);
  }
}

static void linear_to_srgb(float *x, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    vf l = load(x + i, n - i);
    vf curved = power_of(at_least(l, 0.003f), 1.0f / 2.4f) * 1.055f - 0.055f;
    store(x + i, choose(l <= 0.0031308f, l * 12.92f, curved), n - i);
  }
}

// Sixteen counters as those at even and those at odd places, in the lower halves of 64 bits, as the 32-bit
// multiplication wants them; what the upper halves hold never comes down.
typedef uint64_t vq __attribute__((vector_size(64)));
typedef struct {
  vq even, odd;
} counters;
INLINE counters all_counters(uint64_t x) { return (counters){(vq){0} + x, (vq){0} + x}; }
INLINE counters times(counters c, uint32_t b) {
  return (counters){(c.even & 0xffffffffu) * b, (c.odd & 0xffffffffu) * b};
}
// The upper half of a product with two more mixed in.
INLINE counters mixed(counters product, counters c, uint64_t key) {
  return (counters){product.even >> 32 ^ c.even ^ key, product.odd >> 32 ^ c.odd ^ key};
}
INLINE vu in_order(counters c) { return (vu)((c.even & 0xffffffffu) | c.odd << 32); }

// Philox 4x32-10 for sixteen consecutive blocks.
INLINE void random_words(vu words[4], dp_stream s, uint32_t block) {
  const vq lane = {0, 2, 4, 6, 8, 10, 12, 14};
  counters c0 = {lane + block, lane + block + 1}, c1 = all_counters(s.stream);
  counters c2 = all_counters(s.index & 0xffffffffu), c3 = all_counters(s.index >> 32);
  uint32_t k0 = (uint32_t)s.seed, k1 = (uint32_t)(s.seed >> 32);
  for (int round = 0; round < 10; round++) {
    counters p0 = times(c0, 0xD2511F53u), p2 = times(c2, 0xCD9E8D57u);
    c0 = mixed(p2, c1, k0);
    c2 = mixed(p0, c3, k1);
    c1 = p2;
    c3 = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  words[0] = in_order(c0), words[1] = in_order(c1), words[2] = in_order(c2), words[3] = in_order(c3);
}

// Two independent normal values of a pair of words (Box and Muller): the first gives the radius in 24
// bits, so at most 5.8; the second the quarter turn in its top bits and the angle within it below.
INLINE void two_normals(vf out[2], vu a, vu b) {
  vf u = (__builtin_convertvector((vi)(a >> 8), vf) + 1.0f) * 0x1p-24f;
  vf radius = __builtin_elementwise_sqrt(log2_of(u) * -1.3862943611f);
  vi within = (vi)(b >> 8 & 0x3fffff) - 0x200000;
  vf angle = (__builtin_convertvector(within, vf) + 0.5f) * 3.7450704e-7f;  // pi/2 / 2^22
  vf z = angle * angle;
  vf s = splat(-1.950387086e-04f);
  s = s * z + 8.332035504e-03f;
  s = s * z - 1.666665077e-01f;
  s = (s * z + 1.0f) * angle;
  vf c = splat(2.437978947e-05f);
  c = c * z - 1.388661796e-03f;
  c = c * z + 4.166661575e-02f;
  c = c * z - 0.5f;
  c = c * z + 1.0f;
  vi swap = -(vi)(b >> 30 & 1), minus = (vi)(b & 0x80000000u);
  out[0] = radius * (vf)((vi)choose(swap, s, c) ^ minus);
  out[1] = radius * (vf)((vi)choose(swap, -c, s) ^ minus);
}

// The deviation of the noise on sixteen values; a square root is as dear as half of what is drawn.
INLINE vf deviation_of(vf x, float shot, float read, float plain) {
  return shot ? __builtin_elementwise_sqrt(at_least(x, 0.0f) * shot + read) : splat(plain);
}

// Philox, Box and Muller, and the sum: about 45 operations a value; 0.7, 0.9 and 2.1 ns.
static void add_noise(float *x, size_t n, float shot, float read, dp_stream stream) {
  float plain = __builtin_elementwise_sqrt(read);
  for (size_t i = 0; i < n; i += 4 * LANES) {
    vu words[4];
    vf normal[4];
    random_words(words, stream, stream.block + (uint32_t)(i / 4));
    two_normals(normal, words[0], words[1]);
    two_normals(normal + 2, words[2], words[3]);
    for (size_t j = 0; j < 4 && i + j * LANES < n; j++) {
      float *p = x + i + j * LANES;
      size_t left = n - i - j * LANES;
      vf v = load(p, left);
      store(p, v + deviation_of(v, shot, read, plain) * normal[j], left);
    }
  }
}

// 0.2, 0.4 and 0.7 ns a value.
static void decay(float *y, const float *x, size_t n, float rate) {
  float rate2 = rate * -1.4426950408889634f;
  for (size_t i = 0; i < n; i += LANES) store(y + i, exp2_of(load(x + i, n - i) * rate2), n - i);
}

// The values of sixteen pixels, thrice each, as the three vectors of their RGB triples.
INLINE void per_channel(vf out[3], vf t) {
  out[0] = __builtin_shufflevector(t, t, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5);
  out[1] = __builtin_shufflevector(t, t, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10);
  out[2] = __builtin_shufflevector(t, t, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15);
}
INLINE void repeated(vf out[3], const float c[3]) {
  for (int i = 0; i < 3 * LANES; i++) out[i / LANES][i % LANES] = c[i % 3];
}
static void blend(float *x, const float *t, size_t pixels, const float colour[3]) {
  vf a[3], v[3];
  repeated(a, colour);
  for (size_t i = 0; i < pixels; i += LANES) {
    per_channel(v, load(t + i, pixels - i));
    for (size_t j = 0, k = 3 * i; j < 3 && k < 3 * pixels; j++, k += LANES) {
      vf y = load(x + k, 3 * pixels - k) * v[j] + a[j] * (1.0f - v[j]);
      store(x + k, y, 3 * pixels - k);
    }
  }
}

static void add_map(float *x, const float *t, size_t pixels, const float colour[3]) {
  vf a[3], v[3];
  repeated(a, colour);
  for (size_t i = 0; i < pixels; i += LANES) {
    per_channel(v, load(t + i, pixels - i));
    for (size_t j = 0, k = 3 * i; j < 3 && k < 3 * pixels; j++, k += LANES)
      store(x + k, load(x + k, 3 * pixels - k) + a[j] * v[j], 3 * pixels - k);
  }
}

static void illuminate(float *x, const float *t, size_t pixels, const float gain[3]) {
  vf a[3], v[3];
  repeated(a, gain);
  for (size_t i = 0; i < pixels; i += LANES) {
    per_channel(v, load(t + i, pixels - i));
    for (size_t j = 0, k = 3 * i; j < 3 && k < 3 * pixels; j++, k += LANES)
      store(x + k, load(x + k, 3 * pixels - k) * v[j] * a[j], 3 * pixels - k);
  }
}

// Two operations and one load a tap: 0.02, 0.02 and 0.07 ns.  Four vectors of sums stay in registers.
static void gather(float *y, const float *x, size_t n, const int32_t *offsets, const float *weights,
                   size_t taps) {
  size_t i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES) {
    vf sum[4] = {{0}, {0}, {0}, {0}};
    for (size_t k = 0; k < taps; k++) {
      const float *p = x + i + offsets[k];
      for (int j = 0; j < 4; j++) sum[j] += load(p + j * LANES, LANES) * weights[k];
    }
    for (int j = 0; j < 4; j++) store(y + i + j * LANES, sum[j], LANES);
  }
  for (; i < n; i += LANES) {
    vf sum = {0};
    for (size_t k = 0; k < taps; k++) sum += load(x + i + offsets[k], n - i) * weights[k];
    store(y + i, sum, n - i);
  }
}

static void quantise(float *x, size_t n, float steps) {
  for (size_t i = 0; i < n; i += LANES) {
    vf v = at_most(at_least(load(x + i, n - i), 0.0f), 1.0f);
    store(x + i, nearest(v * steps) / steps, n - i);
  }
}

static void clamp(float *x, size_t n) {
  for (size_t i = 0; i < n; i += LANES)
    store(x + i, at_most(at_least(load(x + i, n - i), 0.0f), 1.0f), n - i);
}

static void curve(float *x, size_t n, float gain, float power, float scale) {
  for (size_t i = 0; i < n; i += LANES) {
    vf v = load(x + i, n - i) * gain;
    vf y = power_of(at_least(v, 1e-30f), power) * scale;
    store(x + i, choose(v > 0.0f, y, splat(0.0f)), n - i);
  }
}

typedef double vd __attribute__((vector_size(64)));
#define WIDE 8
INLINE vd load_wide(const double *p, size_t left) {
  vd v = {0};
  if (left >= WIDE) memcpy(&v, p, sizeof v);
  else memcpy(&v, p, left * sizeof(double));
  return v;
}
INLINE void store_wide(double *p, vd v, size_t left) {
  if (left >= WIDE) memcpy(p, &v, sizeof v);
  else memcpy(p, &v, left * sizeof(double));
}

// Down the columns: the weighted sums of a, b, a^2 + b^2 (SSIM wants no more) and a b.
// 11 x 10 operations a value, 22 loads from 11 rows that stay in the first cache.
static void column_moments(double *out, const double *a, const double *b, size_t row,
                           const double taps[6]) {
  for (size_t i = 0; i < row; i += WIDE) {
    vd sum[4] = {{0}, {0}, {0}, {0}};
    for (size_t t = 0; t < 11; t++) {
      double weight = taps[t < 6 ? t : 10 - t];
      vd x = load_wide(a + t * row + i, row - i), y = load_wide(b + t * row + i, row - i);
      vd wx = x * weight, wy = y * weight;
      sum[0] += wx;
      sum[1] += wy;
      sum[2] += wx * x + wy * y;
      sum[3] += wx * y;
    }
    for (size_t m = 0; m < 4; m++) store_wide(out + m * row + i, sum[m], row - i);
  }
}

static void similarity(double *out, double *scratch, const double *a, const double *b, size_t row,
                       size_t step, const double taps[6]) {
  column_moments(scratch, a, b, row, taps);
  const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
  size_t n = row - 10 * step;
  for (size_t i = 0; i < n; i += WIDE) {
    vd sum[4] = {{0}, {0}, {0}, {0}};
    for (size_t m = 0; m < 4; m++) {
      const double *p = scratch + m * row + i;
      for (size_t t = 0; t < 5; t++)
        sum[m] += (load_wide(p + t * step, n - i) + load_wide(p + (10 - t) * step, n - i)) * taps[t];
      sum[m] += load_wide(p + 5 * step, n - i) * taps[5];
    }
    vd squares = sum[0] * sum[0] + sum[1] * sum[1], product = sum[0] * sum[1];
    vd above = (2.0 * product + c1) * (2.0 * (sum[3] - product) + c2);
    store_wide(out + i, above / ((squares + c1) * (sum[2] - squares + c2)), n - i);
  }
}

#include "codes.h"
#include "bayer.h"
#include "boxes.h"
#include "lens.h"
#include "masks.h"
#include "photons.h"
#include "runs.h"
#include "sheets.h"
#include "symmetric.h"
#include "weather.h"
#include "shower.h"

#define K(name) .name = name
const dp_kernels DP_TABLE = {
  K(srgb_to_linear), K(linear_to_srgb), K(add_noise), K(decay), K(blend), K(add_map), K(illuminate),
  K(gather), K(quantise), K(clamp), K(curve), K(similarity), K(mosaic), K(demosaic),
  K(count_electrons), K(impulse), K(to_codes), K(from_codes), K(paint), K(paint_noise),
  K(run_sums), K(extremes), K(light_of_codes), K(codes_of_light),
  K(streak), K(streaks), K(flake), K(stack_layers), K(mix_lights), K(sum_opacity), K(blur_symmetric),
  K(blur_runs), K(box_mean), K(area_row), K(wide_codes), K(luma_of), K(brightest_of), K(guided3), K(lay_over), K(unpremultiply), K(defocus), K(whole_numbers), K(harden), K(bounds),
  K(block_sums), K(sheets_behind), K(mark_sheets), K(fill_strips), K(clear_strips),
};
