// Norms that divide and do not shift: bias-free LayerNorm over channels, Euclidean length over pixels.
// Memory speed: 8 bytes an element forward, 12 back.
typedef struct {
  long P, C;
  int parts;
  float eps;
  const float *x, *w, *mean, *rstd, *dy;
  float *y, *keep_mean, *keep_rstd, *partial;
} free_norm;

static void bias_free_norm_part(void *context, int part) {
  const free_norm *a = context;
  span s = part_of(a->P, 1, a->parts, part);
  for (long p = s.start; p < s.end; p++) {
    const float *x = a->x + p * a->C;
    double sum = 0, square = 0;
    for (long c = 0; c < a->C; c++) sum += x[c];
    double mean = sum / a->C;
    for (long c = 0; c < a->C; c++) square += (x[c] - mean) * (x[c] - mean);
    float rstd = (float)(1 / sqrt(square / a->C + a->eps));
    for (long c = 0; c < a->C; c++) a->y[p * a->C + c] = x[c] * rstd * a->w[c];
    a->keep_mean[p] = (float)mean;
    a->keep_rstd[p] = rstd;
  }
}
static void bias_free_norm(long P, long C, float eps, const float *x, const float *w, float *y, float *mean, float *rstd) {
  free_norm a = {.P = P, .C = C, .eps = eps, .x = x, .w = w, .y = y, .keep_mean = mean, .keep_rstd = rstd,
                 .parts = parts_for(P, C, 4)};
  dk_run(a.parts, bias_free_norm_part, &a);
}
// With r = rstd: dx = r (g - (x - mean) r^2 mean_c(g x)), g = dy w.
static void bias_free_norm_grad_part(void *context, int part) {
  const free_norm *a = context;
  span s = part_of(a->P, 1, a->parts, part);
  float *dw = a->partial + part * a->C;
  memset(dw, 0, sizeof(float) * a->C);
  for (long p = s.start; p < s.end; p++) {
    const float *x = a->x + p * a->C, *dy = a->dy + p * a->C;
    float r = a->rstd[p], m = a->mean[p];
    double along = 0;
    for (long c = 0; c < a->C; c++) {
      along += (double)dy[c] * a->w[c] * x[c];
      dw[c] += dy[c] * x[c] * r;
    }
    float k = (float)(along / a->C) * r * r;
    for (long c = 0; c < a->C; c++) a->y[p * a->C + c] = r * (dy[c] * a->w[c] - (x[c] - m) * k);
  }
}
static void bias_free_norm_grad(long P, long C, const float *x, const float *w, const float *mean, const float *rstd,
                                const float *dy, float *dx, float *dw) {
  dk_mark mark = dk_scratch_mark();
  free_norm a = {.P = P, .C = C, .x = x, .w = w, .mean = mean, .rstd = rstd, .dy = dy, .y = dx,
                 .parts = parts_for(P, C, 4)};
  a.partial = dk_scratch(a.parts * C);
  dk_run(a.parts, bias_free_norm_grad_part, &a);
  add_parts(a.parts, C, a.partial, C, dw);
  dk_scratch_release(mark);
}

typedef struct {
  long P, C;
  float floor;
  const float *x, *dy, *length;
  float *y, *keep_length;
} length_norm;

static void l2_normalize_image(void *context, int b) {
  const length_norm *a = context;
  for (long c = 0; c < a->C; c++) {
    const float *x = a->x + b * a->P * a->C + c;
    float *y = a->y + b * a->P * a->C + c;
    double square = 0;
    for (long p = 0; p < a->P; p++) square += (double)x[p * a->C] * x[p * a->C];
    float length = (float)sqrt(square);
    if (length < a->floor) length = a->floor;
    for (long p = 0; p < a->P; p++) y[p * a->C] = x[p * a->C] / length;
    a->keep_length[b * a->C + c] = length;
  }
}
static void l2_normalize(long B, long P, long C, float floor, const float *x, float *y, float *length) {
  length_norm a = {.P = P, .C = C, .floor = floor, .x = x, .y = y, .keep_length = length};
  dk_run((int)B, l2_normalize_image, &a);
}
static void l2_normalize_grad_image(void *context, int b) {
  const length_norm *a = context;
  for (long c = 0; c < a->C; c++) {
    long o = b * a->P * a->C + c;
    double along = 0;
    for (long p = 0; p < a->P; p++) along += (double)a->x[o + p * a->C] * a->dy[o + p * a->C];
    float k = (float)along, length = a->length[b * a->C + c];
    for (long p = 0; p < a->P; p++) a->y[o + p * a->C] = (a->dy[o + p * a->C] - k * a->x[o + p * a->C]) / length;
  }
}
static void l2_normalize_grad(long B, long P, long C, const float *y, const float *length, const float *dy, float *dx) {
  length_norm a = {.P = P, .C = C, .x = y, .dy = dy, .length = length, .y = dx};
  dk_run((int)B, l2_normalize_grad_image, &a);
}
