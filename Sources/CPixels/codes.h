// 8-bit codes to values and back; included by kernel_text.h for each instruction set.
#pragma once

typedef uint8_t codes16 __attribute__((vector_size(16)));

INLINE codes16 load_codes(const uint8_t *p, size_t left) {
  codes16 v = {0};
  if (left >= LANES) memcpy(&v, p, sizeof v);
  else memcpy(&v, p, left);
  return v;
}

// 0.07, 0.14 and 0.3 ns a value; a multiple of 255 is taken before clamping, as the scalar form has it.
static void to_codes(uint8_t *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    vf v = at_most(at_least(load(x + i, n - i) * 255.0f, 0.0f), 255.0f);
    codes16 codes = __builtin_convertvector((vi)(v + 12582912.0f), codes16);
    if (n - i >= LANES) memcpy(y + i, &codes, sizeof codes);
    else memcpy(y + i, &codes, n - i);
  }
}

static void from_codes(float *y, const uint8_t *x, size_t n) {
  for (size_t i = 0; i < n; i += LANES)
    store(y + i, __builtin_convertvector(load_codes(x + i, n - i), vf) / 255.0f, n - i);
}

// A byte, a look-up and a store: 0.25 ns a value with every instruction set, where the curve needs 1.2
// to 3.4 ns.
static void light_of_codes(float *y, const uint8_t *x, size_t n, const float light[256]) {
  for (size_t i = 0; i < n; i++) y[i] = light[x[i]];
}

INLINE vu look_up(const uint32_t *table, vu place) {
#ifdef DP_GATHER
  return (vu)__builtin_ia32_gathersiv16si((vi){0}, table, (vi)place, (short)-1, 4);
#else
  vu found;
  for (int j = 0; j < LANES; j++) found[j] = table[place[j]];
  return found;
#endif
}

// A cell of the table is what floats with the same upper 16 bits share.  It holds the code at the
// cell's start above, and below what carries over once the lower 16 bits reach the next code's start.
// 0.26 ns a value where vectors are gathered, else 0.75 ns; the curve and rounding need 1.3 to 4.5 ns.
static void codes_of_light(uint8_t *y, const float *x, size_t n, const uint32_t *table) {
  const vu first = (vu)splat(0x1p-13f);
  for (size_t i = 0; i < n; i += LANES) {
    vu bits = (vu)at_most(at_least(load(x + i, n - i), 0x1p-13f), 1.0f);
    vu cell = look_up(table, (bits - first) >> 16);
    codes16 codes = __builtin_convertvector((cell + (bits & 0xffff)) >> 16, codes16);
    if (n - i >= LANES) memcpy(y + i, &codes, sizeof codes);
    else memcpy(y + i, &codes, n - i);
  }
}

static void wide_codes(double *y, const uint8_t *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = x[i];
}
