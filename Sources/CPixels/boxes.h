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

// The sums of three rows and three columns round eight places; each row begins one place to the left.
INLINE vd nine(const double *const rows[3], size_t i, size_t left) {
  vd sum = {0};
  for (int k = 0; k < 3; k++)
    for (size_t j = 0; j < 3; j++) sum += load_wide(rows[k] + i + j, left + 2 - j);
  return sum;
}
INLINE vd nine_products(const double *const a[3], const double *const b[3], size_t i, size_t left) {
  vd sum = {0};
  for (int k = 0; k < 3; k++)
    for (size_t j = 0; j < 3; j++)
      sum += load_wide(a[k] + i + j, left + 2 - j) * load_wide(b[k] + i + j, left + 2 - j);
  return sum;
}

typedef struct {
  const double *row[3];
} rows3;
// Rows y - 1, y and y + 1 of a plane with one place more on either side of each row.
INLINE rows3 three_rows(const double *plane, size_t y, size_t width, size_t height) {
  rows3 r;
  for (ptrdiff_t k = 0; k < 3; k++)
    r.row[k] = plane + mirrored((ptrdiff_t)y + k - 1, (ptrdiff_t)height) * (width + 2);
  return r;
}
INLINE void mirror_ends(double *row, size_t width) {
  row[0] = row[1 + mirrored(-1, (ptrdiff_t)width)];
  row[width + 1] = row[1 + mirrored((ptrdiff_t)width, (ptrdiff_t)width)];
}

// 64-bit, since a variance is a difference of near numbers.  About 90 operations a value: 2 ns with AVX-512.
static void guided3(float *y, const float *guide, const float *input, size_t width, size_t height,
                    double epsilon, double *scratch) {
  size_t plane = height * (width + 2);
  double *g = scratch, *p = g + plane, *slope = p + plane, *offset = slope + plane;
  const double ninth = 1.0 / 9;
  for (size_t row = 0; row < height; row++) {
    double *a = g + row * (width + 2), *b = p + row * (width + 2);
    for (size_t i = 0; i < width; i++) a[1 + i] = guide[row * width + i], b[1 + i] = input[row * width + i];
    mirror_ends(a, width);
    mirror_ends(b, width);
  }
  for (size_t row = 0; row < height; row++) {
    rows3 a = three_rows(g, row, width, height), b = three_rows(p, row, width, height);
    double *s = slope + row * (width + 2), *o = offset + row * (width + 2);
    for (size_t i = 0; i < width; i += WIDE) {
      size_t left = width - i;
      vd mean = nine(a.row, i, left) * ninth, mean_p = nine(b.row, i, left) * ninth;
      vd square = nine_products(a.row, a.row, i, left) * ninth;
      vd product = nine_products(a.row, b.row, i, left) * ninth;
      vd k = (product - mean * mean_p) / (square - mean * mean + epsilon);
      store_wide(s + 1 + i, k, left);
      store_wide(o + 1 + i, mean_p - k * mean, left);
    }
    mirror_ends(s, width);
    mirror_ends(o, width);
  }
  for (size_t row = 0; row < height; row++) {
    rows3 s = three_rows(slope, row, width, height), o = three_rows(offset, row, width, height);
    for (size_t i = 0; i < width; i += WIDE) {
      vd v = nine(s.row, i, width - i) * ninth * load_wide(g + row * (width + 2) + 1 + i, width - i) +
             nine(o.row, i, width - i) * ninth;
      for (size_t j = 0; j < WIDE && i + j < width; j++) y[row * width + i + j] = (float)v[j];
    }
  }
}
