// Exponential and normal distribution of a vector, without libm.
//
// Cost: 10 multiply-adds for the exponential, 21 and a division for the distribution.  Relative error
// 1.2e-7 (exponential, for results above 1e-37) and 2e-7 (distribution, absolute 3e-7).

// e^x for x up to 88; below -87 about 1e-38.
INLINE vec exponential(vec x) {
  const vec round = splat(12582912);  // 1.5 * 2^23: the sum's low bits are a whole number
  x = pick(x < -87.0f, splat(-87), x);
  vec whole = x * 1.44269504f + round, k = whole - round;
  vec r = x - k * 0.693359375f + k * 2.12194440e-4f;  // ln 2 in two pieces, the first exact
  // (e^r - 1 - r) / r^2 on |r| <= ln(2)/2, smallest largest error.
  vec q = splat(1.38145715e-3f);
  q = q * r + 8.36871789e-3f;
  q = q * r + 4.16683885e-2f;
  q = q * r + 1.66665206e-1f;
  q = q * r + 4.99999934e-1f;
  vec power = (vec)(((ivec)whole - 0x4b400000 + 127) << 23);
  return (q * r * r + r + 1.0f) * power;
}

// The share of a standard normal distribution below x, and its density at x.
INLINE vec normal_below(vec x, vec *density) {
  vec a = magnitude(x), bell = exponential(-0.5f * a * a), t = 1.0f / (1.0f + 0.23f * a);
  // The share above a, over the bell, as a polynomial of t: smallest largest relative error.
  vec q = splat(-7.38842261e-2f);
  q = q * t + 2.68856872e-1f;
  q = q * t - 2.34997952e-1f;
  q = q * t + 2.53610122e-1f;
  q = q * t - 7.39932803e-4f;
  q = q * t + 1.06105781e-1f;
  q = q * t + 8.91416228e-2f;
  q = q * t + 9.19077799e-2f;
  vec above = q * t * bell;
  *density = bell * 0.39894228f;
  return pick(x < (vec){}, above, 1.0f - above);
}
