// Attention between the channels of a map (Restormer's "transposed" attention).
//
// Queries and keys are never normalised in memory: the product of two normalised columns is their product
// over both lengths, so only the d x d scores of a head are touched.  Work is cut into heads and chunks of
// pixels; what the chunks add up is summed in their order.
//
// Cost: 4 P C d flops forward, 8 backward; qkv is read twice and y written once.
enum { ATTENTION_ROWS = 64 };  // pixels that stay in the cache between the products and what follows

typedef struct {
  long B, P, C, heads, d, chunks;
  int softmax;
  const float *qkv, *temperature, *dy;
  float *y, *kept;
  float *partial;      // of each unit: d x d products, then squares of queries and keys
  float *packed;       // of each head: the matrices that pixels are multiplied by
  float *coefficient;  // of each head, backward: what of queries and keys comes off their gradients
  float *dtemperature; // of each image and head
} attention_job;

// One head of one image, one chunk of its pixels.
typedef struct {
  long image, head, index;  // index: of the head among those of all images
  span pixels;
} attention_unit;

static attention_unit attention_unit_of(const attention_job *j, int part) {
  long chunk = part % j->chunks, index = part / j->chunks;
  return (attention_unit){index / j->heads, index % j->heads, index,
                          part_of(j->P, 1, (int)j->chunks, (int)chunk)};
}
static attention_job attention_split(attention_job j) {
  j.d = j.C / j.heads;
  long units = j.B * j.heads, wanted = (2 * dk_split() + units - 1) / units;
  j.chunks = larger(1, smaller(wanted, j.P / (2 * ATTENTION_ROWS)));
  return j;
}
INLINE long attention_partial_size(const attention_job *j) { return j->d * (j->d + 2); }
INLINE float *attention_partial(const attention_job *j, long index, long chunk) {
  return j->partial + (index * j->chunks + chunk) * attention_partial_size(j);
}
// The first channel of a head's queries (0), keys (1) or values (2).
INLINE const float *attention_group(const attention_job *j, attention_unit u, int which) {
  return j->qkv + u.image * j->P * 3 * j->C + which * j->C + u.head * j->d;
}
// Scores before the temperature, of one head.
INLINE float *attention_kept(const attention_job *j, long index) { return j->kept + index * attention_partial_size(j); }

// c[d, d] = over the unit's pixels a^T b.
static void attention_outer(const attention_job *j, attention_unit u, const float *a, long lda,
                            const float *b, long ldb, float *c) {
  gemm_job g = {.a = a, .lda = lda, .b = b, .ldb = ldb, .n = j->d};
  if (u.pixels.start == u.pixels.end) memset(c, 0, j->d * j->d * sizeof(float));
  gemm_points(&g, u.pixels, (span){0, j->d}, (span){0, j->d}, c, j->d, 1);
}
// squares[d] of one group's channels, in blocks so that long sums keep their digits.
static void attention_squares(const attention_job *j, attention_unit u, const float *x, float *squares) {
  dk_mark mark = dk_scratch_mark();
  float *block = dk_scratch(j->d);
  memset(squares, 0, j->d * sizeof(float));
  for (long p = u.pixels.start; p < u.pixels.end; p += P_BLOCK) {
    const float *rows = x + p * 3 * j->C;
    memset(block, 0, j->d * sizeof(float));
    column_sum_rows(smaller(P_BLOCK, u.pixels.end - p), j->d, rows, rows, 3 * j->C, block);
    add_parts(1, j->d, block, j->d, squares);
  }
  dk_scratch_release(mark);
}
// ---- forward -----------------------------------------------------------------------------------------
static void attention_products_part(void *context, int part) {
  const attention_job *j = context;
  attention_unit u = attention_unit_of(j, part);
  const float *q = attention_group(j, u, 0), *k = attention_group(j, u, 1);
  float *products = j->partial + part * attention_partial_size(j), *squares = products + j->d * j->d;
  attention_outer(j, u, q, 3 * j->C, k, 3 * j->C, products);
  attention_squares(j, u, q, squares);
  attention_squares(j, u, k, squares + j->d);
}

// weights = ReLU or softmax of scores * temperature.
static void attention_weights(const attention_job *j, long index, const float *scores, float *weights) {
  vec t = splat(j->temperature[index % j->heads]);
  CHANNELS(j->d * j->d, {
    vec v = load(scores + c, n) * t;
    store(weights + c, j->softmax ? v : positive_part(v), n);
  })
  if (j->softmax) softmax_rows(j->d, j->d, weights, weights);
}

static void attention_scores_part(void *context, int part) {
  const attention_job *j = context;
  long d = j->d;
  float *scores = attention_kept(j, part), *lengths = scores + d * d;
  memset(scores, 0, attention_partial_size(j) * sizeof(float));
  add_parts((int)j->chunks, attention_partial_size(j), attention_partial(j, part, 0), attention_partial_size(j), scores);
  for (long i = 0; i < 2 * d; i++) lengths[i] = fmaxf(sqrtf(lengths[i]), 1e-12f);
  for (long i = 0; i < d; i++) {
    float *row = scores + i * d;
    for (long k = 0; k < d; k++) row[k] /= lengths[i] * lengths[d + k];
  }
  dk_mark mark = dk_scratch_mark();
  float *weights = dk_scratch(d * d);
  attention_weights(j, part, scores, weights);
  pack(1, d, d, weights, d, j->packed + part * packed_size(d, d));
  dk_scratch_release(mark);
}

static void attention_values_part(void *context, int part) {
  const attention_job *j = context;
  attention_unit u = attention_unit_of(j, part);
  const float *packed = j->packed + u.index * packed_size(j->d, j->d);
  for (long p = u.pixels.start; p < u.pixels.end; p += ATTENTION_ROWS) {
    const float *v = attention_group(j, u, 2) + p * 3 * j->C;
    float *y = j->y + (u.image * j->P + p) * j->C + u.head * j->d;
    product(smaller(ATTENTION_ROWS, u.pixels.end - p), j->d, j->d, v, 3 * j->C, packed, NULL, NULL, 0, y, j->C);
  }
}

static void channel_attention(long B, long P, long C, long heads, int softmax, const float *qkv,
                              const float *temperature, float *y, float *kept) {
  attention_job j = attention_split((attention_job){.B = B, .P = P, .C = C, .heads = heads, .softmax = softmax,
                                    .qkv = qkv, .temperature = temperature, .y = y, .kept = kept});
  int matrices = (int)(B * heads), units = (int)(matrices * j.chunks);
  dk_mark mark = dk_scratch_mark();
  j.partial = dk_scratch(units * attention_partial_size(&j));
  j.packed = dk_scratch(matrices * packed_size(j.d, j.d));
  dk_run(units, attention_products_part, &j);
  dk_run(matrices, attention_scores_part, &j);
  dk_run(units, attention_values_part, &j);
  dk_scratch_release(mark);
}

// ---- backward ----------------------------------------------------------------------------------------
static void attention_weight_gradients_part(void *context, int part) {
  const attention_job *j = context;
  attention_unit u = attention_unit_of(j, part);
  const float *dy = j->dy + u.image * j->P * j->C + u.head * j->d;
  attention_outer(j, u, dy, j->C, attention_group(j, u, 2), 3 * j->C, j->partial + part * attention_partial_size(j));
}

// d holds the gradient of the weights and receives that of the products; `cut` is what of each query and
// key comes off its gradient, since its length stands under all its scores.
static void attention_back_to_products(const attention_job *j, const float *scores, float t, float *d, float *cut) {
  long n = j->d;
  const float *lengths = scores + n * n;
  memset(cut, 0, 2 * n * sizeof(float));
  for (long i = 0; i < n; i++) {
    for (long k = 0; k < n; k++) {
      float g = d[i * n + k] * t, along = g * scores[i * n + k];
      cut[i] += along;
      cut[n + k] += along;
      d[i * n + k] = g / (lengths[i] * lengths[n + k]);
    }
  }
  for (long i = 0; i < 2 * n; i++) cut[i] /= lengths[i] * lengths[i];
}

static void attention_score_gradients_part(void *context, int part) {
  const attention_job *j = context;
  long d = j->d, size = packed_size(d, d);
  const float *scores = attention_kept(j, part);
  float *packed = j->packed + 3 * part * size;
  dk_mark mark = dk_scratch_mark();
  float *weights = dk_scratch(d * d), *gradient = dk_scratch(d * d);
  attention_weights(j, part, scores, weights);
  memset(gradient, 0, d * d * sizeof(float));
  add_parts((int)j->chunks, d * d, attention_partial(j, part, 0), attention_partial_size(j), gradient);
  if (j->softmax) {
    softmax_grad_rows(d, d, weights, gradient, gradient);
  } else {
    CHANNELS(d * d, {
      store(gradient + c, pick(load(weights + c, n) > (vec){}, load(gradient + c, n), (vec){}), n);
    })
  }
  vec along = {};
  CHANNELS(d * d, { along += load(gradient + c, n) * load(scores + c, n); })
  j->dtemperature[part] = sum_lanes(along);
  attention_back_to_products(j, scores, j->temperature[part % j->heads], gradient, j->coefficient + 2 * part * d);
  pack(1, d, d, gradient, d, packed);            // keys to the gradient of queries
  pack(0, d, d, gradient, d, packed + size);     // queries to that of keys
  pack(0, d, d, weights, d, packed + 2 * size);  // dy to that of values
  dk_scratch_release(mark);
}

// g[rows, d] -= x[rows, d] * cut[d].
static void attention_cut(const attention_job *j, long rows, const float *x, const float *cut, float *g) {
  for (long p = 0; p < rows; p++, x += 3 * j->C, g += 3 * j->C) {
    CHANNELS(j->d, { store(g + c, load(g + c, n) - load(x + c, n) * load(cut + c, n), n); })
  }
}

static void attention_inputs_part(void *context, int part) {
  const attention_job *j = context;
  attention_unit u = attention_unit_of(j, part);
  long C = j->C, d = j->d, size = packed_size(d, d);
  const float *packed = j->packed + 3 * u.index * size, *cut = j->coefficient + 2 * u.index * d;
  for (long p = u.pixels.start; p < u.pixels.end; p += ATTENTION_ROWS) {
    long rows = smaller(ATTENTION_ROWS, u.pixels.end - p), at = u.image * j->P + p;
    const float *q = attention_group(j, u, 0) + p * 3 * C, *k = q + C;
    float *dq = j->y + at * 3 * C + u.head * d, *dk = dq + C;
    product(rows, d, d, k, 3 * C, packed, NULL, NULL, 0, dq, 3 * C);
    attention_cut(j, rows, q, cut, dq);
    product(rows, d, d, q, 3 * C, packed + size, NULL, NULL, 0, dk, 3 * C);
    attention_cut(j, rows, k, cut + d, dk);
    product(rows, d, d, j->dy + at * C + u.head * d, C, packed + 2 * size, NULL, NULL, 0, dk + C, 3 * C);
  }
}

static void channel_attention_grad(long B, long P, long C, long heads, int softmax, const float *qkv,
                                   const float *temperature, const float *kept, const float *dy, float *dqkv,
                                   float *dtemperature) {
  attention_job j = attention_split((attention_job){.B = B, .P = P, .C = C, .heads = heads, .softmax = softmax,
                                    .qkv = qkv, .temperature = temperature, .dy = dy, .y = dqkv, .kept = (float *)kept});
  int matrices = (int)(B * heads), units = (int)(matrices * j.chunks);
  dk_mark mark = dk_scratch_mark();
  j.partial = dk_scratch(units * attention_partial_size(&j));
  j.packed = dk_scratch(3 * matrices * packed_size(j.d, j.d));
  j.coefficient = dk_scratch(2 * matrices * j.d);
  j.dtemperature = dk_scratch(matrices);
  dk_run(units, attention_weight_gradients_part, &j);
  dk_run(matrices, attention_score_gradients_part, &j);
  dk_run(units, attention_inputs_part, &j);
  for (long i = 0; dtemperature && i < matrices; i++) dtemperature[i % heads] += j.dtemperature[i];
  dk_scratch_release(mark);
}
