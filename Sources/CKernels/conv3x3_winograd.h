// Dense 3x3 convolutions in Winograd's planes: forward, data and weight gradient.
//
// Cost: 8 * P * in * out flops, 18 as sums over taps; the weights cross the memory once a block of quads.
// Outputs are those of sums over taps but for rounding: of 256 channels, 1e-7 of the largest in the mean.
// Measured, two threads of an Intel Xeon (Emerald Rapids), AVX-512, in operations of sums over taps: 32 to 512
// channels of 128x128 to 16x16 pixels 400-530 GFLOP/s; the nine taps one by one, 210-310.

// Layout of the weights: [plane][block of K_BLOCK channels][panel][channel of the block][column of the panel].
INLINE long winograd_weight_plane(const conv_job *v) {
  return packed_size(v->in, v->columns.end - v->columns.start) + 16;
}

static void winograd_pack_part(void *context, int part) {
  const conv_job *v = context;
  long columns = v->columns.end - v->columns.start, plane = winograd_weight_plane(v);
  span mine = part_of(columns, PANEL, v->parts, part);
  dk_mark mark = dk_scratch_mark();
  float *taps = dk_scratch(9 * TAP_DEPTH * PANEL);
  for (long j = mine.start; j < mine.end; j += PANEL) {
    long wide = panel_width(columns, j);
    for (long k = 0; k < v->in; k += TAP_DEPTH) {
      long depth = smaller(TAP_DEPTH, v->in - k), block = k / K_BLOCK * K_BLOCK, size = depth * wide;
      for (int tap = 0; tap < 9; tap++) {
        conv_pack_tap(v, tap, k, depth, v->columns.start + j, taps + tap * size);
      }
      float *out = v->packed + packed_size(block, columns) + j * smaller(K_BLOCK, v->in - block) +
                   (k - block) * wide;
      for (long i = 0; i < size; i += LANES) {
        vec w[9], u[PLANES];
        UNROLL for (int tap = 0; tap < 9; tap++) w[tap] = load_all(taps + tap * size + i);
        winograd_weights(w, u);
        UNROLL for (int p = 0; p < PLANES; p++) store_all(out + p * plane + i, u[p]);
      }
    }
  }
  dk_scratch_release(mark);
}

static void winograd_part(void *context, int part) {
  const conv_job *v = context;
  span quads = part_of(quad_count(v->B, v->H, v->W), ROWS, v->parts, part);
  long count = quads.end - quads.start, columns = v->columns.end - v->columns.start;
  quad_map in = quad_map_of(v->H, v->W, v->in), out = quad_map_of(v->H, v->W, v->out);
  plane_layout x = planes_of(count, v->in), y = planes_of(count, columns);
  dk_mark mark = dk_scratch_mark();
  float *spare = dk_scratch(larger(v->in, columns));
  float *inputs = dk_scratch(PLANES * x.size), *sums = dk_scratch(PLANES * y.size);
  memset(spare, 0, v->in * sizeof(float));
  quads_to_planes(&in, quads, (span){0, v->in}, 4, v->x, spare, x, inputs);
  for (long p = 0; p < PLANES; p++) {
    const float *packed = v->packed + p * winograd_weight_plane(v);
    float *c = sums + p * y.size;
    for (long k = 0; k < v->in; k += K_BLOCK) {
      product(count, columns, smaller(K_BLOCK, v->in - k), inputs + p * x.size + k, x.ld,
              packed + packed_size(k, columns), NULL, k ? c : NULL, y.ld, c, y.ld);
    }
  }
  planes_to_quads(&out, quads, v->columns, y, sums, v->bias, spare, v->y);
  dk_scratch_release(mark);
}

// Large weights go through in groups of columns, as many as the caches hold.
static void conv_run_winograd(conv_job *v) {
  long quads = quad_count(v->B, v->H, v->W), group = plane_lines(v->in, v->out);
  dk_mark mark = dk_scratch_mark();
  v->packed = dk_scratch(PLANES * (packed_size(v->in, group) + 16));
  for (long j = 0; j < v->out; j += group) {
    v->columns = (span){j, smaller(v->out, j + group)};
    v->parts = parts_for((group + PANEL - 1) / PANEL, PLANES * v->in * PANEL, 1);
    dk_run(v->parts, winograd_pack_part, v);
    v->parts = quad_parts(quads, v->in, group, dk_split());
    dk_run(v->parts, winograd_part, v);
  }
  dk_scratch_release(mark);
}

// ---- weights ----------------------------------------------------------------------------------------
typedef struct {
  quad_map x, dy;
  long in, out, quads, block;  // quads at a time
  const float *from, *gradient;
  float *sums, *dw;
  span lines;                  // input channels of the group that is computed
  int parts, by_channels;      // sums: [plane][line][out], of each part where parts take quads
} winograd_weight_job;

static void winograd_weight_part(void *context, int part) {
  const winograd_weight_job *v = context;
  span mine = {0, v->lines.end - v->lines.start}, quads = {0, v->quads};
  long plane = mine.end * v->out + 16;
  float *sums = v->sums;
  if (v->by_channels) {
    mine = part_of(mine.end, ROWS, v->parts, part);
  } else {
    quads = part_of(v->quads, 1, v->parts, part);
    sums += part * PLANES * plane;
  }
  span channels = {v->lines.start + mine.start, v->lines.start + mine.end};
  long m = mine.end - mine.start;
  sums += mine.start * v->out;
  for (int p = 0; p < PLANES; p++) memset(sums + p * plane, 0, m * v->out * sizeof(float));
  plane_layout x = planes_of(v->block, m), dy = planes_of(v->block, v->out);
  dk_mark mark = dk_scratch_mark();
  float *zeros = dk_scratch(larger(m, v->out));
  float *inputs = dk_scratch(PLANES * x.size), *gradients = dk_scratch(PLANES * dy.size);
  memset(zeros, 0, larger(m, v->out) * sizeof(float));
  for (long q = quads.start; q < quads.end; q += v->block) {
    span some = {q, smaller(quads.end, q + v->block)};
    quads_to_planes(&v->x, some, channels, 4, v->from, zeros, x, inputs);
    quads_to_planes(&v->dy, some, (span){0, v->out}, 2, v->gradient, zeros, dy, gradients);
    for (int p = 0; p < PLANES; p++) {
      product_tn(m, v->out, some.end - some.start, inputs + p * x.size, x.ld, gradients + p * dy.size, dy.ld,
                 sums + p * plane, v->out);
    }
  }
  dk_scratch_release(mark);
}

// dw += the taps of the parts' sums.
static void winograd_taps_part(void *context, int part) {
  const winograd_weight_job *v = context;
  long count = v->lines.end - v->lines.start, plane = count * v->out + 16, tap = v->in * v->out;
  int copies = v->by_channels ? 1 : v->parts;
  span mine = part_of(count, 1, v->parts, part);
  float *dw = v->dw + v->lines.start * v->out;
  CHANNELS((mine.end - mine.start) * v->out, {
    long at = mine.start * v->out + c;
    vec u[PLANES]; vec w[9];
    UNROLL for (int p = 0; p < PLANES; p++) {
      u[p] = load(v->sums + p * plane + at, n);
      for (int k = 1; k < copies; k++) u[p] += load(v->sums + (k * PLANES + p) * plane + at, n);
    }
    winograd_taps(u, w);
    UNROLL for (int t = 0; t < 9; t++) add_to(dw + t * tap + at, w[t], n);
  })
}

// Large weights: groups of input channels, of which parts take some.  Small ones: parts take quads and are added up.
static void conv3x3_winograd_grad_weight(long B, long H, long W, long in, long out, const float *x,
                                         const float *dy, float *dw) {
  dk_mark mark = dk_scratch_mark();
  winograd_weight_job v = {.x = quad_map_of(H, W, in), .dy = quad_map_of(H, W, out), .in = in, .out = out,
                           .from = x, .gradient = dy, .dw = dw, .by_channels = splits_channels(in, out)};
  long group = v.by_channels ? plane_lines(out, in) : in;
  v.quads = quad_count(B, H, W);
  v.block = quad_block(v.quads, in, out);
  v.parts = (int)smaller(dk_split(), v.by_channels ? (group + ROWS - 1) / ROWS : v.quads);
  v.sums = dk_scratch((v.by_channels ? 1 : v.parts) * PLANES * (group * out + 16));
  for (long i = 0; i < in; i += group) {
    v.lines = (span){i, smaller(in, i + group)};
    dk_run(v.parts, winograd_weight_part, &v);
    dk_run(v.parts, winograd_taps_part, &v);
  }
  dk_scratch_release(mark);
}
