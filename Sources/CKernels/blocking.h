// How work is cut into blocks and for the threads: the kernels, and what counts their memory, must agree.
#pragma once

// ---- products ----
enum {
  K_BLOCK = 256, M_BLOCK = 96,    // inner and outer lines of a block of a b
  P_BLOCK = 128,                  // points of a block of a^T b
  FEW_ROWS = 512, FEW_WEIGHTS = 256 * 512,
  FEW_OUTPUTS = 256 * 512,        // of a^T b: a copy for each of two threads stays in the second-level cache
};
static inline int has_few_rows(long points, long weights) {
  return points <= FEW_ROWS && weights >= FEW_WEIGHTS;
}
// Whether the parts of a^T b take points, and are added up.
static inline int sums_points(long points, long m, long n) {
  return m * n <= FEW_OUTPUTS && points >= 2 * (m < n ? m : n);
}
// Whether both gradients of a product come from one pass over the points: each part has sums of its own, and
// above 128 to 256 channels these cost more than reading twice.
static inline int takes_one_pass(long points, long in, long out) {
  return in * out < 128 * 256 && sums_points(points, in, out);
}

// ---- dense 3x3 convolutions ----
enum {
  PLANES = 16,                    // of Winograd's transforms
  PLANE_FLOATS = 128 * 1024,      // of the planes on both sides that a thread works on
  PLANE_WEIGHTS = 1536 * 1024,    // floats of the weights' planes
  TAP_DEPTH = 128,                // input channels whose taps are transformed at a time
  THIN = 4, THIN_ROWS = 3 * THIN, // channels of a picture; lines of a tile of its weights, some of them spare
  THIN_BAND = 96 * 1024,          // floats of a band of rows
  THIN_POINTS = 512,              // pixels that the weights' gradient packs at a time, about
};
static inline int is_thin(long channels) { return channels <= THIN; }
// Rows that a picture's weights' gradient packs at a time.
static inline long weight_band(long H, long W) {
  long rows = THIN_POINTS / W < H ? THIN_POINTS / W : H;
  return rows > 1 ? rows : 1;
}
// Quads of 2x2 pixels.
static inline long quad_count(long B, long H, long W) { return B * ((H + 1) / 2) * ((W + 1) / 2); }
// Quads at a time: their planes stay in the second-level cache, but large weights are read for 96 at least.
static inline long quad_block(long quads, long in, long out) {
  long block = PLANE_FLOATS / (PLANES * (in + out));
  if (block < 96) block = 96;
  return block < quads ? block : quads;
}
// Parts of at most that many: two for each thread, or one where they would be small.
static inline int quad_parts(long quads, long in, long out, long threads) {
  long block = quad_block(quads, in, out), parts = (quads + block - 1) / block;
  long fair = quads >= 48 * threads ? 2 * threads : quads >= 8 * threads ? threads : 1;
  return (int)(parts > fair ? parts : fair);
}
// Of `total` channels on the other side: in whole panels, how many at a time have their weights' planes there.
static inline long plane_lines(long channels, long total) {
  long lines = PLANE_WEIGHTS / (PLANES * channels) / 32 * 32;
  if (lines < 32) lines = 32;
  return lines < total ? lines : total;
}
// Whether the parts of the weights' gradient take input channels: else quads, and are added up.
static inline int splits_channels(long in, long out) { return in * out > 56 * 1024; }

// ---- NAFBlocks ----
enum { NAF_PARTS = 64 };

typedef struct {
  long bands;  // of rows that an image is cut into
  int parts;
} naf_cuts;

// Four parts a thread where their sums are small, so that a thread which loses its core holds up nobody.
// Bands compute up to four rows of their neighbours again: they are kept above 32 rows where that fills
// the threads.
static inline naf_cuts naf_split(long B, long H, long C, long threads) {
  long wanted = threads * (C <= 64 ? 4 : C <= 128 ? 2 : 1), most = H < 64 ? 1 : H / 32;
  if (B * most < threads) most = (threads + B - 1) / B;
  if (most > H) most = H;
  long bands = (wanted + B - 1) / B;
  if (bands > most) bands = most;
  long parts = wanted < B * bands ? wanted : B * bands;
  return (naf_cuts){bands, (int)(parts < NAF_PARTS ? parts : NAF_PARTS)};
}
