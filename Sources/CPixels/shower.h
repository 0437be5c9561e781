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

// Number `place` of each streak's eight draws from 0...1.
INLINE vd draw(uint32_t (*words)[16], int place) {
  vl bits;
  for (int s = 0; s < WIDE; s++)
    bits[s] = (int64_t)(((uint64_t)words[s][2 * place] << 32 | words[s][2 * place + 1]) >> 11);
  return __builtin_convertvector(bits, vd) * 0x1p-53;
}
INLINE vd between(vd low, vd high, vd u) { return low + (high - low) * u; }
INLINE vd larger(vd x, double low) { return pick(x >= low, x, all(low)); }

// Sixteen words, four blocks, belong to each streak.  About 60 ns a streak where the draws alone take 250.
static void streaks(dp_streak out[8], uint32_t layers[8], const dp_shower *shower, dp_stream stream) {
  uint32_t words[WIDE][16];
  for (uint32_t half = 0; half < 2; half++) {
    vu four[4];
    random_words(four, stream, stream.block + 16 * half);
    for (int b = 0; b < LANES; b++)
      for (int k = 0; k < 4; k++) words[4 * half + b / 4][4 * (b % 4) + k] = four[k][b];
  }
  vd layer = draw(words, 0), distance;
  for (int s = 0; s < WIDE; s++) {
    uint32_t l = 0;
    while (l + 1 < shower->layers && layer[s] >= shower->odds[l]) l++;
    if (layer[s] >= shower->odds[l]) l = 0;
    layers[s] = l, distance[s] = shower->distances[l];
  }
  vd sine, cosine, radius = __builtin_elementwise_sqrt(-2 * log_of(1 - draw(words, 1)));
  sincos_of(2 * 3.141592653589793 * draw(words, 2), &sine, &cosine);
  vd slope = shower->slope + 0.035 * (radius * cosine);
  vd length = shower->length / distance * between(all(0.7), all(1.3), draw(words, 3));
  vd lean = 1 / __builtin_elementwise_sqrt(1 + slope * slope), rise = length * lean;
  vd opacity = shower->opacity * exp_of(0.35 * (radius * sine));
  vd reach = __builtin_elementwise_abs(slope) * rise + 2;
  vd x = between(-reach, shower->columns + reach, draw(words, 4));
  vd y = between(-rise, all(shower->rows), draw(words, 5));
  vd wobble = between(all(0.5), all(2.5), draw(words, 6)), phase = draw(words, 7);
  vd width = larger(shower->width / distance, 0.3);
  opacity = pick(opacity <= 0.95, opacity, all(0.95));
  rise = larger(rise, 0.5);
  for (int s = 0; s < WIDE; s++)
    out[s] = (dp_streak){x[s],     y[s],       slope[s],  lean[s], rise[s],
                         width[s], opacity[s], wobble[s], phase[s]};
}
