// Light as numbers of photo-electrons.
//
// Means below FEW are inverted exactly, up to the 2^-24 of the random number: subtract one
// probability after the other.  From FEW on the number is the quantile's expansion at a normal
// value (Giles, ACM TOMS 42, 2016), within 1e-4 of the distribution at FEW and 2e-7 at 255.
#define FEW 12.0f

// Sixteen lanes count together, so as many rounds as the largest number of the sixteen; a lane that
// is done stays as it is, so it does no harm to look only after every fourth round.
INLINE vf few_electrons(vf mean, vu word) {
  vf rest = __builtin_convertvector((vi)(word >> 8), vf) * 0x1p-24f;
  vf p = exp2_of(mean * -1.4426950409f);
  vi active = rest >= p, count = {0};
  for (int k = 1; any(active);) {
    for (int end = k + 4; k < end; k++) {
      count -= active;
      rest -= (vf)((vi)p & active);
      p *= mean * (1.0f / (float)k);
      active &= rest >= p;
    }
    active &= p > 0x1p-24f;  // below the random number's grain the sum ends
  }
  return __builtin_convertvector(count, vf);
}

INLINE vf many_electrons(vf mean, vf w) {
  vf root = __builtin_elementwise_sqrt(mean), inverse = 1.0f / root, w2 = w * w;
  vf first = w * (w2 * (-1.0f / 72) - 1.0f / 36);
  vf second = (w2 * (1.0f / 270) + 7.0f / 810) * w2 - 8.0f / 405;
  vf q = mean + (root * w + (w2 * (1.0f / 6) + 1.0f / 3) + inverse * (first + inverse * second));
  vi whole = __builtin_convertvector(at_most(at_least(q, 0.0f), 0x1p30f), vi);
  return __builtin_convertvector(whole, vf);
}

// Philox and Box-Muller as in add_noise and about 25 operations more; dark vectors count besides.
// 1.6, 1.8 and 4.3 ns a value of mean 127; 4.1, 4.7 and 9.5 ns of mean 5.
static void count_electrons(float *x, size_t n, float electrons, dp_stream stream) {
  dp_stream second = stream;
  second.stream++;
  float inverse = 1.0f / electrons;
  for (size_t i = 0; i < n; i += 4 * LANES) {
    uint32_t block = stream.block + (uint32_t)(i / 4);
    vu words[4], dark[4];
    vf normal[4];
    int drawn = 0;
    random_words(words, stream, block);
    two_normals(normal, words[0], words[1]);
    two_normals(normal + 2, words[2], words[3]);
    for (size_t j = 0; j < 4 && i + j * LANES < n; j++) {
      float *p = x + i + j * LANES;
      size_t left = n - i - j * LANES;
      vf mean = at_most(at_least(load(p, left) * electrons, 0.0f), 0x1p30f);
      vi few = mean < FEW;
      vf count = many_electrons(at_least(mean, FEW), normal[j]);
      if (any(few)) {
        if (!drawn) random_words(dark, second, block);
        drawn = 1;
        count = choose(few, few_electrons(choose(few, mean, splat(0.0f)), dark[j]), count);
      }
      store(p, at_most(count * inverse, 1.0f), left);
    }
  }
}
