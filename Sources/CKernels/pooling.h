// Maximum of each 2x2 square.  An odd last row or column is left out, as the usual pooling does.
//
// Cost: 3 comparisons an output; one read of x, one write of a quarter.

typedef struct {
  long B, H, W, C;
  const float *x;
  const uint8_t *chosen;
  float *y;
  uint8_t *which;
  int parts;
} pool_job;

static void max_pool2_part(void *context, int part) {
  const pool_job *j = context;
  long h = j->H / 2, w = j->W / 2, C = j->C;
  span rows = part_of(j->B * h, 1, j->parts, part);
  for (long u = rows.start; u < rows.end; u++) {
    const float *top = j->x + (u / h * j->H + u % h * 2) * j->W * C, *below = top + j->W * C;
    for (long i = 0; i < w; i++, top += 2 * C, below += 2 * C) {
      float *y = j->y + (u * w + i) * C;
      uint8_t *which = j->which + (u * w + i) * C;
      for (long c = 0; c < C; c++) {  // ties: the first in reading order
        float best = top[c];
        uint8_t k = 0;
        if (top[C + c] > best || top[C + c] != top[C + c]) best = top[C + c], k = 1;
        if (below[c] > best || below[c] != below[c]) best = below[c], k = 2;
        if (below[C + c] > best || below[C + c] != below[C + c]) best = below[C + c], k = 3;
        y[c] = best;
        which[c] = k;
      }
    }
  }
}
static void max_pool2(long B, long H, long W, long C, const float *x, float *y, uint8_t *which) {
  pool_job j = {.B = B, .H = H, .W = W, .C = C, .x = x, .y = y, .which = which};
  j.parts = parts_for(B * (H / 2), 2 * W * C, 4);
  dk_run(j.parts, max_pool2_part, &j);
}

static void max_pool2_grad_part(void *context, int part) {
  const pool_job *j = context;
  long h = j->H / 2, w = j->W / 2, C = j->C;
  span rows = part_of(j->B * j->H, 1, j->parts, part);
  for (long u = rows.start; u < rows.end; u++) {
    long image = u / j->H, i = u % j->H, q = (image * h + i / 2) * w * C;
    float *dx = j->y + u * j->W * C;
    if (i >= 2 * h) {
      memset(dx, 0, j->W * C * sizeof(float));
      continue;
    }
    for (long p = 0; p < j->W; p++, dx += C) {
      uint8_t k = (uint8_t)((i & 1) * 2 + (p & 1));
      if (p >= 2 * w) memset(dx, 0, C * sizeof(float));
      else
        for (long c = 0; c < C; c++) {
          dx[c] = j->chosen[q + p / 2 * C + c] == k ? j->x[q + p / 2 * C + c] : 0;
        }
    }
  }
}
static void max_pool2_grad(long B, long H, long W, long C, const float *dy, const uint8_t *which,
                           float *dx) {
  pool_job j = {.B = B, .H = H, .W = W, .C = C, .x = dy, .chosen = which, .y = dx};
  j.parts = parts_for(B * H, 2 * W * C, 4);
  dk_run(j.parts, max_pool2_grad_part, &j);
}
