// Moves between space and channels.
//
// Cost: no flops but one addition a value where there is an addend; one read and one write a map.

typedef struct {
  long B, H, W, C;  // of the large map
  const float *x, *addend;
  float *y;
  int parts;
} move_job;

// Each pair of pixels of the large map is one run of 2C floats in the small one.
static void space_to_depth_part(void *context, int part) {
  const move_job *j = context;
  span rows = part_of(j->B * j->H, 1, j->parts, part);
  long half = j->W / 2, C2 = 2 * j->C;
  for (long u = rows.start; u < rows.end; u++) {
    const float *x = j->x + u * j->W * j->C;
    float *y = j->y + u / 2 * half * 2 * C2 + (u & 1) * C2;
    for (long i = 0; i < half; i++) memcpy(y + i * 2 * C2, x + i * C2, C2 * sizeof(float));
  }
}
static void space_to_depth(long B, long H, long W, long C, const float *x, float *y) {
  move_job j = {.B = B, .H = H, .W = W, .C = C, .x = x, .y = y};
  j.parts = parts_for(B * H, 2 * W * C, 4);
  dk_run(j.parts, space_to_depth_part, &j);
}

static void depth_to_space_part(void *context, int part) {
  const move_job *j = context;
  span rows = part_of(j->B * j->H, 1, j->parts, part);
  long half = j->W / 2, C2 = 2 * j->C;
  for (long u = rows.start; u < rows.end; u++) {
    const float *x = j->x + u / 2 * half * 2 * C2 + (u & 1) * C2;
    const float *addend = j->addend ? j->addend + u * j->W * j->C : NULL;
    float *y = j->y + u * j->W * j->C;
    for (long i = 0; i < half; i++, x += 2 * C2, y += C2) {
      if (!addend) {
        memcpy(y, x, C2 * sizeof(float));
        continue;
      }
      CHANNELS(C2, { store(y + c, load(x + c, n) + load(addend + i * C2 + c, n), n); })
    }
  }
}
static void depth_to_space(long B, long h, long w, long C, const float *x, const float *addend,
                           float *y) {
  move_job j = {.B = B, .H = 2 * h, .W = 2 * w, .C = C, .x = x, .addend = addend, .y = y};
  j.parts = parts_for(B * j.H, 3 * j.W * C, 4);
  dk_run(j.parts, depth_to_space_part, &j);
}

// The four pixels of a square of the large map are the channels 4c ... 4c + 3 of a pixel of the small one.
INLINE void square_of(const move_job *j, long u, const float *map, const float *p[4]) {
  long w = j->W / 2, row = u / w, line = j->W * j->C;
  p[0] = map + 2 * row * line + 2 * (u % w) * j->C;
  p[1] = p[0] + j->C;
  p[2] = p[0] + line;
  p[3] = p[2] + j->C;
}
static void pixel_unshuffle_part(void *context, int part) {
  const move_job *j = context;
  span s = part_of(j->B * j->H / 2 * (j->W / 2), 1, j->parts, part);
  for (long u = s.start; u < s.end; u++) {
    const float *p[4];
    square_of(j, u, j->x, p);
    float *restrict y = j->y + u * 4 * j->C;
    for (long c = 0; c < j->C; c++) {
      y[4 * c] = p[0][c], y[4 * c + 1] = p[1][c], y[4 * c + 2] = p[2][c], y[4 * c + 3] = p[3][c];
    }
  }
}
static void pixel_unshuffle(long B, long H, long W, long C, const float *x, float *y) {
  move_job j = {.B = B, .H = H, .W = W, .C = C, .x = x, .y = y};
  j.parts = parts_for(B * H * W / 4, 8 * C, 4);
  dk_run(j.parts, pixel_unshuffle_part, &j);
}
static void pixel_shuffle_part(void *context, int part) {
  const move_job *j = context;
  span s = part_of(j->B * j->H / 2 * (j->W / 2), 1, j->parts, part);
  for (long u = s.start; u < s.end; u++) {
    const float *p[4];
    square_of(j, u, j->y, p);
    float *restrict a = (float *)p[0], *restrict b = (float *)p[1], *restrict d = (float *)p[2], *restrict e = (float *)p[3];
    const float *x = j->x + u * 4 * j->C;
    for (long c = 0; c < j->C; c++) {
      a[c] = x[4 * c], b[c] = x[4 * c + 1], d[c] = x[4 * c + 2], e[c] = x[4 * c + 3];
    }
  }
}
static void pixel_shuffle(long B, long h, long w, long C, const float *x, float *y) {
  move_job j = {.B = B, .H = 2 * h, .W = 2 * w, .C = C, .x = x, .y = y};
  j.parts = parts_for(B * h * w, 8 * C, 4);
  dk_run(j.parts, pixel_shuffle_part, &j);
}

// Channels of pixels that lie ldx and ldy floats apart.
typedef struct {
  long P, C, ldx, ldy;
  const float *x;
  float *y;
  int parts;
} channel_copy;

static void copy_channels_part(void *context, int part) {
  const channel_copy *j = context;
  span s = part_of(j->P, 1, j->parts, part);
  for (long p = s.start; p < s.end; p++) {
    memcpy(j->y + p * j->ldy, j->x + p * j->ldx, j->C * sizeof(float));
  }
}
static void copy_channels(long P, long C, const float *x, long ldx, float *y, long ldy) {
  channel_copy j = {.P = P, .C = C, .ldx = ldx, .ldy = ldy, .x = x, .y = y, .parts = parts_for(P, 2 * C, 4)};
  dk_run(j.parts, copy_channels_part, &j);
}
