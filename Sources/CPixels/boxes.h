// Means over boxes with mirrored borders, and what is built on them; included by kernel_text.h for each
// instruction set.
#pragma once

// The place that stands for place i of a row of n, mirrored at both ends without repeating the edge.
INLINE size_t mirrored(ptrdiff_t i, ptrdiff_t n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return (size_t)i;
}

// Fills the `before` values left of a row and the `after` right of it.
INLINE void mirror_row(float *row, size_t n, size_t before, size_t after) {
  for (size_t k = 1; k <= before; k++) row[-(ptrdiff_t)k] = row[mirrored(-(ptrdiff_t)k, (ptrdiff_t)n)];
  for (size_t k = 0; k < after; k++) row[n + k] = row[mirrored((ptrdiff_t)(n + k), (ptrdiff_t)n)];
}

// Down the columns, then along the row: an addition and a load for each row and column of the box.
// 0.4 ns a value for 5x5, 1.9 ns for 22x22 with AVX-512.
static void box_mean(float *y, const float *x, size_t width, size_t height, size_t before,
                     size_t after, float *scratch) {
  float *line = scratch + before, scale = 1.0f / (float)((before + after + 1) * (before + after + 1));
  for (size_t row = 0; row < height; row++) {
    for (size_t i = 0; i < width; i += LANES) {
      vf sum = {0};
      for (ptrdiff_t k = (ptrdiff_t)(row - before); k <= (ptrdiff_t)(row + after); k++)
        sum += load(x + mirrored(k, (ptrdiff_t)height) * width + i, width - i);
      store(line + i, sum, width - i);
    }
    mirror_row(line, width, before, after);
    for (size_t i = 0; i < width; i += LANES) {
      vf sum = {0};
      for (size_t k = 0; k <= before + after; k++) sum += load(scratch + i + k, width + before + after - i - k);
      store(y + row * width + i, sum * scale, width - i);
    }
  }
}

typedef double vd4 __attribute__((vector_size(32)));

// One row of an area mean: each new pixel takes its share of the old ones, which come in order.
static void area_row(double *sums, const float *x, size_t step, const dp_area_tap *taps, size_t count,
                     double weight) {
  if (step != 3) {
    for (size_t k = 0; k < count; k++)
      for (size_t c = 0; c < step; c++)
        sums[taps[k].to * step + c] += weight * taps[k].weight * (double)x[taps[k].from * step + c];
    return;
  }
  for (size_t k = 0; k < count;) {
    size_t to = taps[k].to;
    vd4 sum = {sums[3 * to], sums[3 * to + 1], sums[3 * to + 2], 0};
    for (; k < count && taps[k].to == to; k++) {
      const float *p = x + 3 * taps[k].from;
      sum += weight * taps[k].weight * (vd4){p[0], p[1], p[2], 0};
    }
    memcpy(sums + 3 * to, &sum, 3 * sizeof(double));
  }
}

static void luma_of(float *y, const float *x, size_t pixels) {
  for (size_t i = 0; i < pixels; i++)
    y[i] = 0.299f * x[3 * i] + 0.587f * x[3 * i + 1] + 0.114f * x[3 * i + 2];
}

static void brightest_of(float *y, const float *x, size_t pixels) {
  for (size_t i = 0; i < pixels; i++) {
    float a = x[3 * i], b = x[3 * i + 1], c = x[3 * i + 2];
    a = a > b ? a : b;
    y[i] = a > c ? a : c;
  }
}

// Rows of 64-bit values with one place more on either side, and room for whole vectors.
INLINE size_t padded_row(size_t width) { return dp_guided_stride(width); }

INLINE void mirror_ends(double *row, size_t width) {
  row[0] = row[1 + mirrored(-1, (ptrdiff_t)width)];
  row[width + 1] = row[1 + mirrored((ptrdiff_t)width, (ptrdiff_t)width)];
}

typedef struct {
  const double *row[3];
} rows3;
// Rows y - 1, y and y + 1 of a plane of padded rows.
INLINE rows3 three_rows(const double *plane, size_t y, size_t width, size_t height) {
  rows3 r;
  for (ptrdiff_t k = 0; k < 3; k++)
    r.row[k] = plane + mirrored((ptrdiff_t)y + k - 1, (ptrdiff_t)height) * padded_row(width);
  return r;
}
INLINE vd wide(const double *p) { return load_wide(p, WIDE); }
INLINE vd column(rows3 r, size_t i) { return wide(r.row[0] + i) + wide(r.row[1] + i) + wide(r.row[2] + i); }
INLINE vd products(rows3 a, rows3 b, size_t i) {
  return wide(a.row[0] + i) * wide(b.row[0] + i) + wide(a.row[1] + i) * wide(b.row[1] + i) +
         wide(a.row[2] + i) * wide(b.row[2] + i);
}
// A ninth of the sum of three neighbours of a row of column sums.
INLINE vd ninth(const double *p) { return (wide(p) + wide(p + 1) + wide(p + 2)) * (1.0 / 9); }

// In every window of 3x3 the input is fitted by a line of the guide.
static void guided_lines(double *slope, double *offset, rows3 a, rows3 b, size_t width,
                         double epsilon, double *sums) {
  size_t stride = padded_row(width);
  double *guide = sums, *input = guide + stride, *square = input + stride, *product = square + stride;
  for (size_t i = 0; i < width + 2; i += WIDE) {
    store_wide(guide + i, column(a, i), WIDE);
    store_wide(input + i, column(b, i), WIDE);
    store_wide(square + i, products(a, a, i), WIDE);
    store_wide(product + i, products(a, b, i), WIDE);
  }
  for (size_t i = 0; i < width; i += WIDE) {
    vd mean = ninth(guide + i), mean_b = ninth(input + i);
    vd k = (ninth(product + i) - mean * mean_b) / (ninth(square + i) - mean * mean + epsilon);
    store_wide(slope + 1 + i, k, WIDE);
    store_wide(offset + 1 + i, mean_b - k * mean, WIDE);
  }
  mirror_ends(slope, width);
  mirror_ends(offset, width);
}

// 64-bit, since a variance is a difference of near numbers.  About 60 operations a value: 1 ns with AVX-512.
static void guided3(float *y, const float *guide, const float *input, size_t width, size_t height,
                    double epsilon, double *scratch) {
  size_t stride = padded_row(width), plane = height * stride;
  double *g = scratch, *p = g + plane, *slope = p + plane, *offset = slope + plane;
  double *sums = offset + plane;
  for (size_t row = 0; row < height; row++) {
    double *a = g + row * stride, *b = p + row * stride;
    for (size_t i = 0; i < width; i++) a[1 + i] = guide[row * width + i];
    for (size_t i = 0; i < width; i++) b[1 + i] = input[row * width + i];
    for (size_t i = width + 2; i < stride; i++) a[i] = b[i] = 0;
    mirror_ends(a, width);
    mirror_ends(b, width);
  }
  for (size_t row = 0; row < height; row++)
    guided_lines(slope + row * stride, offset + row * stride, three_rows(g, row, width, height),
                 three_rows(p, row, width, height), width, epsilon, sums);
  for (size_t row = 0; row < height; row++) {
    rows3 s = three_rows(slope, row, width, height), o = three_rows(offset, row, width, height);
    for (size_t i = 0; i < width + 2; i += WIDE) {
      store_wide(sums + i, column(s, i), WIDE);
      store_wide(sums + stride + i, column(o, i), WIDE);
    }
    for (size_t i = 0; i < width; i += WIDE) {
      vd v = ninth(sums + i) * wide(g + row * stride + 1 + i) + ninth(sums + stride + i);
      for (size_t j = 0; j < WIDE && i + j < width; j++) y[row * width + i + j] = (float)v[j];
    }
  }
}
