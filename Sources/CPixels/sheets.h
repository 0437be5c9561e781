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

static void bounds(float *low, float *high, const float *x, size_t n) {
  vf a = splat(*low), b = splat(*high);
  for (size_t i = 0; i < n; i += LANES) {
    vf v = n - i >= LANES ? load(x + i, LANES) : splat(x[i]);
    for (size_t k = 1; n - i < LANES && k < n - i; k++) v[k] = x[i + k];
    a = choose(v < a, v, a);
    b = choose(v > b, v, b);
  }
  for (int k = 0; k < LANES; k++) {
    *low = a[k] < *low ? a[k] : *low;
    *high = b[k] > *high ? b[k] : *high;
  }
}

// The part of block j that lies in a row.
INLINE size_t block_end(size_t j, size_t block, size_t width) {
  size_t end = (j + 1) * block;
  return end < width ? end : width;
}

typedef float f4 __attribute__((vector_size(16)));
INLINE float steeper(float most, float a, float b) {
  float slope = __builtin_fabsf(a - b);
  return slope > most ? slope : most;
}

typedef struct {
  f4 colour;
  float distance, least, steepest;
} block_sum;

INLINE block_sum sum_of(const float *colours, const float *near, const float *weights, size_t count,
                        size_t below, int is_end) {
  block_sum sum = {{0}, 0, near[0], 0};
  for (size_t i = 0; i < count; i++) {
    f4 seen;
    memcpy(&seen, colours + 4 * i, sizeof seen);
    sum.colour += seen * weights[i];
    sum.distance += near[i] * weights[i];
    sum.least = near[i] < sum.least ? near[i] : sum.least;
    sum.steepest = steeper(sum.steepest, near[i], near[is_end && i + 1 == count ? i : i + 1]);
    sum.steepest = steeper(sum.steepest, near[i], near[i + below]);
  }
  return sum;
}

INLINE f4 four(const float *p) {
  f4 v;
  memcpy(&v, p, sizeof v);
  return v;
}

// The same for four pixels that others follow: sums in the same order, the rest at once.
INLINE block_sum sum_of_four(const float *colours, const float *near, const float *weights, size_t below) {
  f4 n = four(near), w = four(weights), distance = n * w;
  f4 right = __builtin_elementwise_abs(n - four(near + 1));
  f4 down = __builtin_elementwise_abs(n - four(near + below));
  block_sum sum = {.colour = four(colours) * w[0] + four(colours + 4) * w[1]};
  sum.colour = (sum.colour + four(colours + 8) * w[2]) + four(colours + 12) * w[3];
  sum.distance = ((distance[0] + distance[1]) + distance[2]) + distance[3];
  sum.least = __builtin_reduce_min(n);
  sum.steepest = __builtin_reduce_max(__builtin_elementwise_max(right, down));
  return sum;
}

// About 6 operations a pixel.
static void block_sums(double *sums, float *least, float *edges, const float *colours, const float *near,
                       const float *weights, size_t width, size_t height, size_t block, float edge) {
  size_t columns = (width + block - 1) / block;
  for (size_t y = 0; y < height; y++) {
    size_t below = y + 1 < height ? width : 0;
    for (size_t j = 0, place = y / block * columns; j < columns; j++, place++) {
      size_t start = y * width + j * block, end = block_end(j, block, width), count = end - j * block;
      const float *c = colours + 4 * start, *d = near + start, *w = weights + start;
      block_sum sum = count == 4 && end < width ? sum_of_four(c, d, w, below)
                                                : sum_of(c, d, w, count, below, end == width);
      vd4 so_far;
      memcpy(&so_far, sums + 8 * place, sizeof so_far);
      so_far += __builtin_convertvector(sum.colour, vd4);
      memcpy(sums + 8 * place, &so_far, sizeof so_far);
      sums[8 * place + 4] += (double)sum.distance;
      least[place] = sum.least < least[place] ? sum.least : least[place];
      if (sum.steepest > edge) edges[place] = 1;
    }
  }
}

static void sheets_behind(int16_t *y, const int16_t *own, const int16_t *least, const int16_t *second,
                          size_t width, size_t height, size_t block, int16_t none, int16_t *line) {
  size_t columns = (width + block - 1) / block;
  int16_t *restrict low = line, *restrict far = line + width;
  for (size_t row = 0; row < height; row++) {
    for (size_t x = 0; row % block == 0 && x < width; x++) {
      low[x] = least[row / block * columns + x / block];
      far[x] = second[row / block * columns + x / block];
    }
    const int16_t *restrict from = own + row * width;
    int16_t *restrict to = y + row * width;
    for (size_t x = 0; x < width; x++) {
      int16_t next = (int16_t)(from[x] - 1), behind = far[x] < next ? far[x] : next;
      to[x] = low[x] < from[x] ? behind : none;
    }
  }
}

static void mark_sheets(uint8_t *held, const dp_sheets *sheets, int16_t low) {
  size_t strips = (sheets->width + LANES - 1) / LANES, plane = strips * sheets->height;
  for (size_t y = 0; y < sheets->height; y++) {
    const int16_t *front = sheets->front + y * sheets->width, *back = sheets->back + y * sheets->width;
    for (size_t x = 0; x < sheets->width; x++) {
      uint8_t *place = held + x / LANES * sheets->height + y;
      place[(size_t)(front[x] - low) * plane] = 1;
      if (back[x] >= low) place[(size_t)(back[x] - low) * plane] = 1;
    }
  }
}

INLINE vi sheets_at(const int16_t *p) {
  shorts16 v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vi);
}

// The masks of four of sixteen pixels, four times each.
INLINE vi four_of(vi mask, int k) {
  switch (k) {
  case 0: return __builtin_shufflevector(mask, mask, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  case 1: return __builtin_shufflevector(mask, mask, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7);
  case 2: return __builtin_shufflevector(mask, mask, 8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11);
  default: return __builtin_shufflevector(mask, mask, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15);
  }
}

// Sixteen pixels of a sheet, from place i on; guess: what may lie behind them, in blocks of four.
INLINE void fill_sixteen(float *y, const dp_sheets *sheets, size_t i, int16_t sheet, const float *guess) {
  vi front = sheets_at(sheets->front + i), back = sheets_at(sheets->back + i);
  vi behind = back == sheet, guessed = behind & (back < front - 1);
  vi seen = (front == sheet) | (behind & ~guessed);
  for (int k = 0; k < 4; k++) {
    vi colour = (vi)load(sheets->seen + 4 * i + k * LANES, LANES) & four_of(seen, k);
    store(y + k * LANES, (vf)colour, LANES);
  }
  if (!any(guessed)) return;
  for (int k = 0; k < 4; k++) {
    vf colour = load(guess + 4 * k, 4);
    colour = __builtin_shufflevector(colour, colour, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    store(y + k * LANES, choose(four_of(guessed, k), colour, load(y + k * LANES, LANES)), LANES);
  }
}

static void fill_strip(float *y, const dp_sheets *sheets, size_t row, size_t strip, int16_t sheet) {
  size_t columns = (sheets->width + sheets->block - 1) / sheets->block;
  const float *guess = sheets->guess + 4 * (row / sheets->block * columns);
  size_t start = row * sheets->width, end = block_end(strip, LANES, sheets->width);
  for (size_t x = strip * LANES; x < end; x++) {
    size_t i = start + x;
    int behind = sheets->back[i] == sheet, own = sheets->front[i] == sheet;
    const float *from = behind && sheet < sheets->front[i] - 1 ? guess + 4 * (x / sheets->block)
                                                               : sheets->seen + 4 * i;
    for (int k = 0; k < 4; k++) y[4 * x + k] = own || behind ? from[k] : 0;
  }
}

// Blocks of four pixels, all in the picture, are taken at once.
static void fill_strips(float *y, size_t stride, const dp_sheets *sheets, int16_t sheet,
                        const uint8_t *held) {
  size_t strips = (sheets->width + LANES - 1) / LANES, columns = (sheets->width + 3) / 4;
  for (size_t strip = 0; strip < strips; strip++) {
    for (size_t row = 0; row < sheets->height; row++) {
      if (!*held++) continue;
      if (sheets->block != 4 || (strip + 1) * LANES > sheets->width) {
        fill_strip(y + row * stride, sheets, row, strip, sheet);
        continue;
      }
      size_t x = strip * LANES;
      fill_sixteen(y + row * stride + 4 * x, sheets, row * sheets->width + x, sheet,
                   sheets->guess + 4 * (row / 4 * columns) + x);
    }
  }
}

static void clear_strips(float *y, size_t stride, const dp_sheets *sheets, const uint8_t *held) {
  size_t strips = (sheets->width + LANES - 1) / LANES;
  for (size_t strip = 0; strip < strips; strip++) {
    size_t start = strip * LANES, end = block_end(strip, LANES, sheets->width);
    for (size_t row = 0; row < sheets->height; row++)
      if (*held++) memset(y + row * stride + 4 * start, 0, 4 * (end - start) * sizeof(float));
  }
}
