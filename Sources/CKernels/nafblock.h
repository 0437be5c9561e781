// A NAFBlock, fused (Chen et al. 2022, figure 4c), forward.
//
// With n() the normalisation without its affine part, * a product over channels:
//   t = n1(x) * W1 + b1,  g = gate(depthwise(t)),  a = mean(g) * Wsca + bsca,
//   y = x + beta (g a * W3 + b3),  out = y + gamma (gate(n2(y) * W4 + b4) * W5 + b5).
//
// What saves passes over the pixels:
//  - the affine part of a normalisation goes into the next product: W1 <- diag(w) W1, b1 <- b W1 + b1;
//  - a and beta go into W3 for each image, gamma into W5;
//  - t lives three rows at a time, everything after g lives a tile of pixels at a time.
// Kept for the backward pass: g, y (where it is wanted), and mean and rstd of both normalisations.
//
// Cost: 2 P C (6 C + 9) flops; reads x twice, writes g, y and out.
// Measured, one thread of an AMD EPYC (Zen 5), AVX-512: 105-122 GFLOP/s at 4x128x128x32, 178-218 with 64
// channels, 220-248 with 128; AVX2: 62, 92-99, 108-124.

#define NAF_EPS 1e-6f

// Scratch of one part, with results that are added up afterwards.
typedef struct {
  row_ring t, dt;          // rows of 2C channels: t, and its gradient after the depthwise convolution
  float *normal[3];        // rows of n1(x)
  float *unkept;           // statistics of a neighbour's row
  float *wide, *narrow, *narrow2, *wide2;  // a row or a tile of 2C, C, C and 2C channels
  float *tile_normal, *tile_y;
  // sums of the backward pass
  float *w1, *w4, *w5, *w3;             // n1(x)^T dt [C][2C], n2(y)^T dt4, g2^T dout, per image g^T dy
  float *s1, *s4, *s_out, *s_y;         // column sums of dt, dt4, dout, per image dy
  float *taps, *taps_bias, *unused;     // of the depthwise convolution
  float *pool;                          // per image, sums of g
} naf_part;

typedef struct {
  long B, H, W, C, tile, bands;  // tile: pixels; bands of rows an image is cut into
  int parts, backward;
  const dk_naf_parameters *p, *gradients;
  const float *x, *dout;
  float *out, *gated, *y, *dx, *dy;
  float *mean1, *rstd1, *mean2, *rstd2, *pool, *a;  // of stats
  // folded weights, packed, and their transposes
  float *w1, *w1t, *b1, *w4, *w4t, *b4, *w5, *w5t, *b5, *w3, *w3t, *b3, *turned;
  float *da, *dpool;  // per image: gradients of a, and of every pixel of g through the mean
  naf_part part[NAF_PARTS];
} naf_job;

// Between pixels: off the powers of two.
INLINE long naf_wide(long C) { return 2 * C + 16; }
INLINE long naf_narrow(long C) { return C + 16; }

// packed <- diag(row) w diag(column), turned <- its transpose; either may be NULL, and so the factors.
static void naf_fold(long k, long n, const float *w, const float *row, const float *column,
                     float *packed, float *turned) {
  dk_mark mark = dk_scratch_mark();
  float *folded = dk_scratch(k * n);
  for (long i = 0; i < k; i++) {
    vec r = splat(row ? row[i] : 1);
    for (long j = 0; j < n; j += LANES) {
      vec v = load_all(w + i * n + j) * r;
      store_all(folded + i * n + j, column ? v * load_all(column + j) : v);
    }
  }
  if (packed) pack(0, k, n, folded, n, packed);
  if (turned) pack(1, n, k, folded, n, turned);
  dk_scratch_release(mark);
}

// out[n] = bias + v[k] * w[k][n]
static void naf_vector_product(long k, long n, const float *v, const float *w, const float *bias,
                               float *out) {
  memcpy(out, bias, n * sizeof(float));
  for (long i = 0; i < k; i++) {
    vec s = splat(v[i]);
    for (long j = 0; j < n; j += LANES) store_all(out + j, load_all(out + j) + s * load_all(w + i * n + j));
  }
}
static void naf_times(long C, const float *a, const float *b, float *out) {
  for (long c = 0; c < C; c += LANES) store_all(out + c, load_all(a + c) * load_all(b + c));
}

static void naf_fold_part(void *context, int part) {
  naf_job *j = context;
  const dk_naf_parameters *p = j->p;
  long C = j->C;
  if (part == 0) {
    naf_fold(C, 2 * C, p->conv1_weight, p->norm1_weight, NULL, j->w1, j->w1t);
    naf_vector_product(C, 2 * C, p->norm1_bias, p->conv1_weight, p->conv1_bias, j->b1);
    naf_times(C, p->conv3_bias, p->beta, j->b3);
  } else {
    naf_fold(C, 2 * C, p->conv4_weight, p->norm2_weight, NULL, j->w4, j->w4t);
    naf_vector_product(C, 2 * C, p->norm2_bias, p->conv4_weight, p->conv4_bias, j->b4);
    naf_fold(C, C, p->conv5_weight, NULL, p->gamma, j->w5, j->w5t);
    naf_times(C, p->conv5_bias, p->gamma, j->b5);
  }
}

// Everything of the job that is scratch; the caller releases it.
static void naf_open(naf_job *j, float *stats) {
  long B = j->B, C = j->C, P = B * j->H * j->W, square = packed_size(C, C);
  naf_cuts cuts = naf_split(B, j->H, C, dk_split());
  j->parts = cuts.parts, j->bands = cuts.bands;
  j->tile = C >= 256 ? 96 : 48;
  j->mean1 = stats, j->rstd1 = stats + P, j->mean2 = stats + 2 * P, j->rstd2 = stats + 3 * P;
  j->pool = stats + 4 * P, j->a = j->pool + B * C;
  j->w1 = dk_scratch(2 * square), j->w4 = dk_scratch(2 * square), j->w5 = dk_scratch(square);
  j->b1 = dk_scratch(2 * C), j->b4 = dk_scratch(2 * C), j->b5 = dk_scratch(C), j->b3 = dk_scratch(C);
  if (j->backward) {
    j->w1t = dk_scratch(2 * square), j->w4t = dk_scratch(2 * square), j->w5t = dk_scratch(square);
    j->w3t = dk_scratch(B * square);
    j->da = dk_scratch(B * C), j->dpool = dk_scratch(B * C);
    j->turned = turned_taps(2 * C, j->p->conv2_weight);
  } else {
    j->w3 = dk_scratch(B * square);
  }
  dk_run(2, naf_fold_part, j);
}

// ---- first half: x -> g, rows through a ring ----------------------------------------------------
// Row r of n1(x) and t.  The statistics are new if fresh, and kept where the row is the band's own.
static void naf_row(const naf_job *j, naf_part *s, long image, long r, int fresh, int own) {
  if (r < 0 || r >= j->H) return;
  long C = j->C, at = (image * j->H + r) * j->W;
  float *normal = s->normal[r % 3];
  if (fresh) {
    normalize_rows(j->W, C, NAF_EPS, j->x + at * C, normal, naf_narrow(C), own ? j->mean1 + at : s->unkept,
                   own ? j->rstd1 + at : s->unkept + j->W);
  } else {
    normalize_again(j->W, C, j->x + at * C, j->mean1 + at, j->rstd1 + at, normal, naf_narrow(C));
  }
  product(j->W, 2 * C, C, normal, naf_narrow(C), j->w1, j->b1, NULL, 0, ring_slot(&s->t, r), s->t.C);
}
// Unit u of the first half: an image, or a band of it.
INLINE long naf_band(const naf_job *j, long u, long *start, long *end) {
  long q = u % j->bands;
  *start = j->H * q / j->bands;
  *end = j->H * (q + 1) / j->bands;
  return u / j->bands;
}
static void naf_open_rows(const naf_job *j, naf_part *s) {
  // The ring's pixels lie naf_wide apart; those between are never read.
  s->t = ring_new(j->W, naf_wide(j->C));
  for (int i = 0; i < 3; i++) s->normal[i] = dk_scratch(j->W * naf_narrow(j->C));
  s->unkept = dk_scratch(2 * j->W);
}

static void naf_rows_part(void *context, int part) {
  naf_job *j = context;
  naf_part s;
  dk_mark mark = dk_scratch_mark();
  naf_open_rows(j, &s);
  long C = j->C, units = j->B * j->bands;
  float *pool = j->part[part].pool;
  memset(pool, 0, j->B * C * sizeof(float));
  for (long u = units * part / j->parts; u < units * (part + 1) / j->parts; u++) {
    long start, end, image = naf_band(j, u, &start, &end);
    for (long r = start - 1; r <= end; r++) {
      naf_row(j, &s, image, r, 1, r >= start && r < end);
      if (r - 1 < start) continue;
      row_window v = ring_window(&s.t, j->H, r - 1);
      float *g = j->gated + (image * j->H + r - 1) * j->W * C;
      depthwise_gate_row(C, &v, j->p->conv2_weight, j->p->conv2_bias, g, C, pool + image * C);
    }
  }
  dk_scratch_release(mark);
}

// ---- attention over channels ----------------------------------------------------------------------
static void naf_attention_part(void *context, int part) {
  naf_job *j = context;
  long C = j->C, square = packed_size(C, C);
  for (long b = j->B * part / j->parts; b < j->B * (part + 1) / j->parts; b++) {
    float *pool = j->pool + b * C;
    memset(pool, 0, C * sizeof(float));
    for (int t = 0; t < j->parts; t++) add_parts(1, C, j->part[t].pool + b * C, C, pool);
    for (long c = 0; c < C; c++) pool[c] /= (float)(j->H * j->W);
    naf_vector_product(C, C, pool, j->p->sca_weight, j->p->sca_bias, j->a + b * C);
    naf_fold(C, C, j->p->conv3_weight, j->a + b * C, j->p->beta, j->w3 + b * square, NULL);
  }
}

// ---- second half: g -> out, a tile of pixels at a time ----------------------------------------------
// Pixels of tile u: the first, how many, and the image they are of.
INLINE long naf_tile(const naf_job *j, long u, long *first, long *count) {
  long pixels = j->H * j->W, tiles = (pixels + j->tile - 1) / j->tile, start = u % tiles * j->tile;
  *count = smaller(j->tile, pixels - start);
  *first = u / tiles * pixels + start;
  return u / tiles;
}
INLINE span naf_tiles(const naf_job *j, int part, int parts) {
  return part_of(j->B * ((j->H * j->W + j->tile - 1) / j->tile), 1, parts, part);
}
static void naf_open_tile(const naf_job *j, naf_part *s) {
  s->wide = dk_scratch(j->tile * naf_wide(j->C));
  s->narrow = dk_scratch(j->tile * naf_narrow(j->C));
  s->tile_normal = dk_scratch(j->tile * naf_narrow(j->C));
  if (!j->y) s->tile_y = dk_scratch(j->tile * j->C);
}

static void naf_tiles_part(void *context, int part) {
  naf_job *j = context;
  naf_part s;
  dk_mark mark = dk_scratch_mark();
  naf_open_tile(j, &s);
  long C = j->C, wide = naf_wide(C), narrow = naf_narrow(C);
  span units = naf_tiles(j, part, 4 * j->parts);
  for (long u = units.start; u < units.end; u++) {
    long at, n, image = naf_tile(j, u, &at, &n);
    float *y = j->y ? j->y + at * C : s.tile_y;
    product(n, C, C, j->gated + at * C, C, j->w3 + image * packed_size(C, C), j->b3, j->x + at * C, C,
            y, C);
    normalize_rows(n, C, NAF_EPS, y, s.tile_normal, narrow, j->mean2 + at, j->rstd2 + at);
    product(n, 2 * C, C, s.tile_normal, narrow, j->w4, j->b4, NULL, 0, s.wide, wide);
    gate_rows(n, C, s.wide, wide, s.narrow, narrow);
    product(n, C, C, s.narrow, narrow, j->w5, j->b5, y, C, j->out + at * C, C);
  }
  dk_scratch_release(mark);
}

static void naf_block(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x,
                      float *out, float *gated, float *y, float *stats) {
  dk_mark mark = dk_scratch_mark();
  naf_job j = {.B = B, .H = H, .W = W, .C = C, .p = p, .x = x, .out = out, .gated = gated, .y = y};
  naf_open(&j, stats);
  for (int t = 0; t < j.parts; t++) j.part[t].pool = dk_scratch(B * C);
  dk_run(j.parts, naf_rows_part, &j);
  dk_run(j.parts, naf_attention_part, &j);
  dk_run(4 * j.parts, naf_tiles_part, &j);
  dk_scratch_release(mark);
}
