// The bare loop: no checks, no labels, no hand-over; an unstated best case for what a loader does.
#include "cbench.h"

static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

typedef struct {
  size_t x, y;
  int mirrored, upside_down;
} crop;

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static void cut(const uint8_t *picture, size_t width, size_t side, crop c, float *out) {
  const float scale = 1.0f / 255;
  for (size_t i = 0; i < side; i++, out += 3 * side) {
    size_t row = c.y + (c.upside_down ? side - 1 - i : i);
    const uint8_t *in = picture + (row * width + c.x) * 3;
    if (c.mirrored)
      for (size_t j = 0; j < side; j++)
        for (size_t k = 0; k < 3; k++) out[3 * j + k] = in[3 * (side - 1 - j) + k] * scale;
    else
      for (size_t j = 0; j < 3 * side; j++) out[j] = in[j] * scale;
  }
}

float cb_crop_pairs(const cb_pair *pairs, const uint32_t *order, size_t count, size_t width,
                    size_t height, size_t side, size_t batch, uint64_t seed, float *buffer) {
  size_t values = side * side * 3;
  float sum = 0;
  for (size_t t = 0; t < count; t++) {
    uint64_t place = next_random(&seed), mirror = next_random(&seed);
    crop c = {.x = (uint32_t)place * (uint64_t)(width - side + 1) >> 32,
              .y = (place >> 32) * (height - side + 1) >> 32,
              .mirrored = mirror & 1,
              .upside_down = mirror >> 1 & 1};
    const cb_pair *pair = pairs + order[t];
    float *out = buffer + t % batch * 2 * values;
    cut(pair->lq, width, side, c, out);
    cut(pair->gt, width, side, c, out + values);
    sum += out[mirror % values];
  }
  return sum;
}
