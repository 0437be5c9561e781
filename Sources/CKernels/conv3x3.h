// Dense 3x3 convolutions as implicit products: a tile of pixels keeps its sums in registers over the
// nine taps, which are nine runs of one micro-kernel.
//
// Cost: 18 * P * in * out flops; x is read about once, the weights once a band of rows.
// Measured, one thread of an AMD EPYC (Zen 5), 64 to 256 channels: 266-280 GFLOP/s with AVX-512 (oneDNN
// in PyTorch 2.15: 252-283), 128-138 with AVX2 (141), 24 portable; 512 channels at 16x16: 221-242.

typedef struct {
  long B, H, W, in, out;
  const float *x;
  const float *packed;
  const float *bias;
  float *y;
  long band, bands;  // rows of a band, bands of an image
  int parts;
  const float *w;
  int turned;  // packs the weights of the data gradient
} conv_job;

// Floats between neighbouring pixels of a padded band: off the powers of two; a picture's lie dense.
INLINE long pixel_stride(long channels) {
  if (channels < 16) return channels;
  return round_up(channels, 16) + (is_bad_stride(round_up(channels, 16)) ? 16 : 0);
}

// Copies rows row - 1 ..= row + count of an image with a border of zeros.
static void pad_rows(const float *image, long H, long W, long C, long row, long count, long stride,
                     float *out) {
  for (long i = row - 1; i <= row + count; i++, out += (W + 2) * stride) {
    if (i < 0 || i >= H) {
      memset(out, 0, (W + 2) * stride * sizeof(float));
      continue;
    }
    memset(out, 0, stride * sizeof(float));
    memset(out + (W + 1) * stride, 0, stride * sizeof(float));
    const float *line = image + i * W * C;
    if (stride == C) {
      memcpy(out + C, line, W * C * sizeof(float));
      continue;
    }
    for (long p = 0; p < W; p++) memcpy(out + (p + 1) * stride, line + p * C, C * sizeof(float));
  }
}

// Layout of the weights: [depth block][panel][tap][channel of the block][column of the panel].
static void conv_pack_part(void *context, int part) {
  const conv_job *v = context;
  long panels = (v->out + PANEL - 1) / PANEL;
  float *packed = (float *)v->packed;
  for (long q = panels * part / v->parts; q < panels * (part + 1) / v->parts; q++) {
    long j = q * PANEL, width = smaller(PANEL, v->out - j), wide = panel_width(v->out, j);
    for (long k = 0; k < v->in; k += CONV_DEPTH) {
      long depth = smaller(CONV_DEPTH, v->in - k);
      float *out = packed + 9 * packed_size(k, v->out) + 9 * j * depth;
      for (int tap = 0; tap < 9; tap++, out += depth * wide) {
        if (v->turned) {
          const float *w = v->w + (8 - tap) * v->in * v->out + j * v->in + k;
          pack_panel_transposed(depth, width, wide, w, v->in, out);
        } else {
          const float *w = v->w + (tap * v->in + k) * v->out + j;
          pack_panel(depth, width, wide, w, v->out, out);
        }
      }
    }
  }
}

// One row of pixels, one panel of output channels, one block of input channels.
static void conv_row(const conv_job *v, const float *padded, long stride, long depth,
                     const float *panel, const float *bias, const float *addend, float *y,
                     long width) {
  const float *run[9];
  // Where pixels lie dense, the three taps of a row are one run.
  int joined = depth == stride ? 3 : 1;
  for (int r = 0; r < 9 / joined; r++) {
    int tap = r * joined;
    run[r] = padded + (tap / 3 * (v->W + 2) + tap % 3) * stride;
  }
  product_panel(v->W, 9 / joined, run, joined * depth, stride, panel, bias, addend, v->out, y, v->out,
                width);
}

static void conv_band_part(void *context, int part) {
  const conv_job *v = context;
  long image = part / v->bands, row = part % v->bands * v->band;
  long rows = smaller(v->band, v->H - row), stride = pixel_stride(v->in), line = (v->W + 2) * stride;
  dk_mark mark = dk_scratch_mark();
  float *padded = dk_scratch((rows + 2) * line);
  pad_rows(v->x + image * v->H * v->W * v->in, v->H, v->W, v->in, row, rows, stride, padded);
  float *y = v->y + (image * v->H + row) * v->W * v->out;
  for (long k = 0; k < v->in; k += CONV_DEPTH) {
    long depth = smaller(CONV_DEPTH, v->in - k);
    for (long j = 0; j < v->out; j += PANEL) {
      const float *panel = v->packed + 9 * packed_size(k, v->out) + 9 * j * depth;
      for (long i = 0; i < rows; i++) {
        float *out = y + i * v->W * v->out + j;
        conv_row(v, padded + i * line + k, stride, depth, panel,
                 k || !v->bias ? NULL : v->bias + j, k ? out : NULL, out, smaller(PANEL, v->out - j));
      }
    }
  }
  dk_scratch_release(mark);
}

// Bands of rows whose padded copies of `stride` floats a pixel fit the cache, two at least for each thread.
static void conv_cut_bands(conv_job *v, long stride) {
  long line = (v->W + 2) * stride, threads = dk_split();
  long fair = (v->B * v->H + 2 * threads - 1) / (2 * threads);
  v->band = larger(1, smaller(smaller(CONV_BAND / line, fair), v->H));
  v->bands = (v->H + v->band - 1) / v->band;
}
