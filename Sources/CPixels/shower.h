// The streaks of a shower, eight at a time: the draws of RandomStream and the functions of ExactMath, with
// the same operations in the same order, so with the same bits.  Included by kernel_text.h for each
// instruction set.
#pragma once

INLINE vd whole_of(vd x) { return __builtin_elementwise_rint(x); }
INLINE vd pick(vl mask, vd yes, vd no) { return (vd)(((vl)yes & mask) | ((vl)no & ~mask)); }

// |x| below 700.
INLINE vd exp_of(vd x) {
  vd k = whole_of(x * 1.4426950408889634);
  vd r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
  vd sum = {1, 1, 1, 1, 1, 1, 1, 1};
  for (double n = 13; n >= 1; n--) sum = 1 + r * sum / n;
  return sum * (vd)((__builtin_convertvector(k, vl) + 1023) << 52);
}

// x a normal number above 0.
INLINE vd log_of(vd x) {
  vl bits = (vl)x;
  vd exponent = __builtin_convertvector((bits >> 52) - 1023, vd);
  vd m = (vd)((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  vl large = m > 1.4142135623730951;
  m = pick(large, m * 0.5, m);
  exponent = pick(large, exponent + 1, exponent);
  vd s = (m - 1) / (m + 1), z = s * s, sum = {0};
  for (double n = 23; n >= 3; n -= 2) sum = z * (1 / n + sum);
  return exponent * 0x1.62e42fefa3800p-1 + (2 * s + (2 * s * sum + exponent * 0x1.ef35793c76730p-45));
}

INLINE void sincos_of(vd x, vd *sine, vd *cosine) {
  vd k = whole_of(x * 0.6366197723675814);
  vd r = ((x - k * 0x1.921fb54400000p+0) - k * 0x1.0b4611a600000p-34) - k * 0x1.3198a2e037073p-69;
  vd z = r * r, s = {0}, c = {0};
  for (double n = 19; n >= 3; n -= 2) {
    s = -z / (n * (n - 1)) * (1 + s);
    c = -z / ((n - 1) * (n - 2)) * (1 + c);
  }
  vd a = r + r * s, b = 1 + c;
  vl turn = __builtin_convertvector(k, vl), odd = (turn & 1) != 0;
  vd p = pick(odd, b, a), q = pick(odd, a, b);
  *sine = pick((turn & 2) != 0, -p, p);
  *cosine = pick(((turn + 1) & 2) != 0, -q, q);
}

// Two draws of 0...1 from each of sixteen blocks, in two vectors each.
typedef struct {
  vd first[2], second[2];
} draws;
INLINE void to_draws(vd out[2], vu high, vu low) {
  vw bits = __builtin_convertvector(high, vw) << 32 | __builtin_convertvector(low, vw);
  typedef double vd16 __attribute__((vector_size(128)));
  vd16 u = __builtin_convertvector(bits >> 11, vd16) * 0x1p-53;
  memcpy(out, &u, sizeof u);
}
INLINE draws draws_of(dp_stream stream, uint32_t block) {
  vu words[4];
  draws d;
  random_words(words, stream, block);
  to_draws(d.first, words[0], words[1]);
  to_draws(d.second, words[2], words[3]);
  return d;
}
// The draw of block k of every four, from twice sixteen blocks.
#define EVERY_FOURTH(x, k) __builtin_shufflevector((x)[0], (x)[1], k, 4 + k, 8 + k, 12 + k)
#define DRAW(which, k) \
  __builtin_shufflevector(EVERY_FOURTH(half[0].which, k), EVERY_FOURTH(half[1].which, k), 0, 1, 2, 3, 4, 5, 6, 7)

INLINE vd between(vd low, vd high, vd u) { return low + (high - low) * u; }
INLINE vd larger(vd x, double low) { return pick(x >= low, x, all(low)); }

// Eight draws, four blocks, belong to each streak.  About 60 ns a streak where the draws alone take 250.
static void streaks(dp_streak out[8], uint32_t layers[8], const dp_shower *shower, dp_stream stream) {
  draws half[2] = {draws_of(stream, stream.block), draws_of(stream, stream.block + LANES)};
  vd layer = DRAW(first, 0), distance;
  for (int s = 0; s < WIDE; s++) {
    uint32_t l = 0;
    while (l + 1 < shower->layers && layer[s] >= shower->odds[l]) l++;
    if (layer[s] >= shower->odds[l]) l = 0;
    layers[s] = l, distance[s] = shower->distances[l];
  }
  vd sine, cosine, radius = __builtin_elementwise_sqrt(-2 * log_of(1 - DRAW(second, 0)));
  sincos_of(2 * 3.141592653589793 * DRAW(first, 1), &sine, &cosine);
  vd slope = shower->slope + 0.035 * (radius * cosine);
  vd length = shower->length / distance * between(all(0.7), all(1.3), DRAW(second, 1));
  vd lean = 1 / __builtin_elementwise_sqrt(1 + slope * slope), rise = length * lean;
  vd opacity = shower->opacity * exp_of(0.35 * (radius * sine));
  vd reach = __builtin_elementwise_abs(slope) * rise + 2;
  vd x = between(-reach, shower->columns + reach, DRAW(first, 2));
  vd y = between(-rise, all(shower->rows), DRAW(second, 2));
  vd wobble = between(all(0.5), all(2.5), DRAW(first, 3)), phase = DRAW(second, 3);
  vd width = larger(shower->width / distance, 0.3);
  opacity = pick(opacity <= 0.95, opacity, all(0.95));
  rise = larger(rise, 0.5);
  for (int s = 0; s < WIDE; s++)
    out[s] = (dp_streak){x[s],     y[s],       slope[s],  lean[s], rise[s],
                         width[s], opacity[s], wobble[s], phase[s]};
}
