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

// A layer of falling things: what it lets through and what all layers let through, both changed, and the
// scene's depth.  What is nearer than `distance` hides the layer; opacity counts from `seen` on.
typedef struct {
  float *own, *all;
  const float *depth;
  size_t width, height;
  float distance, seen;
} dp_layer;

// A streak from its upper end (x, y) in pixels, `rise` down and slope * rise to the right, with the
// cosine of its angle from the vertical; its opacity swings `wobble` times from the turn `phase` on.
typedef struct {
  double x, y, slope, cosine, rise, width, opacity, wobble, phase;
} dp_streak;

// How the streaks of a shower are drawn: their slope, length, width and opacity in the nearest layer of
// `columns` by `rows` pixels, and for each layer the odds of it and those before it, and its distance.
typedef struct {
  double slope, length, width, opacity, columns, rows;
  size_t layers;
  const double *odds, *distances;
} dp_shower;

// A flake with its centre at (x, y), drawn out by `half` pixels either way along a direction of length 1.
// Opacity falls from the middle of a lobe to its radius, more suddenly with more steepness.
typedef struct {
  double x, y;
  float along_x, along_y, half, opacity, steepness;
  size_t lobes;
} dp_flake;
// A round part of a flake, from its centre; scale: 1 over the radius squared.
typedef struct {
  float x, y, radius, scale;
} dp_lobe;

// A blur kernel w(|dx|, |dy|).  Of a row, `places` sums are kept: of the two values k pixels to either
// side at pair_places[k], of all up to k pixels away at span_places[k]; -1 is not kept.  In row dy, from 0
// to radius, the kernel is `level` over the sum at spans[dy] (-1: nowhere) and has counts[dy] of the taps.
typedef struct {
  uint32_t place;
  float weight;
} dp_tap;
typedef struct {
  size_t radius, places;
  float level;
  const int32_t *pair_places, *span_places, *spans;
  const size_t *counts;
  const dp_tap *taps;
} dp_symmetric;

// A blur kernel as weighted sums of runs (see RunPlan): tap k adds weight times the sums of 2^plane
// values.  `row` counts from the upper end of the kernel; offset: plane * dp_runs_plane + the place in it.
typedef struct {
  uint32_t row, offset;
  float weight;
} dp_run_tap;
typedef struct {
  size_t radius, planes, count;
  const dp_run_tap *taps;
} dp_runs;

// A picture cut into sheets of equal defocus: RGBA colours seen, those guessed behind them for each block
// of block x block pixels, and the sheets of both for each pixel.  Behind the next sheet colours are
// guessed; one behind the pixel's own, they are the pixel's.
typedef struct {
  size_t width, height, block;
  const float *seen, *guess;
  const int16_t *front, *back;
} dp_sheets;

// The share of an old pixel of a row in a new, larger one.
typedef struct {
  size_t to, from;
  double weight;
} dp_area_tap;

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
  // RGB pixel i: x + colour * t[i].
  void (*add_map)(float *x, const float *t, size_t pixels, const float colour[3]);
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
  // Convolution of `height` rows of n values, `step` a pixel, with a symmetric kernel.  x: the first of
  // height + 2 radius rows of n + 2 radius step values, and 31 more that may be read; scratch: room for
  // dp_symmetric_scratch(radius, places) values.
  void (*blur_symmetric)(float *y, size_t y_stride, const float *x, size_t x_stride, size_t n,
                         size_t height, size_t step, const dp_symmetric *kernel, float *scratch);
  // The same with any kernel, and nothing read beyond the rows; dp_runs_scratch values of scratch.
  void (*blur_runs)(float *y, size_t y_stride, const float *x, size_t x_stride, size_t n,
                    size_t height, size_t step, const dp_runs *kernel, float *scratch);
  // Rows of RGBA pixels, premultiplied: far = near + far * (1 - near's alpha).
  void (*lay_over)(float *far, size_t far_stride, const float *near, size_t near_stride,
                   size_t pixels, size_t rows);
  // y[i]: the sum over `count` layers of n values of 1 - what they let through.
  void (*sum_opacity)(float *y, const float *layers, size_t count, size_t n);
  // RGBA pixels to RGB: the colours over their alpha, or over 1e-6.
  void (*unpremultiply)(float *y, const float *x, size_t pixels);
  // y = 1 / (near + span * clamp(depth, 0, 1)) - focused.
  void (*defocus)(float *y, const float *depth, size_t n, float near, float span, float focused);
  // y = rint(scale * x), half to even, |scale * x| < 32767.
  void (*whole_numbers)(int16_t *y, const float *x, size_t n, float scale);
  // y = x where high - low <= most, else whichever of low and high is nearer to x.
  void (*harden)(float *y, const float *x, const float *low, const float *high, size_t n, float most);
  // Lowers *low and raises *high to hold every value.
  void (*bounds)(float *low, float *high, const float *x, size_t n);
  // For each block x block pixels, fewer at the right and below: of RGBA colours times weights, and in
  // the fifth of eight places of nearness times weight, the sum; the least of `least` and the nearness; and
  // edges = 1 where a pixel's nearness differs from that of the next one or the one below by more than `edge`.
  void (*block_sums)(double *sums, float *least, float *edges, const float *colours, const float *near,
                     const float *weights, size_t width, size_t height, size_t block, float edge);
  // The sheet behind each pixel's own: none where `least` of its block is not behind it, else that of its
  // block, or the one just behind the pixel's own if this is farther.  line: 2 width values.
  void (*sheets_behind)(int16_t *y, const int16_t *own, const int16_t *least, const int16_t *second,
                        size_t width, size_t height, size_t block, int16_t none, int16_t *line);
  // Marks in held[(sheet - low) strips height + strip height + y] which strips of 16 pixels of which rows
  // hold something of each sheet; low: the farthest sheet, `none` being farther than any.
  void (*mark_sheets)(uint8_t *held, const dp_sheets *sheets, int16_t low);
  // Writes the strips that hold something of one sheet, with zeros between, `stride` values between rows;
  // held: those of the sheet.  clear_strips: writes zeros alone.
  void (*fill_strips)(float *y, size_t stride, const dp_sheets *sheets, int16_t sheet, const uint8_t *held);
  void (*clear_strips)(float *y, size_t stride, const dp_sheets *sheets, const uint8_t *held);
  // The mean over the box from `before` rows and columns before each place to `after` behind it, mirrored
  // at the border without repeating the edge.  scratch: dp_box_scratch(width, before, after) values.
  void (*box_mean)(float *y, const float *x, size_t width, size_t height, size_t before,
                   size_t after, float *scratch);
  // Adds a row of pixels of `step` values, times weight, to the sums of a row of larger ones; the taps of a
  // larger pixel follow each other.
  void (*area_row)(double *sums, const float *x, size_t step, const dp_area_tap *taps, size_t count,
                   double weight);
  // 8-bit codes as 64-bit numbers.
  void (*wide_codes)(double *y, const uint8_t *x, size_t n);
  // Luma (BT.601) and the greatest value of RGB pixels.
  void (*luma_of)(float *y, const float *x, size_t pixels);
  void (*brightest_of)(float *y, const float *x, size_t pixels);
  // The guided filter with boxes of 3x3, mirrored as above; scratch: 4 (height + 1) x
  // dp_guided_stride(width) values.
  void (*guided3)(float *y, const float *guide, const float *input, size_t width, size_t height,
                  float epsilon, float *scratch);
  // Draw the parameters of eight streaks and their layers; they use 32 blocks of the stream.
  void (*streaks)(dp_streak out[8], uint32_t layers[8], const dp_shower *shower, dp_stream stream);
  // Draw one particle; return how many places it made seen.
  size_t (*streak)(const dp_layer *layer, const dp_streak *streak);
  size_t (*flake)(const dp_layer *layer, const dp_flake *flake, const dp_lobe *lobes);
  // keep *= what `count` layers of n values let through, the nearest first; glow: the share of their
  // particles' own light, of which clear[l] of layer l gets through the veil before it.
  void (*stack_layers)(float *keep, float *glow, const float *layers, const float *clear,
                       size_t count, size_t n);
  // RGB pixel i: x * keep[i] + light * glow[i] + air * (1 - keep[i] - glow[i]).
  void (*mix_lights)(float *x, const float *keep, const float *glow, size_t pixels,
                     const float light[3], const float air[3]);
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

static inline size_t dp_symmetric_scratch(size_t radius, size_t places) {
  return (2 * radius + 1) * (32 * places + 4) + 16;
}
// Values of a line of `box_mean`, and of its scratch.
static inline size_t dp_box_line(size_t width, size_t before, size_t after) {
  return (width + 2 * (before + after) + 63) & ~(size_t)15;
}
static inline size_t dp_box_scratch(size_t width, size_t before, size_t after) {
  return 2 * dp_box_line(width, before, after) + 2 * width;
}
// Values between two rows of the scratch of `guided3`.
static inline size_t dp_guided_stride(size_t width) { return ((width + 2 + 15) & ~(size_t)15) + 32; }
// Values of a plane of `blur_runs`, and of its scratch.
static inline size_t dp_runs_plane(size_t radius, size_t step) {
  return (64 + 2 * radius * step + 15) & ~(size_t)15;
}
static inline size_t dp_runs_scratch(size_t radius, size_t step, size_t planes) {
  return (2 * radius + 1) * (4 + planes * dp_runs_plane(radius, step)) + 64;
}
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
