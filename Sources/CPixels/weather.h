// Falling rain and snow; included by kernel_text.h for each instruction set.
//
// A particle multiplies what two maps let through, that of its layer and that of all layers, by
// 1 - opacity where the scene is not nearer than the layer.
#pragma once

typedef struct {
  float *own, *all;
  const float *depth;
  size_t size;
  vf limit;       // of the depth
  vf seen;        // what is let through where opacity is just seen
  vi newly;       // minus the places that this particle brought above it
} rain_on;

INLINE rain_on on_layer(const dp_layer *layer) {
  return (rain_on){layer->own, layer->all, layer->depth, layer->width * layer->height,
                   splat(layer->distance), splat(1.0f - layer->seen), (vi){0}};
}

// Lays opacities over the places from i on, the first `count` of them; `to->size` ends the maps.
INLINE void lay(rain_on *to, size_t i, vf opacity, size_t count) {
  size_t left = to->size - i;
  const vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  vi hit = (load(to->depth + i, left) >= to->limit) & (lane < (int)count);
  vf clear = 1.0f - choose(hit, opacity, splat(0.0f));
  vf before = load(to->all + i, left), after = before * clear;
  store(to->own + i, load(to->own + i, left) * clear, left);
  store(to->all + i, after, left);
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

typedef struct {
  vd centre, profile, left, right;
} streak_rows;

// About 25 operations for sixteen places of a row; what is the same in a row is found for eight at once.
static size_t streak(const dp_layer *layer, const dp_streak *s) {
  const vf lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const vd below = {0, 1, 2, 3, 4, 5, 6, 7};
  rain_on to = on_layer(layer);
  double top = floor_of(s->y - 1), bottom = -floor_of(-s->y - s->rise - 1), steps = 1 / s->rise;
  if (top < 0) top = 0;
  if (bottom > (double)layer->height - 1) bottom = (double)layer->height - 1;
  float cosine = (float)s->cosine, edge = (float)(s->width / 2 + 0.5);
  float most = s->width < 1 ? (float)s->width : 1.0f;
  double reach = (s->width / 2 + 0.5) / s->cosine, columns = (double)layer->width;
  for (double first = top; first <= bottom; first += WIDE) {
    vd down = first + below + 0.5 - s->y;
    vd centre = s->x + s->slope * down;
    streak_rows at = {.centre = centre, .profile = fading(s, down * steps)};
    at.left = __builtin_elementwise_max(-floors(reach + 0.5 - centre), all(0));
    at.right = __builtin_elementwise_min(floors(centre + reach - 0.5), all(columns - 1));
    int rows = bottom - first < WIDE ? (int)(bottom - first) + 1 : WIDE;
    size_t start = (size_t)first * layer->width;
    for (int row = 0; row < rows; row++, start += layer->width) {
      if (at.profile[row] <= 0) continue;
      for (double i = at.left[row]; i <= at.right[row]; i += LANES) {
        vf across = lane + (float)(i + 0.5 - at.centre[row]);
        vf distance = __builtin_elementwise_abs(across) * cosine;
        vf share = at_most(at_least(edge - distance, 0.0f), most);
        lay(&to, start + (size_t)i, share * (float)at.profile[row], (size_t)(at.right[row] + 1 - i));
      }
    }
  }
  return newly_seen(&to);
}

// How much of sixteen places, seen from the centre, the lobes cover together.
INLINE vf flake_share(const dp_flake *f, const dp_lobe *lobes, vf u, float v) {
  vf clear = splat(1.0f);
  for (size_t k = 0; k < f->lobes; k++) {
    vf p = u - lobes[k].x;
    float q = v - lobes[k].y, size = 1.0f / (lobes[k].radius * lobes[k].radius);
    vf t = at_most(at_least(p * f->along_x + q * f->along_y, -f->half), f->half);
    vf a = p - t * f->along_x, b = q - t * f->along_y;
    vf s = at_most(at_least((1.0f - (a * a + b * b) * size) * f->steepness, 0.0f), 1.0f);
    clear *= 1.0f - s * s * (3.0f - 2.0f * s);
  }
  return 1.0f - clear;
}

// About 25 operations for sixteen places of a row and each lobe.
static size_t flake(const dp_layer *layer, const dp_flake *f, const dp_lobe *lobes) {
  const vf lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
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
    for (size_t i = left; i <= right; i += LANES) {
      vf share = flake_share(f, lobes, lane + (float)((double)i + 0.5 - f->x), v);
      lay(&to, row * layer->width + i, share * f->opacity, right + 1 - i);
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
