// A picture cut into sheets of equal defocus; included by kernel_text.h for each instruction set.
#pragma once

// Premultiplied RGBA pixels over others: near + far * (1 - near's alpha).
static void lay_over(float *far, size_t far_stride, const float *near, size_t near_stride,
                     size_t pixels, size_t rows) {
  for (size_t row = 0; row < rows; row++, far += far_stride, near += near_stride) {
    for (size_t i = 0; i < 4 * pixels; i += LANES) {
      vf a = load(near + i, 4 * pixels - i), b = load(far + i, 4 * pixels - i);
      vf alpha = __builtin_shufflevector(a, a, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
      store(far + i, a + b * (1.0f - alpha), 4 * pixels - i);
    }
  }
}

// Four pixels at a time: their first three values over their fourth.
static void unpremultiply(float *y, const float *x, size_t pixels) {
  for (size_t i = 0; i < pixels; i += LANES / 4) {
    size_t left = pixels - i;
    vf a = load(x + 4 * i, 4 * left);
    vf alpha = __builtin_shufflevector(a, a, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
    vf v = a / at_least(alpha, 1e-6f);
    v = __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    memcpy(y + 3 * i, &v, (left < 4 ? left : 4) * 3 * sizeof(float));
  }
}

// 1 / z of a scene less that of the focus, z = near + span * depth: two operations and a division.
static void defocus(float *y, const float *depth, size_t n, float near, float span, float focused) {
  for (size_t i = 0; i < n; i += LANES) {
    vf z = at_most(at_least(load(depth + i, n - i), 0.0f), 1.0f) * span + near;
    store(y + i, 1.0f / z - focused, n - i);
  }
}

typedef int16_t shorts16 __attribute__((vector_size(32)));

static void whole_numbers(int16_t *y, const float *x, size_t n, float scale) {
  for (size_t i = 0; i < n; i += LANES) {
    vi whole = __builtin_convertvector(nearest(load(x + i, n - i) * scale), vi);
    shorts16 out = __builtin_convertvector(whole, shorts16);
    memcpy(y + i, &out, (n - i < LANES ? n - i : LANES) * sizeof *y);
  }
}

// A place on a slope of more than `most` between its surroundings' extremes takes the nearer of them.
static void harden(float *y, const float *x, const float *low, const float *high, size_t n,
                   float most) {
  for (size_t i = 0; i < n; i += LANES) {
    vf v = load(x + i, n - i), a = load(low + i, n - i), b = load(high + i, n - i);
    store(y + i, choose(b - a <= most, v, choose(v - a < b - v, a, b)), n - i);
  }
}
