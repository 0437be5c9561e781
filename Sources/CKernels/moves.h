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
