// Dense 3x3 convolutions of which one side is a picture: 1 to THIN channels, as at a network's ends.
// A tile of 16 or 32 columns would be empty for the most part, so the three taps of a row, or all nine,
// stand beside each other and fill it.
//
//  - To a picture: z[p] = x[p] W with the nine taps' outputs as columns, then y[p] = sum of z around p.
//  - Weights: the picture's three neighbours in a row are 3 THIN floats in a row, one side of a product.
//
// Cost: 18 * P * in * out flops; both maps are read once.
// Measured, two threads of an Intel Xeon (Emerald Rapids), AVX-512: 2 % of an iteration of NAFNet width 32, 7 % as
// tiles of three columns.

typedef float vec4 __attribute__((vector_size(16), aligned(4)));

// ---- to a picture -----------------------------------------------------------------------------------
typedef struct {
  conv_job conv;
  long band, bands;  // rows of a band, bands of an image
} to_thin_job;

// Columns of z: [tap][out].
static void pack_thin_weights(const conv_job *v, float *packed) {
  long n = 9 * v->out;
  dk_mark mark = dk_scratch_mark();
  float *columns = dk_scratch(v->in * n);
  for (int tap = 0; tap < 9; tap++) {
    const float *w = v->w + (v->turned ? 8 - tap : tap) * v->in * v->out;
    for (long c = 0; c < v->in; c++) {
      for (long o = 0; o < v->out; o++) {
        columns[c * n + tap * v->out + o] = w[v->turned ? o * v->in + c : c * v->out + o];
      }
    }
  }
  pack(0, v->in, n, columns, n, packed);
  dk_scratch_release(mark);
}

// z of rows row - 1 ..= row + count; zeros beyond the picture.
static void thin_products(const conv_job *v, const float *image, long row, long count, long ld,
                          float *z) {
  long line = (v->W + 2) * ld;
  for (long i = row - 1; i <= row + count; i++, z += line) {
    if (i < 0 || i >= v->H) {
      memset(z, 0, line * sizeof(float));
      continue;
    }
    memset(z, 0, ld * sizeof(float));
    memset(z + line - ld, 0, ld * sizeof(float));
    product(v->W, 9 * v->out, v->in, image + i * v->W * v->in, v->in, v->packed, NULL, NULL, 0, z + ld,
            ld);
  }
}

static void thin_sums(const conv_job *v, const float *z, long ld, float *y) {
  vec4 bias = {};
  if (v->bias) memcpy(&bias, v->bias, v->out * sizeof(float));
  for (long p = 0; p < v->W; p++, z += ld) {
    vec4 sum = bias;
    UNROLL for (int tap = 0; tap < 9; tap++) {
      sum += *(const vec4 *)(z + (tap / 3 * (v->W + 2) + tap % 3) * ld + tap * v->out);
    }
    memcpy(y + p * v->out, &sum, v->out * sizeof(float));
  }
}

static void thin_band_part(void *context, int part) {
  const to_thin_job *job = context;
  const conv_job *v = &job->conv;
  long image = part / job->bands, row = part % job->bands * job->band;
  long rows = smaller(job->band, v->H - row), ld = round_up(9 * v->out, LANES);
  dk_mark mark = dk_scratch_mark();
  float *z = dk_scratch((rows + 2) * (v->W + 2) * ld);
  thin_products(v, v->x + image * v->H * v->W * v->in, row, rows, ld, z);
  for (long i = 0; i < rows; i++) {
    thin_sums(v, z + i * (v->W + 2) * ld, ld, v->y + ((image * v->H + row + i) * v->W) * v->out);
  }
  dk_scratch_release(mark);
}

// Bands of rows whose z fits the cache, two at least for each thread.
static void conv_run_to_thin(const conv_job *v) {
  dk_mark mark = dk_scratch_mark();
  to_thin_job job = {.conv = *v};
  job.conv.packed = dk_scratch(packed_size(v->in, 9 * v->out));
  pack_thin_weights(v, job.conv.packed);
  long line = (v->W + 2) * round_up(9 * v->out, LANES), threads = dk_split();
  long fair = (v->B * v->H + 2 * threads - 1) / (2 * threads);
  job.band = larger(1, smaller(smaller(THIN_BAND / line, fair), v->H));
  job.bands = (v->H + job.band - 1) / job.band;
  dk_run((int)(v->B * job.bands), thin_band_part, &job);
  dk_scratch_release(mark);
}

// ---- weights ----------------------------------------------------------------------------------------
// Copies rows row - 1 ..= row + count of an image with a border of zeros.
static void pad_rows(const float *image, long H, long W, long C, long row, long count, float *out) {
  for (long i = row - 1; i <= row + count; i++, out += (W + 2) * C) {
    if (i < 0 || i >= H) {
      memset(out, 0, (W + 2) * C * sizeof(float));
      continue;
    }
    memset(out, 0, C * sizeof(float));
    memcpy(out + C, image + i * W * C, W * C * sizeof(float));
    memset(out + (W + 1) * C, 0, C * sizeof(float));
  }
}

typedef struct {
  long B, H, W, thin, wide;     // channels of the picture and of the other map
  const float *picture, *map;
  float *sums;                  // of each part: [3][THIN_ROWS][wide]
  long band, bands;
  int parts;
} thin_weight_job;

// sums[tap row][tap column, channel][wide] += over a band of an image.
static void thin_weight_band(const thin_weight_job *v, long image, long row, float *padded, float *panel,
                             float *sums) {
  long rows = smaller(v->band, v->H - row), line = (v->W + 2) * v->thin, at = (image * v->H + row) * v->W;
  pad_rows(v->picture + image * v->H * v->W * v->thin, v->H, v->W, v->thin, row, rows, padded);
  for (long j = 0; j < v->wide; j += PANEL) {
    long width = smaller(PANEL, v->wide - j), wide = panel_width(v->wide, j);
    pack_panel(rows * v->W, width, wide, v->map + at * v->wide + j, v->wide, panel);
    for (long tap = 0; tap < 3; tap++) {
      for (long i = 0; i < THIN_ROWS;) {
        int t = tile_for(THIN_ROWS - i);
        tiles[t].tn[wide == PANEL](rows, v->W, padded + tap * line + i, v->thin, line, panel, wide,
                                   v->W * wide, sums + (tap * THIN_ROWS + i) * v->wide + j, v->wide,
                                   width, 0);
        i += tiles[t].rows;
      }
    }
  }
}

static void thin_weight_part(void *context, int part) {
  const thin_weight_job *v = context;
  span units = part_of(v->B * v->bands, 1, v->parts, part);
  long line = (v->W + 2) * v->thin, size = 3 * THIN_ROWS * v->wide;
  float *sums = v->sums + part * size;
  memset(sums, 0, size * sizeof(float));
  dk_mark mark = dk_scratch_mark();
  float *padded = dk_scratch((v->band + 2) * line + THIN_ROWS);
  float *panel = dk_scratch(v->band * v->W * PANEL);
  // The spare lines of a tile read on behind the last pixel.
  memset(padded + (v->band + 2) * line, 0, THIN_ROWS * sizeof(float));
  for (long u = units.start; u < units.end; u++) {
    thin_weight_band(v, u / v->bands, u % v->bands * v->band, padded, panel, sums);
  }
  dk_scratch_release(mark);
}

// sums[tap][channel of the picture][wide], in the caller's scratch.
static const float *thin_weight_sums(thin_weight_job *v) {
  v->band = weight_band(v->H, v->W);
  v->bands = (v->H + v->band - 1) / v->band;
  v->parts = (int)smaller(dk_split(), v->B * v->bands);
  long size = 3 * THIN_ROWS * v->wide, used = 3 * v->thin * v->wide;
  float *total = dk_scratch(3 * used);
  v->sums = dk_scratch(v->parts * size);
  dk_run(v->parts, thin_weight_part, v);
  memset(total, 0, 3 * used * sizeof(float));
  for (long tap = 0; tap < 3; tap++) {
    add_parts(v->parts, used, v->sums + tap * THIN_ROWS * v->wide, size, total + tap * used);
  }
  return total;
}

// dw += ; one of in and out is a picture's.
static void conv3x3_thin_grad_weight(long B, long H, long W, long in, long out, const float *x,
                                     const float *dy, float *dw) {
  dk_mark mark = dk_scratch_mark();
  if (is_thin(in)) {
    thin_weight_job v = {.B = B, .H = H, .W = W, .thin = in, .wide = out, .picture = x, .map = dy};
    add_parts(1, 9 * in * out, thin_weight_sums(&v), 0, dw);
  } else {
    // The same with the maps exchanged: then a tap looks the other way, and the weights lie turned.
    thin_weight_job v = {.B = B, .H = H, .W = W, .thin = out, .wide = in, .picture = dy, .map = x};
    const float *sums = thin_weight_sums(&v);
    for (int tap = 0; tap < 9; tap++) {
      float *to = dw + (8 - tap) * in * out;
      for (long o = 0; o < out; o++, sums += in) {
        for (long c = 0; c < in; c++) to[c * out + o] += sums[c];
      }
    }
  }
  dk_scratch_release(mark);
}
