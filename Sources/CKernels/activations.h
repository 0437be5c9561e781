// GELU, leaky ReLU, softmax: what the transformers need beside the convolutions.  n elements in spans of
// 4096 and more; about 20 ns an element for GELU (libm's erf), memory speed for leaky ReLU.
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
  for (long i = s.start; i < s.end; i++) a->y[i] = 0.5f * a->x[i] * (1 + erff(a->x[i] * 0.70710678f));
}
static void gelu(long n, const float *x, float *y) {
  activation a = {.n = n, .x = x, .y = y, .parts = parts_for(n, 8, 4)};
  dk_run(a.parts, gelu_part, &a);
}
static void gelu_grad_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, LANES, a->parts, part);
  for (long i = s.start; i < s.end; i++) {
    float x = a->x[i], below = 0.5f * (1 + erff(x * 0.70710678f));
    a->y[i] = a->dy[i] * (below + x * 0.39894228f * expf(-0.5f * x * x));
  }
}
static void gelu_grad(long n, const float *x, const float *dy, float *dx) {
  activation a = {.n = n, .x = x, .dy = dy, .y = dx, .parts = parts_for(n, 8, 4)};
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

static void softmax_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, 1, a->parts, part);
  for (long r = s.start; r < s.end; r++) {
    const float *x = a->x + r * a->k;
    float *y = a->y + r * a->k, largest = x[0], total = 0;
    for (long i = 1; i < a->k; i++) largest = x[i] > largest ? x[i] : largest;
    for (long i = 0; i < a->k; i++) total += y[i] = expf(x[i] - largest);
    for (long i = 0; i < a->k; i++) y[i] /= total;
  }
}
static void softmax(long rows, long k, const float *x, float *y) {
  activation a = {.n = rows, .k = k, .x = x, .y = y, .parts = parts_for(rows, 8 * k, 4)};
  dk_run(a.parts, softmax_part, &a);
}
static void softmax_grad_part(void *context, int part) {
  const activation *a = context;
  span s = part_of(a->n, 1, a->parts, part);
  for (long r = s.start; r < s.end; r++) {
    const float *y = a->x + r * a->k, *dy = a->dy + r * a->k;
    float mean = 0;
    for (long i = 0; i < a->k; i++) mean += y[i] * dy[i];
    for (long i = 0; i < a->k; i++) a->y[r * a->k + i] = y[i] * (dy[i] - mean);
  }
}
static void softmax_grad(long rows, long k, const float *y, const float *dy, float *dx) {
  activation a = {.n = rows, .k = k, .x = y, .dy = dy, .y = dx, .parts = parts_for(rows, 2 * k, 4)};
  dk_run(a.parts, softmax_grad_part, &a);
}
