// GELU, leaky ReLU, softmax: what the transformers need beside the convolutions.
//
// Cost: GELU 24 multiply-adds and a division a value, softmax 14; memory speed for leaky ReLU.
typedef struct {
  long n, k;
  int parts;
  float slope;
  const float *x, *dy;
  float *y;
} activation;

static void gelu_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, LANES, a->parts, part);
  CHANNELS(s.end - s.start, {
    vec density, x = load(a->x + s.start + c, n);
    store(a->y + s.start + c, x * normal_below(x, &density), n);
  })
}
static void gelu(long n, const float *x, float *y) {
  activation a = {.n = n, .x = x, .y = y, .parts = parts_for(n / LANES + 1, 4 * LANES, 4)};
  dk_run(a.parts, gelu_part, &a);
}
static void gelu_grad_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, LANES, a->parts, part);
  CHANNELS(s.end - s.start, {
    vec density, x = load(a->x + s.start + c, n), below = normal_below(x, &density);
    store(a->y + s.start + c, load(a->dy + s.start + c, n) * (below + x * density), n);
  })
}
static void gelu_grad(long n, const float *x, const float *dy, float *dx) {
  activation a = {.n = n, .x = x, .dy = dy, .y = dx, .parts = parts_for(n / LANES + 1, 4 * LANES, 4)};
  dk_run(a.parts, gelu_grad_part, &a);
}

static void leaky_relu_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, LANES, a->parts, part);
  for (long i = s.start; i < s.end; i++) {
    float factor = a->x[i] >= 0 ? 1 : a->slope;
    a->y[i] = factor * (a->dy ? a->dy[i] : a->x[i]);
  }
}
static void leaky_relu(long n, float slope, const float *x, float *y) {
  activation a = {.n = n, .slope = slope, .x = x, .y = y, .parts = parts_for(n, 1, 4)};
  dk_run(a.parts, leaky_relu_part, &a);
}
static void leaky_relu_grad(long n, float slope, const float *x, const float *dy, float *dx) {
  activation a = {.n = n, .slope = slope, .x = x, .dy = dy, .y = dx, .parts = parts_for(n, 1, 4)};
  dk_run(a.parts, leaky_relu_part, &a);
}

// e^(x - largest) over their sum.
INLINE void softmax_row(const long k, const float *x, float *y) {
  vec high = splat(x[0]), sum = {};
  CHANNELS(k, {
    vec v = load(x + c, n);
    if (n < LANES) v = pick(lane_numbers < (int32_t)n, v, splat(x[0]));
    high = pick(v > high, v, high);
  })
  vec largest = splat(largest_lane(high));
  CHANNELS(k, {
    vec v = exponential(load(x + c, n) - largest);
    store(y + c, v, n);
    sum += n < LANES ? pick(lane_numbers < (int32_t)n, v, (vec){}) : v;
  })
  vec factor = splat(1 / sum_lanes(sum));
  CHANNELS(k, { store(y + c, load(y + c, n) * factor, n); })
}
// Row by row; y may be x.  The usual window has 64 pixels, which stay in registers.
static void softmax_rows(long rows, long k, const float *x, float *y) {
  if (k == 64) {
    for (long r = 0; r < rows; r++, x += 64, y += 64) softmax_row(64, x, y);
    return;
  }
  for (long r = 0; r < rows; r++, x += k, y += k) softmax_row(k, x, y);
}
// dx = y (dy - sum of dy y), row by row; dx may be dy.
static void softmax_grad_rows(long rows, long k, const float *y, const float *dy, float *dx) {
  for (long r = 0; r < rows; r++, y += k, dy += k, dx += k) {
    vec sum = {};
    CHANNELS(k, { sum += load(y + c, n) * load(dy + c, n); })
    vec along = splat(sum_lanes(sum));
    CHANNELS(k, { store(dx + c, load(y + c, n) * (load(dy + c, n) - along), n); })
  }
}

static void softmax_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, 1, a->parts, part);
  softmax_rows(s.end - s.start, a->k, a->x + s.start * a->k, a->y + s.start * a->k);
}
static void softmax(long rows, long k, const float *x, float *y) {
  activation a = {.n = rows, .k = k, .x = x, .y = y, .parts = parts_for(rows, 8 * k, 4)};
  dk_run(a.parts, softmax_part, &a);
}
static void softmax_grad_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, 1, a->parts, part);
  long at = s.start * a->k;
  softmax_grad_rows(s.end - s.start, a->k, a->x + at, a->dy + at, a->y + at);
}
static void softmax_grad(long rows, long k, const float *y, const float *dy, float *dx) {
  activation a = {.n = rows, .k = k, .x = y, .dy = dy, .y = dx, .parts = parts_for(rows, 2 * k, 4)};
  dk_run(a.parts, softmax_grad_part, &a);
}
