// Rows and columns by number (padding, cropping, rolling, thinning), and means over windows.  Memory speed: one read and one write an element; the window means two of each in double.
typedef struct {
  long H, W, C, h, w;
  const long *rows, *columns;
  const float *from;
  float *to;
} gather_job;

static void gather_image(void *context, int b) {
  const gather_job *a = context;
  const float *x = a->from + b * a->H * a->W * a->C;
  float *y = a->to + b * a->h * a->w * a->C;
  for (long i = 0; i < a->h; i++)
    for (long j = 0; j < a->w; j++, y += a->C) {
      if (a->rows[i] < 0 || a->columns[j] < 0) memset(y, 0, sizeof(float) * a->C);
      else memcpy(y, x + (a->rows[i] * a->W + a->columns[j]) * a->C, sizeof(float) * a->C);
    }
}
static void gather(long B, long H, long W, long C, const long *rows, long h, const long *columns, long w, const float *x, float *y) {
  gather_job a = {.H = H, .W = W, .C = C, .h = h, .w = w, .rows = rows, .columns = columns, .from = x, .to = y};
  dk_run((int)B, gather_image, &a);
}
static void gather_grad_image(void *context, int b) {
  const gather_job *a = context;
  const float *dy = a->from + b * a->h * a->w * a->C;
  float *dx = a->to + b * a->H * a->W * a->C;
  memset(dx, 0, sizeof(float) * a->H * a->W * a->C);
  for (long i = 0; i < a->h; i++)
    for (long j = 0; j < a->w; j++, dy += a->C) {
      if (a->rows[i] < 0 || a->columns[j] < 0) continue;
      float *to = dx + (a->rows[i] * a->W + a->columns[j]) * a->C;
      for (long c = 0; c < a->C; c++) to[c] += dy[c];
    }
}
static void gather_grad(long B, long H, long W, long C, const long *rows, long h, const long *columns, long w, const float *dy, float *dx) {
  gather_job a = {.H = H, .W = W, .C = C, .h = h, .w = w, .rows = rows, .columns = columns, .from = dy, .to = dx};
  dk_run((int)B, gather_grad_image, &a);
}

// ---- means over windows ----------------------------------------------------------------------
// The window of place i begins at clamp(i - (k-1)/2, 0, side - k): windows lie fully inside, and the
// outer ones serve the border too.
static long window_start(long i, long side, long k) {
  long start = i - (k - 1) / 2;
  return start < 0 ? 0 : smaller(start, side - k);
}

typedef struct {
  long B, H, W, C, kh, kw;
  const float *from;
  float *to;
} window_job;

// Running sums down the columns, then along the row, in double: a float sum would drift.
static void local_mean_image(void *context, int b) {
  const window_job *a = context;
  long line = a->W * a->C;
  dk_mark mark = dk_scratch_mark();
  double *sums = (double *)dk_scratch(2 * line), *run = (double *)dk_scratch(2 * a->C);
  const float *x = a->from + b * a->H * line;
  float scale = 1.0f / (float)(a->kh * a->kw);
  memset(sums, 0, sizeof(double) * line);
  for (long i = 0, first = 0, end = 0; i < a->H; i++) {
    long start = window_start(i, a->H, a->kh);
    for (; end < start + a->kh; end++)
      for (long k = 0; k < line; k++) sums[k] += x[end * line + k];
    for (; first < start; first++)
      for (long k = 0; k < line; k++) sums[k] -= x[first * line + k];
    memset(run, 0, sizeof(double) * a->C);
    for (long j = 0, left = 0, right = 0; j < a->W; j++) {
      long begin = window_start(j, a->W, a->kw);
      for (; right < begin + a->kw; right++)
        for (long c = 0; c < a->C; c++) run[c] += sums[right * a->C + c];
      for (; left < begin; left++)
        for (long c = 0; c < a->C; c++) run[c] -= sums[left * a->C + c];
      float *y = a->to + (b * a->H + i) * line + j * a->C;
      for (long c = 0; c < a->C; c++) y[c] = (float)run[c] * scale;
    }
  }
  dk_scratch_release(mark);
}
static void local_mean(long B, long H, long W, long C, long kh, long kw, const float *x, float *y) {
  window_job a = {.B = B, .H = H, .W = W, .C = C, .kh = kh, .kw = kw, .from = x, .to = y};
  dk_run((int)B, local_mean_image, &a);
}
// Each gradient goes back to its whole window: marks at the window's four corners, summed up twice.
static void local_mean_grad_image(void *context, int b) {
  const window_job *a = context;
  long line = (a->W + 1) * a->C;
  dk_mark mark = dk_scratch_mark();
  double *marks = (double *)dk_scratch(2 * (a->H + 1) * line), *run = (double *)dk_scratch(2 * a->C);
  memset(marks, 0, sizeof(double) * (a->H + 1) * line);
  const float *dy = a->from + b * a->H * a->W * a->C;
  for (long i = 0; i < a->H; i++) {
    double *top = marks + window_start(i, a->H, a->kh) * line, *bottom = top + a->kh * line;
    for (long j = 0; j < a->W; j++, dy += a->C) {
      long left = window_start(j, a->W, a->kw) * a->C, right = left + a->kw * a->C;
      for (long c = 0; c < a->C; c++) {
        top[left + c] += dy[c], top[right + c] -= dy[c];
        bottom[left + c] -= dy[c], bottom[right + c] += dy[c];
      }
    }
  }
  float *dx = a->to + b * a->H * a->W * a->C;
  double scale = 1.0 / (double)(a->kh * a->kw);
  for (long i = 0; i < a->H; i++) {
    double *row = marks + i * line;
    if (i > 0)
      for (long k = 0; k < line; k++) row[k] += row[k - line];
    memset(run, 0, sizeof(double) * a->C);
    for (long j = 0; j < a->W; j++, dx += a->C)
      for (long c = 0; c < a->C; c++) dx[c] = (float)((run[c] += row[j * a->C + c]) * scale);
  }
  dk_scratch_release(mark);
}
static void local_mean_grad(long B, long H, long W, long C, long kh, long kw, const float *dy, float *dx) {
  window_job a = {.B = B, .H = H, .W = W, .C = C, .kh = kh, .kw = kw, .from = dy, .to = dx};
  dk_run((int)B, local_mean_grad_image, &a);
}
