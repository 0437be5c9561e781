// Attention between the pixels of a window (Swin Transformer, as SwinIR has it).
//
// A window is gathered from the rolled map head by head, and its n x n scores stay in the first cache: no
// rolled map, no windows and no scores lie in memory.  The backward pass computes the scores again.
//
// Cost, n pixels a window: 4 n flops a value of qkv's third forward, 14 n backward; an exponential a score.
typedef struct {
  long B, H, W, C, heads, d, ld, side, shift, n, windows;  // n: pixels of a window; ld: d in whole vectors
  int masked, parts;
  const float *qkv, *dy;
  const float *bias;  // [heads][n][n], or NULL
  float *y, *dbias;   // dbias: of each part, as bias
} window_attention_job;

// The table's row for query i and key k.
INLINE long window_offset(long side, long i, long k) {
  return (i / side - k / side + side - 1) * (2 * side - 1) + i % side - k % side + side - 1;
}

// Where a window's pixels lie in the map, and which of them may meet.
typedef struct {
  long *pixel;
  int32_t *cell;  // pixels of different cells come from opposite borders
  int crosses;    // whether there are several cells
} window_place;

// 0 before the last window, 1 in it, 2 where the roll has brought the other border.
INLINE int32_t window_border(const window_attention_job *j, long i, long length) {
  return (i >= length - j->side) + (i >= length - j->shift);
}
static void window_locate(const window_attention_job *j, long window, window_place *place) {
  long across = j->W / j->side, down = j->H / j->side;
  long top = window / across % down * j->side, left = window % across * j->side;
  long image = window / (across * down) * j->H * j->W;
  for (long i = 0; i < j->n; i++) {
    long row = top + i / j->side, column = left + i % j->side;
    place->pixel[i] = image + (row + j->shift) % j->H * j->W + (column + j->shift) % j->W;
    place->cell[i] = 3 * window_border(j, row, j->H) + window_border(j, column, j->W);
  }
  place->crosses = j->masked && j->shift > 0 && (top + j->side == j->H || left + j->side == j->W);
}

// What one head of one window needs; pixels lie ld floats apart, zeros after the first d.
typedef struct {
  window_place place;
  float *q, *k, *v, *weights, *dy, *dweights, *dq, *dk, *dv, *packed;
} window_scratch;

static float *window_tokens(const window_attention_job *j) {
  float *tokens = dk_scratch(j->n * j->ld);
  memset(tokens, 0, j->n * j->ld * sizeof(float));
  return tokens;
}
static window_scratch window_scratch_new(const window_attention_job *j, int backward) {
  window_scratch w = {0};
  long tokens = j->n * j->ld, scores = j->n * j->n;
  w.place.pixel = (long *)dk_scratch(2 * j->n);
  w.place.cell = (int32_t *)dk_scratch(j->n);
  w.q = window_tokens(j), w.k = dk_scratch(tokens), w.v = dk_scratch(tokens);
  w.weights = dk_scratch(scores);
  w.packed = dk_scratch(larger(packed_size(j->d, j->n), packed_size(j->n, j->d)));
  w.dq = dk_scratch(tokens);
  if (!backward) return w;
  w.dy = window_tokens(j), w.dweights = dk_scratch(scores);
  w.dk = dk_scratch(tokens), w.dv = dk_scratch(tokens);
  return w;
}

// out[n][ld] = factor * d channels of the window's pixels, which are `stride` floats each.
static void window_gather(const window_attention_job *j, const long *pixel, const float *map, long stride,
                          float factor, float *out) {
  vec f = splat(factor);
  for (long i = 0; i < j->n; i++, out += j->ld) {
    const float *x = map + pixel[i] * stride;
    CHANNELS(j->d, { store(out + c, load(x + c, n) * f, n); })
  }
}
static void window_scatter(const window_attention_job *j, const long *pixel, const float *in, float factor,
                           float *map, long stride) {
  vec f = splat(factor);
  for (long i = 0; i < j->n; i++, in += j->ld) {
    float *y = map + pixel[i] * stride;
    CHANNELS(j->d, { store(y + c, load(in + c, n) * f, n); })
  }
}

static void window_mask(const window_attention_job *j, const window_place *place, float *scores) {
  if (!place->crosses) return;
  for (long i = 0; i < j->n; i++) {
    for (long k = 0; k < j->n; k++) scores[i * j->n + k] -= place->cell[i] == place->cell[k] ? 0 : 100;
  }
}

// Gathers queries (already scaled), keys and values of a head, and computes its weights.
static void window_weights(const window_attention_job *j, long head, window_scratch *w) {
  const float *q = j->qkv + head * j->d;
  window_gather(j, w->place.pixel, q, 3 * j->C, 1 / sqrtf((float)j->d), w->q);
  window_gather(j, w->place.pixel, q + j->C, 3 * j->C, 1, w->k);
  window_gather(j, w->place.pixel, q + 2 * j->C, 3 * j->C, 1, w->v);
  pack(1, j->d, j->n, w->k, j->ld, w->packed);
  const float *bias = j->bias ? j->bias + head * j->n * j->n : NULL;
  product(j->n, j->n, j->d, w->q, j->ld, w->packed, NULL, bias, j->n, w->weights, j->n);
  window_mask(j, &w->place, w->weights);
  softmax_rows(j->n, j->n, w->weights, w->weights);
}

static void window_attention_part(void *context, int part) {
  const window_attention_job *j = context;
  span s = part_of(j->windows, 1, j->parts, part);
  dk_mark mark = dk_scratch_mark();
  window_scratch w = window_scratch_new(j, 0);
  for (long window = s.start; window < s.end; window++) {
    window_locate(j, window, &w.place);
    for (long head = 0; head < j->heads; head++) {
      window_weights(j, head, &w);
      pack(0, j->n, j->d, w.v, j->ld, w.packed);
      product(j->n, j->d, j->n, w.weights, j->n, w.packed, NULL, NULL, 0, w.dq, j->ld);
      window_scatter(j, w.place.pixel, w.dq, 1, j->y + head * j->d, j->C);
    }
  }
  dk_scratch_release(mark);
}

// c[n, ld] = a[n, n]^T b[n, ld].
static void window_outer(const window_attention_job *j, const float *a, const float *b, float *c) {
  memset(c, 0, j->n * j->ld * sizeof(float));
  product_tn(j->n, j->ld, j->n, a, j->n, b, j->ld, c, j->ld);
}

static void window_head_back(const window_attention_job *j, long head, window_scratch *w, float *dbias) {
  window_weights(j, head, w);
  window_gather(j, w->place.pixel, j->dy + head * j->d, j->C, 1, w->dy);
  window_outer(j, w->weights, w->dy, w->dv);
  pack(1, j->d, j->n, w->v, j->ld, w->packed);
  product(j->n, j->n, j->d, w->dy, j->ld, w->packed, NULL, NULL, 0, w->dweights, j->n);
  softmax_grad_rows(j->n, j->n, w->weights, w->dweights, w->dweights);
  if (dbias) add_parts(1, j->n * j->n, w->dweights, 0, dbias + head * j->n * j->n);
  pack(0, j->n, j->d, w->k, j->ld, w->packed);
  product(j->n, j->d, j->n, w->dweights, j->n, w->packed, NULL, NULL, 0, w->dq, j->ld);
  window_outer(j, w->dweights, w->q, w->dk);
  float *dq = j->y + head * j->d;
  window_scatter(j, w->place.pixel, w->dq, 1 / sqrtf((float)j->d), dq, 3 * j->C);
  window_scatter(j, w->place.pixel, w->dk, 1, dq + j->C, 3 * j->C);
  window_scatter(j, w->place.pixel, w->dv, 1, dq + 2 * j->C, 3 * j->C);
}

static void window_attention_grad_part(void *context, int part) {
  const window_attention_job *j = context;
  span s = part_of(j->windows, 1, j->parts, part);
  dk_mark mark = dk_scratch_mark();
  window_scratch w = window_scratch_new(j, 1);
  long size = j->heads * j->n * j->n;
  float *dbias = j->dbias ? j->dbias + part * size : NULL;
  if (dbias) memset(dbias, 0, size * sizeof(float));
  for (long window = s.start; window < s.end; window++) {
    window_locate(j, window, &w.place);
    for (long head = 0; head < j->heads; head++) window_head_back(j, head, &w, dbias);
  }
  dk_scratch_release(mark);
}

static window_attention_job window_attention_job_of(long B, long H, long W, long C, long heads, long side, long shift,
                                                    int masked, const float *qkv) {
  window_attention_job j = {.B = B, .H = H, .W = W, .C = C, .heads = heads, .d = C / heads, .ld = round_up(C / heads, LANES), .side = side, .shift = shift,
                            .n = side * side, .masked = masked, .qkv = qkv};
  j.windows = B * (H / side) * (W / side);
  return j;
}
// The table as one matrix a head, in scratch.
static const float *window_bias(const window_attention_job *j, const float *table) {
  if (!table) return NULL;
  float *bias = dk_scratch(j->heads * j->n * j->n), *out = bias;
  for (long head = 0; head < j->heads; head++) {
    for (long i = 0; i < j->n; i++) {
      for (long k = 0; k < j->n; k++) *out++ = table[window_offset(j->side, i, k) * j->heads + head];
    }
  }
  return bias;
}

static void window_attention(long B, long H, long W, long C, long heads, long side, long shift, int masked,
                             const float *qkv, const float *table, float *y) {
  window_attention_job j = window_attention_job_of(B, H, W, C, heads, side, shift, masked, qkv);
  dk_mark mark = dk_scratch_mark();
  j.y = y;
  j.bias = window_bias(&j, table);
  j.parts = parts_for(j.windows, j.n * j.n * j.heads * 2, 4);
  dk_run(j.parts, window_attention_part, &j);
  dk_scratch_release(mark);
}

static void window_attention_grad(long B, long H, long W, long C, long heads, long side, long shift, int masked,
                                  const float *qkv, const float *table, const float *dy, float *dqkv, float *dtable) {
  window_attention_job j = window_attention_job_of(B, H, W, C, heads, side, shift, masked, qkv);
  dk_mark mark = dk_scratch_mark();
  j.y = dqkv;
  j.dy = dy;
  j.bias = window_bias(&j, table);
  j.parts = parts_for(j.windows, j.n * j.n * j.heads * 4, table ? 1 : 4);
  if (dtable) j.dbias = dk_scratch(j.parts * heads * j.n * j.n);
  dk_run(j.parts, window_attention_grad_part, &j);
  const float *d = j.dbias;
  for (long i = 0; dtable && i < j.parts * heads * j.n * j.n; i++) {
    long pair = i % (j.n * j.n), head = i / (j.n * j.n) % heads;
    dtable[window_offset(side, pair / j.n, pair % j.n) * heads + head] += d[i];
  }
  dk_scratch_release(mark);
}
