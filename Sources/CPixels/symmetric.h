// Blur with a kernel that is its own mirror image left to right and top to bottom: the disk of a lens,
// the rings of a sinc.  Included by kernel_text.h for each instruction set.
#pragma once

// Two vectors of a row are folded together: of the sums of the two values k pixels to either side, and
// of all values up to k pixels away, those that the kernel needs are kept.
#define FOLD (2 * LANES)

INLINE void keep(vf *slot, int32_t place, const vf value[2]) {
  if (place < 0) return;
  slot[2 * place] = value[0];
  slot[2 * place + 1] = value[1];
}

INLINE void fold_row(vf *slot, const float *middle, size_t step, const dp_symmetric *kernel) {
  vf span[2] = {load(middle, LANES), load(middle + LANES, LANES)};
  keep(slot, kernel->pair_places[0], span);
  keep(slot, kernel->span_places[0], span);
  for (size_t k = 1; k <= kernel->radius; k++) {
    const float *left = middle - k * step, *right = middle + k * step;
    vf pair[2] = {load(left, LANES) + load(right, LANES),
                  load(left + LANES, LANES) + load(right + LANES, LANES)};
    span[0] += pair[0];
    span[1] += pair[1];
    keep(slot, kernel->pair_places[k], pair);
    keep(slot, kernel->span_places[k], span);
  }
}

// A strip goes down a frame of long rows, which the CPU does not foresee; beyond the last nothing is read.
#define AHEAD 4
INLINE void fetch_ahead(const float *row, size_t n) {
  for (size_t i = 0; i < n; i += LANES) __builtin_prefetch(row + i);
}

// Two vectors of a blurred row; rows[dy] is the slot of the row dy below it.
INLINE void unfold(vf out[2], vf *const *rows, const dp_symmetric *kernel) {
  vf even[2] = {{0}, {0}}, sum[2] = {{0}, {0}};
  const dp_tap *tap = kernel->taps;
  for (ptrdiff_t dy = 0; dy <= (ptrdiff_t)kernel->radius; dy++) {
    const vf *up = rows[-dy], *down = rows[dy];
    ptrdiff_t span = 2 * (ptrdiff_t)kernel->spans[dy];
    for (int j = 0; span >= 0 && j < 2; j++)
      even[j] += dy ? up[span + j] + down[span + j] : up[span + j];
    for (const dp_tap *end = tap + kernel->counts[dy]; tap < end; tap++) {
      for (size_t j = 0, p = 2 * tap->place; j < 2; j++)
        sum[j] += (dy ? up[p + j] + down[p + j] : up[p + j]) * tap->weight;
    }
  }
  for (int j = 0; j < 2; j++) out[j] = sum[j] + even[j] * kernel->level;
}

// In strips of 32 values, so that all folded rows stay in the first cache.  For a disk of radius 10 each
// value costs 20 loads and additions to fold and 57 to unfold, where single taps are 349.
static void blur_symmetric(float *y, size_t y_stride, const float *x, size_t x_stride, size_t n,
                           size_t height, size_t step, const dp_symmetric *kernel, float *scratch) {
  size_t r = kernel->radius, slots = 2 * r + 1;
  vf *ring = (vf *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
  vf **rows = (vf **)(ring + slots * 2 * kernel->places);
  for (size_t s = 0; s < slots; s++) rows[s] = rows[s + slots] = ring + s * 2 * kernel->places;
  for (size_t i = 0; i < n; i += FOLD) {
    size_t left = n - i;
    for (size_t row = 0, slot = 0; row < height + 2 * r; row++, slot++) {
      if (slot == slots) slot = 0;
      fetch_ahead(x + (row + AHEAD) * x_stride + i, 2 * r * step + FOLD);
      fold_row(rows[slot], x + row * x_stride + r * step + i, step, kernel);
      if (row < 2 * r) continue;
      vf out[2];
      unfold(out, rows + slot + 1 + r, kernel);
      float *to = y + (row - 2 * r) * y_stride + i;
      store(to, out[0], left);
      if (left > LANES) store(to + LANES, out[1], left - LANES);
    }
  }
}
