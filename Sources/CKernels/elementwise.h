// Element by element over flat arrays, and sums over them.
//
// Cost: one or two flops a value; memory-bound.  Sums run in single precision over 4096 values at a
// time and in double precision over those.
// Measured, one thread of an AMD EPYC (Zen 5): 49 GB/s adding maps of 16 MiB.

typedef struct {
  long count;
  float k;
  const float *a, *b;
  float *y;
  double *sums;
  int parts;
} flat_job;

enum { SUM_RUN = 4096 };

static void flat_run(flat_job *j, dk_body body) {
  j->parts = parts_for((j->count + 15) / 16, 32, 4);
  dk_run(j->parts, body, j);
}

// Defines NAME_part, which stores VALUE (of a and b, the operands' vectors) into y.
#define FLAT(NAME, VALUE)                                     \
  static void NAME##_part(void *context, int part) {          \
    const flat_job *j = context;                              \
    span s = part_of(j->count, 16, j->parts, part);           \
    const float *pa = j->a + s.start, *pb = j->b + s.start;   \
    float *y = j->y + s.start;                                \
    const vec k = splat(j->k);                                \
    (void)k;                                                  \
    CHANNELS(s.end - s.start, {                               \
      vec a = load(pa + c, n), b = load(pb + c, n);           \
      store(y + c, VALUE, n);                                 \
    })                                                        \
  }
// Operations of one operand name a twice; the second load costs nothing.
FLAT(add, a + b)
FLAT(multiply, a *b)
FLAT(axpy, b + k * a)
FLAT(scale, k *((void)b, a))
FLAT(relu, positive_part(((void)b, a)))
FLAT(relu_grad, pick(a > (vec){}, b, (vec){}))
FLAT(sign_difference, pick(a > b, k, pick(a < b, -k, (a - b))))

static void add(long n, const float *a, const float *b, float *y) {
  flat_run(&(flat_job){.count = n, .a = a, .b = b, .y = y}, add_part);
}
static void multiply(long n, const float *a, const float *b, float *y) {
  flat_run(&(flat_job){.count = n, .a = a, .b = b, .y = y}, multiply_part);
}
static void axpy(long n, float k, const float *x, float *y) {
  flat_run(&(flat_job){.count = n, .k = k, .a = x, .b = y, .y = y}, axpy_part);
}
static void scale(long n, float k, const float *x, float *y) {
  flat_run(&(flat_job){.count = n, .k = k, .a = x, .b = x, .y = y}, scale_part);
}
static void relu(long n, const float *x, float *y) {
  flat_run(&(flat_job){.count = n, .a = x, .b = x, .y = y}, relu_part);
}
static void relu_grad(long n, const float *y, const float *dy, float *dx) {
  flat_run(&(flat_job){.count = n, .a = y, .b = dy, .y = dx}, relu_grad_part);
}
// Where a = b, and where either is not a number, d is a - b.
static void sign_difference(long n, float k, const float *a, const float *b, float *d) {
  flat_run(&(flat_job){.count = n, .k = k, .a = a, .b = b, .y = d}, sign_difference_part);
}

// Defines NAME_part, which sums VALUE into the part's place.
#define FLAT_SUM(NAME, VALUE)                                        \
  static void NAME##_part(void *context, int part) {                 \
    const flat_job *j = context;                                     \
    span s = part_of(j->count, SUM_RUN, j->parts, part);             \
    double total = 0;                                                \
    for (long i = s.start; i < s.end; i += SUM_RUN) {                \
      vec sum = {};                                                  \
      CHANNELS(smaller(SUM_RUN, s.end - i), {                        \
        vec a = load(j->a + i + c, n), b = load(j->b + i + c, n);    \
        sum += VALUE;                                                \
      })                                                             \
      total += sum_lanes(sum);                                       \
    }                                                                \
    j->sums[part] = total;                                           \
  }
FLAT_SUM(dot, a *b)
FLAT_SUM(sum_absolute_difference, magnitude(a - b))
FLAT_SUM(sum_squared_difference, (a - b) * (a - b))

static double flat_sum(long n, const float *a, const float *b, dk_body body) {
  double sums[16], total = 0;  // at most 16 parts, so that they need no scratch
  flat_job j = {.count = n, .a = a, .b = b, .sums = sums};
  j.parts = (int)smaller(16, parts_for((n + SUM_RUN - 1) / SUM_RUN, 2 * SUM_RUN, 4));
  dk_run(j.parts, body, &j);
  for (int q = 0; q < j.parts; q++) total += sums[q];
  return total;
}
static double dot(long n, const float *a, const float *b) { return flat_sum(n, a, b, dot_part); }
static double sum_absolute_difference(long n, const float *a, const float *b) {
  return flat_sum(n, a, b, sum_absolute_difference_part);
}
static double sum_squared_difference(long n, const float *a, const float *b) {
  return flat_sum(n, a, b, sum_squared_difference_part);
}

// How many values have an exponent of ones: infinities and what is not a number.
static void all_finite_part(void *context, int part) {
  const flat_job *j = context;
  span s = part_of(j->count, SUM_RUN, j->parts, part);
  ivec found = {};
  CHANNELS(s.end - s.start, {
    found |= ((ivec)load(j->a + s.start + c, n) & 0x7f800000) == 0x7f800000;
  })
  double count = 0;
  for (int i = 0; i < LANES; i++) count += found[i] != 0;
  j->sums[part] = count;
}
static int all_finite(long n, const float *x) { return flat_sum(n, x, x, all_finite_part) == 0; }
