// Channel by channel: gates, per-channel factors, and sums over pixels.
//
// Cost: one to four flops a value; memory-bound.  Sums over pixels are partial sums of the parts,
// added in the order of their numbers.
// Measured, one thread of an AMD EPYC (Zen 5), maps of 16 MiB, AVX-512: column sums 99 GB/s.

typedef struct {
  long B, P, C;  // images, pixels of an image, channels
  const float *x, *z, *v, *dy;
  float *y, *sums;
  float k;
  int parts;
} channel_job;

// ---- gate ---------------------------------------------------------------------------------------
// y[p] = x[p, :C] * x[p, C:]
static void gate_rows(long P, long C, const float *x, long ldx, float *y, long ldy) {
  for (long p = 0; p < P; p++, x += ldx, y += ldy) {
    CHANNELS(C, { store(y + c, load(x + c, n) * load(x + C + c, n), n); })
  }
}
// Also gives y again, and sums[2C] += dx; C a multiple of LANES.
static void gate_grad_rows(long P, long C, const float *x, long ldx, const float *dy, long ldd,
                           float *y, long ldy, float *dx, long ld_dx, float *sums) {
  for (long c = 0; c < C; c += LANES) {
    vec s1 = load_all(sums + c), s2 = load_all(sums + C + c);
    for (long p = 0; p < P; p++) {
      vec a = load_all(x + p * ldx + c), b = load_all(x + p * ldx + C + c);
      vec d = load_all(dy + p * ldd + c), d1 = d * b, d2 = d * a;
      store_all(y + p * ldy + c, a * b);
      store_all(dx + p * ld_dx + c, d1);
      store_all(dx + p * ld_dx + C + c, d2);
      s1 += d1;
      s2 += d2;
    }
    store_all(sums + c, s1);
    store_all(sums + C + c, s2);
  }
}
static void gate_part(void *context, int part) {
  const channel_job *j = context;
  span s = part_of(j->P, 1, j->parts, part);
  gate_rows(s.end - s.start, j->C, j->x + s.start * 2 * j->C, 2 * j->C, j->y + s.start * j->C, j->C);
}
static void gate(long P, long C, const float *x, float *y) {
  channel_job j = {.P = P, .C = C, .x = x, .y = y, .parts = parts_for(P, 3 * C, 4)};
  dk_run(j.parts, gate_part, &j);
}
static void gate_grad_part(void *context, int part) {
  const channel_job *j = context;
  span s = part_of(j->P, 1, j->parts, part);
  long C = j->C;
  for (long p = s.start; p < s.end; p++) {
    const float *x = j->x + p * 2 * C, *dy = j->dy + p * C;
    float *dx = j->y + p * 2 * C;
    CHANNELS(C, {
      vec d = load(dy + c, n);
      vec first = d * load(x + C + c, n);
      vec second = d * load(x + c, n);
      store(dx + c, first, n);
      store(dx + C + c, second, n);
    })
  }
}
static void gate_grad(long P, long C, const float *x, const float *dy, float *dx) {
  channel_job j = {.P = P, .C = C, .x = x, .dy = dy, .y = dx, .parts = parts_for(P, 5 * C, 4)};
  dk_run(j.parts, gate_grad_part, &j);
}

// ---- sums over pixels -----------------------------------------------------------------------------
// s[c] += sum over pixels of x, or of x * z unless z is NULL.
static void column_sum_rows(long P, long C, const float *x, const float *z, long ld, float *s) {
  CHANNELS(C, {
    vec even = load(s + c, n);
    vec odd = {};
    const float *a = x + c;
    const float *b = z ? z + c : NULL;
    long p = 0;
    for (; p + 1 < P; p += 2) {
      even += b ? load(a + p * ld, n) * load(b + p * ld, n) : load(a + p * ld, n);
      odd += b ? load(a + (p + 1) * ld, n) * load(b + (p + 1) * ld, n) : load(a + (p + 1) * ld, n);
    }
    if (p < P) even += b ? load(a + p * ld, n) * load(b + p * ld, n) : load(a + p * ld, n);
    store(s + c, even + odd, n);
  })
}
// The same a few rows at a time, so that the columns' second visit still finds them in the cache.
static void column_sum_blocks(span pixels, long C, const float *x, const float *z, float *s) {
  long block = larger(2, 4096 / C);
  for (long p = pixels.start; p < pixels.end; p += block) {
    column_sum_rows(smaller(block, pixels.end - p), C, x + p * C, z ? z + p * C : NULL, C, s);
  }
}
static void column_sum_part(void *context, int part) {
  const channel_job *j = context;
  float *s = j->sums + part * j->C;
  memset(s, 0, j->C * sizeof(float));
  column_sum_blocks(part_of(j->P, 1, j->parts, part), j->C, j->x, j->z, s);
}
// s[c] += sum of x (* z).
static void sum_of_products(long P, long C, const float *x, const float *z, float *s) {
  dk_mark mark = dk_scratch_mark();
  channel_job j = {.P = P, .C = C, .x = x, .z = z, .parts = parts_for(P, C, 1)};
  j.sums = dk_scratch(j.parts * C);
  dk_run(j.parts, column_sum_part, &j);
  add_parts(j.parts, C, j.sums, C, s);
  dk_scratch_release(mark);
}
static void column_sum(long P, long C, const float *x, float *s) { sum_of_products(P, C, x, NULL, s); }

static void image_mean(long B, long P, long C, const float *x, float *mean) {
  memset(mean, 0, B * C * sizeof(float));
  for (long b = 0; b < B; b++) column_sum(P, C, x + b * P * C, mean + b * C);
  for (long i = 0; i < B * C; i++) mean[i] /= (float)P;
}

// ---- factors of a channel -------------------------------------------------------------------------
// Defines NAME_part: for each pixel of the part, y = VALUE, with v the vector of the image's or the
// map's factors.
#define CHANNELWISE(NAME, VALUE)                                           \
  static void NAME##_part(void *context, int part) {                       \
    const channel_job *j = context;                                        \
    span s = part_of(j->B * j->P, 1, j->parts, part);                      \
    for (long p = s.start; p < s.end; p++) {                               \
      const float *px = j->x + p * j->C, *pz = j->z + p * j->C;            \
      const float *pv = j->v + p / j->P * j->C;                            \
      float *y = j->y + p * j->C;                                          \
      (void)px, (void)pz;                                                  \
      CHANNELS(j->C, {                                                     \
        vec v = load(pv + c, n);                                           \
        store(y + c, VALUE, n);                                            \
      })                                                                   \
    }                                                                      \
  }
CHANNELWISE(image_spread, v *j->k)
CHANNELWISE(scale_channels, v *load(px + c, n))
CHANNELWISE(scaled_residual, load(px + c, n) + v * load(pz + c, n))
CHANNELWISE(shift_channels, load(px + c, n) + v *j->k)

static void channelwise_run(channel_job *j, dk_body body) {
  j->parts = parts_for(j->B * j->P, 2 * j->C, 4);
  dk_run(j->parts, body, j);
}
static void image_spread(long B, long P, long C, const float *v, float k, float *y) {
  channelwise_run(&(channel_job){.B = B, .P = P, .C = C, .x = v, .z = v, .v = v, .k = k, .y = y},
                  image_spread_part);
}
static void scale_channels(long B, long P, long C, const float *x, const float *s, float *y) {
  channelwise_run(&(channel_job){.B = B, .P = P, .C = C, .x = x, .z = x, .v = s, .y = y},
                  scale_channels_part);
}
static void scale_channels_grad(long B, long P, long C, const float *x, const float *s,
                                const float *dy, float *dx, float *ds) {
  memset(ds, 0, B * C * sizeof(float));
  for (long b = 0; b < B; b++) sum_of_products(P, C, x + b * P * C, dy + b * P * C, ds + b * C);
  scale_channels(B, P, C, dy, s, dx);
}
static void scaled_residual(long P, long C, const float *x, const float *z, const float *v, float *y) {
  channelwise_run(&(channel_job){.B = 1, .P = P, .C = C, .x = x, .z = z, .v = v, .y = y},
                  scaled_residual_part);
}
static void scaled_residual_grad(long P, long C, const float *z, const float *v, const float *dy,
                                 float *dz, float *dv) {
  sum_of_products(P, C, z, dy, dv);
  scale_channels(1, P, C, dy, v, dz);
}
static void shift_channels(long P, long C, const float *x, float k, const float *v, float *y) {
  channelwise_run(&(channel_job){.B = 1, .P = P, .C = C, .x = x, .z = x, .v = v, .k = k, .y = y},
                  shift_channels_part);
}
