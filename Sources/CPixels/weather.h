// Falling rain and snow; included by kernel_text.h for each instruction set.
//
// A particle multiplies what two maps let through, that of its layer and that of all layers, by
// 1 - opacity where the scene is not nearer than the layer.
#pragma once

// Particles are narrow: half a vector.
#define NARROW 8
typedef float nf __attribute__((vector_size(32)));
typedef int32_t ni __attribute__((vector_size(32)));

INLINE nf load_narrow(const float *p, size_t left) {
  nf v = {0};
  if (left >= NARROW) memcpy(&v, p, sizeof v);
  else memcpy(&v, p, left * sizeof(float));
  return v;
}
INLINE void store_narrow(float *p, nf v, size_t left) {
  if (left >= NARROW) memcpy(p, &v, sizeof v);
  else memcpy(p, &v, left * sizeof(float));
}
INLINE nf narrow(float x) { return (nf){0} + x; }
INLINE nf between_bounds(nf x, nf low, nf high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(x, low), high);
}

typedef struct {
  float *own, *all;
  const float *depth;
  size_t size;
  nf limit;       // of the depth
  nf seen;        // what is let through where opacity is just seen
  ni newly;       // minus the places that this particle brought above it
} rain_on;

INLINE rain_on on_layer(const dp_layer *layer) {
  return (rain_on){layer->own, layer->all, layer->depth, layer->width * layer->height,
                   narrow(layer->distance), narrow(1.0f - layer->seen), (ni){0}};
}

// Lays opacities over the places from i on, the first `count` of them; `left` are to the end of the maps.
INLINE void lay(rain_on *to, size_t i, nf opacity, int count, size_t left) {
  const ni lane = {0, 1, 2, 3, 4, 5, 6, 7};
  ni hit = (load_narrow(to->depth + i, left) >= to->limit) & (lane < count);
  nf clear = 1.0f - (nf)((ni)opacity & hit);
  nf before = load_narrow(to->all + i, left), after = before * clear;
  store_narrow(to->own + i, load_narrow(to->own + i, left) * clear, left);
  store_narrow(to->all + i, after, left);
  to->newly += (before >= to->seen) & (after < to->seen);
}

INLINE size_t newly_seen(const rain_on *to) { return (size_t)-__builtin_reduce_add(to->newly); }

INLINE double floor_of(double x) {
  double whole = (double)(int64_t)x;
  return whole > x ? whole - 1 : whole;
}

// The columns whose centres lie within `reach` of a place, on the picture.
INLINE int columns_near(double centre, double reach, size_t width, size_t *left, size_t *right) {
  double first = -floor_of(reach + 0.5 - centre), last = floor_of(centre + reach - 0.5);
  if (first < 0) first = 0;
  if (last > (double)width - 1) last = (double)width - 1;
  if (first > last) return 0;
  *left = (size_t)first, *right = (size_t)last;
  return 1;
}

typedef int64_t vl __attribute__((vector_size(64)));
INLINE vd all(double x) { return (vd){0} + x; }
INLINE vd floors(vd x) {
  vd whole = __builtin_convertvector(__builtin_convertvector(x, vl), vd);
  return whole + __builtin_convertvector(whole > x, vd);  // a true lane is -1
}

// Opacity along a streak from end to end, 0...1: it fades at the ends and swings as the drop wobbles.
INLINE vd fading(const dp_streak *s, vd along) {
  vd side = 2 * along - 1, square = side * side, ends = 1 - square * square;
  vd turn = along * s->wobble + s->phase, u = turn - floors(turn);
  return s->opacity * ends * (0.8 + 0.8 * u * (1 - u));
}

// Eight rows of a streak: its centre, opacity, first column and the one behind its last.
typedef struct {
  double centre[WIDE];
  float opacity[WIDE];
  int32_t start[WIDE], end[WIDE];
} streak_rows;

INLINE streak_rows rows_of(const dp_streak *s, double first, double reach, double columns) {
  const vd below = {0, 1, 2, 3, 4, 5, 6, 7};
  vd down = first + below + 0.5 - s->y, centre = s->x + s->slope * down;
  vd start = __builtin_elementwise_max(-floors(reach + 0.5 - centre), all(0));
  vd end = __builtin_elementwise_min(floors(centre + reach - 0.5), all(columns - 1)) + 1;
  nf opacity = __builtin_convertvector(fading(s, down * (1 / s->rise)), nf);
  ni from = __builtin_convertvector(start, ni), to = __builtin_convertvector(end, ni);
  streak_rows rows;
  memcpy(rows.centre, &centre, sizeof centre);
  memcpy(rows.opacity, &opacity, sizeof opacity);
  memcpy(rows.start, &from, sizeof from);
  memcpy(rows.end, &to, sizeof to);
  return rows;
}

typedef struct {
  float cosine, edge, most;
} streak_profile;

// Lays one row; start: the place of its first column.  Only at the end of the maps vectors are cut.
INLINE void lay_row(rain_on *to, const streak_rows *at, int row, size_t start, streak_profile p, int cut) {
  const nf lane = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int i = at->start[row]; i < at->end[row]; i += NARROW) {
    nf across = lane + (float)(i + 0.5 - at->centre[row]);
    nf distance = __builtin_elementwise_abs(across) * p.cosine;
    nf share = between_bounds(p.edge - distance, narrow(0), narrow(p.most));
    size_t place = start + (size_t)i, left = cut ? to->size - place : NARROW;
    lay(to, place, share * at->opacity[row], at->end[row] - i, left);
  }
}
// Apart, for its calls would cost the others the registers.
static __attribute__((noinline)) ni lay_last_row(rain_on to, const streak_rows *at, int row, size_t start,
                                                 streak_profile p) {
  lay_row(&to, at, row, start, p, 1);
  return to.newly;
}

// About 25 operations for eight places of a row; what is the same in a row is found for eight rows at once.
static size_t streak(const dp_layer *layer, const dp_streak *s) {
  rain_on to = on_layer(layer);
  double top = floor_of(s->y - 1), bottom = -floor_of(-s->y - s->rise - 1);
  if (top < 0) top = 0;
  if (bottom > (double)layer->height - 1) bottom = (double)layer->height - 1;
  streak_profile p = {(float)s->cosine, (float)(s->width / 2 + 0.5), s->width < 1 ? (float)s->width : 1.0f};
  double reach = (s->width / 2 + 0.5) / s->cosine;
  for (double first = top; first <= bottom; first += WIDE) {
    streak_rows at = rows_of(s, first, reach, (double)layer->width);
    int rows = bottom - first < WIDE ? (int)(bottom - first) + 1 : WIDE;
    size_t start = (size_t)first * layer->width;
    for (int row = 0; row < rows; row++, start += layer->width) {
      if (at.opacity[row] <= 0) continue;
      if (start + (size_t)(at.end[row] + NARROW) <= to.size) lay_row(&to, &at, row, start, p, 0);
      else to.newly = lay_last_row(to, &at, row, start, p);
    }
  }
  return newly_seen(&to);
}

// How much of eight places, seen from the centre, the lobes cover together.
INLINE nf flake_share(const dp_flake *f, const dp_lobe *lobes, nf u, float v) {
  nf clear = narrow(1), half = narrow(f->half);
  for (size_t k = 0; k < f->lobes; k++) {
    nf p = u - lobes[k].x;
    float q = v - lobes[k].y, size = lobes[k].scale;
    nf t = between_bounds(p * f->along_x + q * f->along_y, -half, half);
    nf a = p - t * f->along_x, b = q - t * f->along_y;
    nf s = between_bounds((1.0f - (a * a + b * b) * size) * f->steepness, narrow(0), narrow(1));
    clear *= 1.0f - s * s * (3.0f - 2.0f * s);
  }
  return 1.0f - clear;
}

// About 25 operations for eight places of a row and each lobe.
static size_t flake(const dp_layer *layer, const dp_flake *f, const dp_lobe *lobes) {
  const nf lane = {0, 1, 2, 3, 4, 5, 6, 7};
  rain_on to = on_layer(layer);
  double reach_x = 0, reach_y = 0;
  for (size_t k = 0; k < f->lobes; k++) {
    double x = __builtin_fabs(lobes[k].x) + lobes[k].radius + __builtin_fabs(f->along_x) * f->half;
    double y = __builtin_fabs(lobes[k].y) + lobes[k].radius + __builtin_fabs(f->along_y) * f->half;
    if (x > reach_x) reach_x = x;
    if (y > reach_y) reach_y = y;
  }
  size_t top, bottom, left, right;
  if (!columns_near(f->y, reach_y, layer->height, &top, &bottom)) return 0;
  if (!columns_near(f->x, reach_x, layer->width, &left, &right)) return 0;
  for (size_t row = top; row <= bottom; row++) {
    float v = (float)((double)row + 0.5 - f->y);
    for (size_t i = left; i <= right; i += NARROW) {
      nf share = flake_share(f, lobes, lane + (float)((double)i + 0.5 - f->x), v);
      size_t place = row * layer->width + i;
      lay(&to, place, share * f->opacity, (int)(right + 1 - i), to.size - place);
    }
  }
  return newly_seen(&to);
}

// What remains of the scene and of the particles' own light behind layers of them, from the farthest,
// which is the last, each particle as far behind a veil as its layer.
static void stack_layers(float *keep, float *glow, const float *layers, const float *clear,
                         size_t count, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    vf k = load(keep + i, n - i), g = {0};
    for (size_t l = count; l-- > 0;) {
      vf c = load(layers + l * n + i, n - i);
      g = g * c + (1.0f - c) * clear[l];
      k *= c;
    }
    store(keep + i, k, n - i);
    store(glow + i, g, n - i);
  }
}

static void sum_opacity(float *y, const float *layers, size_t count, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    vf sum = {0};
    for (size_t l = 0; l < count; l++) sum += 1.0f - load(layers + l * n + i, n - i);
    store(y + i, sum, n - i);
  }
}

// x keep + glow light + (1 - keep - glow) air.
static void mix_lights(float *x, const float *keep, const float *glow, size_t pixels,
                       const float light[3], const float air[3]) {
  vf a[3], b[3], k[3], g[3];
  repeated(a, air);
  repeated(b, light);
  for (size_t i = 0; i < pixels; i += LANES) {
    per_channel(k, load(keep + i, pixels - i));
    per_channel(g, load(glow + i, pixels - i));
    for (size_t j = 0, p = 3 * i; j < 3 && p < 3 * pixels; j++, p += LANES) {
      vf rest = 1.0f - k[j] - g[j];
      vf y = load(x + p, 3 * pixels - p) * k[j] + (b[j] * g[j] + a[j] * rest);
      store(x + p, y, 3 * pixels - p);
    }
  }
}
