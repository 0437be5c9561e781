// What a loader cannot be faster than: cropping mapped pictures in a bare loop.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The pixels of a record in a mapped file: rows of RGB, both pictures of one size.
typedef struct {
  const uint8_t *lq, *gt;
} cb_pair;

// Cuts `count` pairs in the order given, `batch` to a buffer that is used again and again: for each a square of
// `side` pixels at a random place of the width x height pictures, mirrored at random in both directions, as
// values times 1 / 255.  buffer: 2 x batch x side x side x 3 values.  Returns a value that depends on the work.
float cb_crop_pairs(const cb_pair *pairs, const uint32_t *order, size_t count, size_t width,
                    size_t height, size_t side, size_t batch, uint64_t seed, float *buffer);
