// Picture kernels in three instruction sets that give the same bits (see kernel_text.h).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum { DP_PORTABLE, DP_AVX2, DP_AVX512 } dp_isa;

// A place in a random stream: the words of RandomStream(seed, index, stream), block by block.
typedef struct {
  uint64_t seed, index;
  uint32_t stream, block;
} dp_stream;

// How the two missing colours of a colour filter array's pixel are found: by bilinear means, by
// Malvar's corrected ones, or with green along edges (see bayer.h).
typedef enum { DP_BILINEAR, DP_MALVAR, DP_EDGE_AWARE } dp_demosaic;

// One picture is rows of interleaved float channels, so n counts values unless it is called pixels.
typedef struct {
  // The sRGB curve and its inverse, in place; relative error below 1e-6.
  void (*srgb_to_linear)(float *x, size_t n);
  void (*linear_to_srgb)(float *x, size_t n);
  // x += sqrt(shot * max(x, 0) + read) * N(0, 1).  Values 64 k ... 64 k + 63 come from the
  // sixteen blocks from stream.block + 16 k, so a picture may be filled in pieces of 64 values.
  void (*add_noise)(float *x, size_t n, float shot, float read, dp_stream stream);
  // y = exp(-rate * x).
  void (*decay)(float *y, const float *x, size_t n, float rate);
  // RGB pixel i: x * t[i] + colour * (1 - t[i]).
  void (*blend)(float *x, const float *t, size_t pixels, const float colour[3]);
  // RGB pixel i: x * t[i] * gain.
  void (*illuminate)(float *x, const float *t, size_t pixels, const float gain[3]);
  // y[i] = sum over k, in order, of weights[k] * x[i + offsets[k]].
  void (*gather)(float *y, const float *x, size_t n, const int32_t *offsets, const float *weights,
                 size_t taps);
  // x = rint(clamp(x, 0, 1) * steps) / steps, half to even.
  void (*quantise)(float *x, size_t n, float steps);
  // x = clamp(x, 0, 1); a value that is not a number becomes 0.
  void (*clamp)(float *x, size_t n);
  // x = scale * pow(gain * x, power) for x >= 0, and 0 below.
  void (*curve)(float *x, size_t n, float gain, float power, float scale);
  // SSIM of two pictures at one row of places.  a and b: 11 rows of `row` values 0...255; step: the
  // distance of neighbours, that is channels; taps: the first six of the symmetric window of 11.
  // out: row - 10 step values; scratch: 4 row values.
  void (*similarity)(double *out, double *scratch, const double *a, const double *b, size_t row,
                     size_t step, const double taps[6]);
  // The value behind the filter of each RGB pixel, times that colour's gain.  red: column + 2 x row of
  // the red filter in each square of four.
  void (*mosaic)(float *y, const float *x, size_t width, size_t height, uint32_t red,
                 const float gain[3]);
  // RGB pixels from a mosaic whose values are first multiplied by their colours' gains.  The border is
  // mirrored without repeating the edge, which keeps the filters' places.  width, height >= 2;
  // scratch: (height + 4) x dp_demosaic_stride(width) values.
  void (*demosaic)(float *x, const float *y, float *scratch, size_t width, size_t height,
                   uint32_t red, const float gain[3], dp_demosaic method);
  // x = min(1, Poisson(electrons * max(x, 0)) / electrons).  Random words as in add_noise; dark
  // values take theirs from the same blocks of the next stream.
  void (*count_electrons)(float *x, size_t n, float electrons, dp_stream stream);
  // With probability p > 0 a place is replaced: by 1 with probability white / 2^32, otherwise by 0.
  // gap: -1 / log2(1 - p).  A place is `step` values: 3 for a pixel, 1 for each value alone.
  void (*impulse)(float *x, size_t places, size_t step, float gap, uint32_t white,
                  dp_stream stream);
  // 8-bit codes and back: y = rint(255 * clamp(x, 0, 1)), half to even; and y = x / 255.
  void (*to_codes)(uint8_t *y, const float *x, size_t n);
  void (*from_codes)(float *y, const uint8_t *x, size_t n);
  // Light of 8-bit codes and back, in both directions by table.  y = light[x]; y = the code whose range
  // of light holds x, with the table that dp_code_table writes; exact for any x, 0 for what is no number.
  void (*light_of_codes)(float *y, const uint8_t *x, size_t n, const float light[256]);
  void (*codes_of_light)(uint8_t *y, const float *x, size_t n, const uint32_t *table);
  // RGB pixel i becomes the colour, or random 8-bit codes, where mask[i] is not 0.  Pixels
  // 16 k ... 16 k + 15 take their codes from the sixteen blocks from stream.block + 16 k.
  void (*paint)(float *x, const uint8_t *mask, size_t pixels, const float colour[3]);
  void (*paint_noise)(float *x, const uint8_t *mask, size_t pixels, dp_stream stream);
  // `count` planes of n values one after the other; the first is given.  Plane j becomes the sums of
  // 2^j values, each `step` after the one before; where the row ends first, the sum of fewer.
  void (*run_sums)(float *planes, size_t n, size_t step, size_t count);
  // low[i] and high[i]: the least of lows[i + k step] and the greatest of highs[i + k step], k < count.
  void (*extremes)(float *low, float *high, const float *lows, const float *highs, size_t n,
                   size_t step, size_t count);
} dp_kernels;

// Values between two rows of the scratch of `demosaic`.
static inline size_t dp_demosaic_stride(size_t width) { return ((width + 15) & ~(size_t)15) + 16; }

// Fills the table of `codes_of_light`: starts[k] is the least light of code k + 1, at least 2^-13 and
// rising, with at most one start between two floats whose upper 16 bits follow each other.
#define DP_CODE_CELLS 1665
void dp_code_table(uint32_t table[DP_CODE_CELLS], const float starts[255]);

// The best set of this CPU, or the lesser one that the environment variable DCPT_ISA names.
dp_isa dp_isa_used(void);
const char *dp_isa_name(dp_isa isa);
// The kernels of one set; null when the CPU lacks it.
const dp_kernels *dp_kernels_of(dp_isa isa);
// The kernels of dp_isa_used().
const dp_kernels *dp_kernels_used(void);
