// Blur with any kernel, by sums of runs; included by kernel_text.h for each instruction set.
#pragma once

#define STRIP (4 * LANES)

INLINE void add_taps(float *y, const float *const *rows, const dp_run_tap *taps, size_t count,
                     size_t left) {
  vf sum[4] = {{0}, {0}, {0}, {0}};
  for (size_t k = 0; k < count; k++) {
    const float *p = rows[taps[k].row] + taps[k].offset;
    for (int j = 0; j < 4; j++) sum[j] += load(p + j * LANES, LANES) * taps[k].weight;
  }
  for (size_t j = 0; j < 4 && j * LANES < left; j++) store(y + j * LANES, sum[j], left - j * LANES);
}

// In strips of 64 values, so that the rows that a strip reads stay in the first cache with their sums.
// One load, product and addition a tap.
static void blur_runs(float *y, size_t y_stride, const float *x, size_t x_stride, size_t n,
                      size_t height, size_t step, const dp_runs *kernel, float *scratch) {
  size_t slots = 2 * kernel->radius + 1, margin = 2 * kernel->radius * step;
  size_t length = dp_runs_plane(kernel->radius, step), slot_size = length * kernel->planes;
  const float **rows = (const float **)scratch;
  float *ring = scratch + 2 * slots * sizeof(float *) / sizeof(float);
  for (size_t i = 0; i < n; i += STRIP) {
    size_t left = n - i, width = left < STRIP ? left : STRIP;
    for (size_t row = 0, slot = 0; row < height + slots - 1; row++, slot++) {
      if (slot == slots) slot = 0;
      float *planes = ring + slot * slot_size;
      memcpy(planes, x + row * x_stride + i, (width + margin) * sizeof(float));
      memset(planes + width + margin, 0, (length - width - margin) * sizeof(float));
      run_sums(planes, length, step, kernel->planes);
      rows[slot] = rows[slot + slots] = planes;
      if (row + 1 < slots) continue;
      add_taps(y + (row + 1 - slots) * y_stride + i, rows + slot + 1, kernel->taps, kernel->count,
               left);
    }
  }
}
