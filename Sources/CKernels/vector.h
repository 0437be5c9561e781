// Vectors of LANES floats, written with clang's vector extensions: the same text for every
// instruction set.
typedef float vec __attribute__((vector_size(LANES * 4)));
typedef float vec_anywhere __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t ivec __attribute__((vector_size(LANES * 4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#if LANES == 16
static const ivec lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif LANES == 8
static const ivec lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7};
#else
static const ivec lane_numbers = {0, 1, 2, 3};
#endif

// The first n floats at p; the other lanes are 0.  x86 can leave lanes out of a move: the only
// intrinsics there are, since rows of 12, 60 or 127 channels spent most of their time on the rest.
#if LANES == 16
#define REST_MASK(n) ((unsigned short)((1u << (n)) - 1))
INLINE vec load_rest(const float *p, long n) { return __builtin_ia32_loadups512_mask(p, (vec){}, REST_MASK(n)); }
INLINE void store_rest(float *p, vec v, long n) { __builtin_ia32_storeups512_mask(p, v, REST_MASK(n)); }
#elif LANES == 8
INLINE ivec rest_mask(long n) { return lane_numbers < (int32_t)n; }
INLINE vec load_rest(const float *p, long n) { return __builtin_ia32_maskloadps256((const vec *)p, rest_mask(n)); }
INLINE void store_rest(float *p, vec v, long n) { __builtin_ia32_maskstoreps256((vec *)p, rest_mask(n), v); }
#else
INLINE vec load_rest(const float *p, long n) {
  vec v = {};
  for (long i = 0; i < n; i++) v[i] = p[i];
  return v;
}
INLINE void store_rest(float *p, vec v, long n) {
  for (long i = 0; i < n; i++) p[i] = v[i];
}
#endif
INLINE vec load(const float *p, long n) {
  return n == LANES ? *(const vec_anywhere *)p : load_rest(p, n);
}
INLINE void store(float *p, vec v, long n) {
  if (n == LANES) *(vec_anywhere *)p = v;
  else store_rest(p, v, n);
}
INLINE vec load_all(const float *p) { return *(const vec_anywhere *)p; }
INLINE void store_all(float *p, vec v) { *(vec_anywhere *)p = v; }
INLINE void add_to(float *p, vec v, long n) { store(p, load(p, n) + v, n); }

// Runs the statements for c = 0, LANES, ... with n = LANES, then for the n < LANES that are left.
#define CHANNELS(C, ...)                                         \
  {                                                              \
    long c = 0;                                                  \
    {                                                            \
      enum { n = LANES };                                        \
      for (; c + LANES <= (C); c += LANES) { __VA_ARGS__ }       \
    }                                                            \
    if (c < (C)) {                                               \
      const long n = (C) - c;                                    \
      __VA_ARGS__                                                \
    }                                                            \
  }

// `s + zero` would be an addition; `s - zero` is s for every s, so it becomes a broadcast.
INLINE vec splat(float s) { return s - (vec){}; }

INLINE vec pick(ivec mask, vec yes, vec no) {
  return (vec)((mask & (ivec)yes) | (~mask & (ivec)no));
}
INLINE vec magnitude(vec v) { return (vec)((ivec)v & 0x7fffffff); }
// Not max(0, v): what is not a number stays so.
INLINE vec positive_part(vec v) { return pick(v < (vec){}, (vec){}, v); }

INLINE float sum_lanes(vec v) {
  typedef float vec4 __attribute__((vector_size(16)));
#if LANES == 16
  typedef float vec8 __attribute__((vector_size(32)));
  vec8 a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
           __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LANES == 8
  vec a = v;
#endif
#if LANES >= 8
  vec4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
#else
  vec4 b = v;
#endif
  b += __builtin_shufflevector(b, b, 2, 3, 0, 1);
  b += __builtin_shufflevector(b, b, 1, 0, 3, 2);
  return b[0];
}

// Of numbers; where one is not, the result is any lane.
INLINE float largest_lane(vec v) {
  typedef float vec4 __attribute__((vector_size(16)));
  typedef int32_t ivec4 __attribute__((vector_size(16)));
#define LARGER(T, I, a, b) ((T)((((a) > (b)) & (I)(a)) | (~((a) > (b)) & (I)(b))))
#if LANES == 16
  typedef float vec8 __attribute__((vector_size(32)));
  typedef int32_t ivec8 __attribute__((vector_size(32)));
  vec8 low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
  vec8 high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  vec8 a = LARGER(vec8, ivec8, low, high);
#elif LANES == 8
  vec a = v;
#endif
#if LANES >= 8
  vec4 first = __builtin_shufflevector(a, a, 0, 1, 2, 3), last = __builtin_shufflevector(a, a, 4, 5, 6, 7);
  vec4 b = LARGER(vec4, ivec4, first, last);
#else
  vec4 b = v;
#endif
  vec4 c = __builtin_shufflevector(b, b, 2, 3, 0, 1);
  b = LARGER(vec4, ivec4, b, c);
  c = __builtin_shufflevector(b, b, 1, 0, 3, 2);
  return LARGER(vec4, ivec4, b, c)[0];
#undef LARGER
}

INLINE long smaller(long a, long b) { return a < b ? a : b; }
INLINE long larger(long a, long b) { return a > b ? a : b; }
INLINE long round_up(long n, long step) { return (n + step - 1) / step * step; }

// ---- splitting -------------------------------------------------------------------------------
// Units start ..< end of part `part` of `parts`; cuts lie at multiples of `grain`.
typedef struct {
  long start, end;
} span;
INLINE span part_of(long units, long grain, int parts, int part) {
  long blocks = (units + grain - 1) / grain;
  return (span){smaller(units, blocks * part / parts * grain),
                smaller(units, blocks * (part + 1) / parts * grain)};
}
// How many parts: none smaller than about 32k floats, four a thread at most, so that a thread which
// loses its core for a moment does not hold up the others.
INLINE int parts_for(long units, long floats_each, int per_thread) {
  long fair = units * floats_each / 32768 + 1, most = (long)dk_split() * per_thread;
  return (int)larger(1, smaller(units, smaller(fair, most)));
}
// total += each of the parts' vectors, in the order of their numbers.
static void add_parts(int parts, long C, const float *partial, long stride, float *total) {
  for (int q = 0; q < parts; q++) {
    const float *p = partial + q * stride;
    CHANNELS(C, { add_to(total + c, load(p + c, n), n); })
  }
}
