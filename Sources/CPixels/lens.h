// Sums for lens blur; included by kernel_text.h for each instruction set.

// Plane j holds the sums of 2^j neighbours, made of two sums of half the length.  One addition and
// 12 bytes a value and plane, in the second cache: 0.05, 0.07 and 0.15 ns.
static void run_sums(float *planes, size_t n, size_t step, size_t count) {
  for (size_t j = 1; j < count; j++) {
    const float *half = planes + (j - 1) * n;
    float *whole = planes + j * n;
    size_t shift = step << (j - 1), complete = n > shift ? n - shift : 0;
    for (size_t i = 0; i < complete; i += LANES)
      store(whole + i, load(half + i, complete - i) + load(half + i + shift, complete - i),
            complete - i);
    memcpy(whole + complete, half + complete, (n - complete) * sizeof(float));
  }
}

// Two loads, comparisons and choices for each of the places: 0.03 ns a value and place with AVX-512.
static void extremes(float *low, float *high, const float *lows, const float *highs, size_t n,
                     size_t step, size_t count) {
  for (size_t i = 0; i < n; i += LANES) {
    vf a = load(lows + i, n - i), b = load(highs + i, n - i);
    for (size_t k = 1; k < count; k++) {
      vf x = load(lows + i + k * step, n - i), y = load(highs + i + k * step, n - i);
      a = choose(x < a, x, a);
      b = choose(y > b, y, b);
    }
    store(low + i, a, n - i);
    store(high + i, b, n - i);
  }
}
