// The transforms of Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray, CVPR 2016), for LANES channels at a
// time.  A quad of 2x2 outputs depends on 4x4 inputs; in 16 planes of transformed values the nine taps are one
// product over channels a plane, 16 multiplications a quad instead of 36.
//
// With G = [1 0 0; h h h; h -h h; 0 0 1], h = 1/2, B' = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1] and
// A' = [1 1 1 0; 0 1 -1 -1], * over channels and . value by value:
//   y = A' [(G w G') * (B' x B)] A,   dw = G' [sum over quads of (B' x B) . (A dy A')] G.
// Cost: a map is read four times by its inputs, once by its outputs; some 2 additions a value and plane.

// G w G' of nine taps.
INLINE void winograd_weights(const vec *w, vec *u) {
  vec t[12];
  UNROLL for (int c = 0; c < 3; c++) {
    vec ends = .5f * (w[c] + w[6 + c]), middle = .5f * w[3 + c];
    t[c] = w[c], t[3 + c] = ends + middle, t[6 + c] = ends - middle, t[9 + c] = w[6 + c];
  }
  UNROLL for (int r = 0; r < 4; r++) {
    vec *l = t + 3 * r, ends = .5f * (l[0] + l[2]), middle = .5f * l[1];
    u[4 * r] = l[0], u[4 * r + 1] = ends + middle, u[4 * r + 2] = ends - middle, u[4 * r + 3] = l[2];
  }
}

// B' x B of 4x4 inputs.
INLINE void winograd_inputs(const vec *x, vec *v) {
  vec t[16];
  UNROLL for (int c = 0; c < 4; c++) {
    t[c] = x[c] - x[8 + c], t[4 + c] = x[4 + c] + x[8 + c];
    t[8 + c] = x[8 + c] - x[4 + c], t[12 + c] = x[4 + c] - x[12 + c];
  }
  UNROLL for (int r = 0; r < 16; r += 4) {
    v[r] = t[r] - t[r + 2], v[r + 1] = t[r + 1] + t[r + 2];
    v[r + 2] = t[r + 2] - t[r + 1], v[r + 3] = t[r + 1] - t[r + 3];
  }
}

// A' m A: 2x2 outputs.
INLINE void winograd_outputs(const vec *m, vec *y) {
  vec t[8];
  UNROLL for (int c = 0; c < 4; c++) {
    t[c] = m[c] + m[4 + c] + m[8 + c], t[4 + c] = m[4 + c] - m[8 + c] - m[12 + c];
  }
  UNROLL for (int r = 0; r < 2; r++) {
    vec *l = t + 4 * r;
    y[2 * r] = l[0] + l[1] + l[2], y[2 * r + 1] = l[1] - l[2] - l[3];
  }
}

// A dy A' of 2x2 gradients.
INLINE void winograd_gradients(const vec *dy, vec *d) {
  vec t[8];
  UNROLL for (int c = 0; c < 2; c++) {
    t[c] = dy[c], t[2 + c] = dy[c] + dy[2 + c], t[4 + c] = dy[c] - dy[2 + c], t[6 + c] = -dy[2 + c];
  }
  UNROLL for (int r = 0; r < 4; r++) {
    vec *l = t + 2 * r;
    d[4 * r] = l[0], d[4 * r + 1] = l[0] + l[1], d[4 * r + 2] = l[0] - l[1], d[4 * r + 3] = -l[1];
  }
}

// G' u G: nine taps.
INLINE void winograd_taps(const vec *u, vec *w) {
  vec t[12];
  UNROLL for (int c = 0; c < 4; c++) {
    vec sum = .5f * (u[4 + c] + u[8 + c]);
    t[c] = u[c] + sum, t[4 + c] = .5f * (u[4 + c] - u[8 + c]), t[8 + c] = sum + u[12 + c];
  }
  UNROLL for (int r = 0; r < 3; r++) {
    vec *l = t + 4 * r, sum = .5f * (l[1] + l[2]);
    w[3 * r] = l[0] + sum, w[3 * r + 1] = .5f * (l[1] - l[2]), w[3 * r + 2] = sum + l[3];
  }
}

// ---- maps and planes ------------------------------------------------------------------------------
// A map cut into quads, image by image and row by row; those at odd ends hang over.
typedef struct {
  long H, W, C, rows, columns;  // of quads
} quad_map;
INLINE quad_map quad_map_of(long H, long W, long C) {
  return (quad_map){H, W, C, (H + 1) / 2, (W + 1) / 2};
}

// Planes of `quads` lines of C channels: lines `ld` floats apart, planes `size`.  Both off the powers of two.
typedef struct {
  long ld, size;
} plane_layout;
INLINE plane_layout planes_of(long quads, long C) {
  long ld = row_stride(C);
  return (plane_layout){ld, quads * ld + 16};
}

// Addresses of the side x side pixels of quad q, from `before` pixels above and left of it; `beyond` for those
// outside the picture.
INLINE void quad_pixels(const quad_map *m, long q, const int side, const int before, float *map, float *beyond,
                        float **pixel) {
  long row = q / m->columns % m->rows * 2 - before, column = q % m->columns * 2 - before;
  float *image = map + q / (m->columns * m->rows) * m->H * m->W * m->C;
  UNROLL for (int i = 0; i < side; i++) UNROLL for (int j = 0; j < side; j++) {
    int inside = row + i >= 0 && row + i < m->H && column + j >= 0 && column + j < m->W;
    pixel[side * i + j] = inside ? image + ((row + i) * m->W + column + j) * m->C : beyond;
  }
}

// Planes of the inputs (side 4) or gradients (side 2) of some quads and channels; zeros: as many as channels.
INLINE void quads_to_planes(const quad_map *m, span quads, span channels, const int side, const float *map,
                            float *zeros, plane_layout to, float *planes) {
  long C = channels.end - channels.start;
  for (long q = quads.start; q < quads.end; q++, planes += to.ld) {
    float *pixel[16];
    quad_pixels(m, q, side, side == 4, (float *)map + channels.start, zeros, pixel);
    CHANNELS(C, {
      vec in[16]; vec out[PLANES];
      UNROLL for (int i = 0; i < side * side; i++) in[i] = load(pixel[i] + c, n);
      if (side == 4) winograd_inputs(in, out);
      else winograd_gradients(in, out);
      // Whole vectors: there is room up to the next line.
      UNROLL for (int i = 0; i < PLANES; i++) store_all(planes + i * to.size + c, out[i]);
    })
  }
}

// Some quads and channels of a map from their planes; spare: as many floats as channels.
static void planes_to_quads(const quad_map *m, span quads, span channels, plane_layout from,
                            const float *planes, const float *bias, float *spare, float *map) {
  long C = channels.end - channels.start;
  for (long q = quads.start; q < quads.end; q++, planes += from.ld) {
    float *pixel[4];
    quad_pixels(m, q, 2, 0, map + channels.start, spare, pixel);
    CHANNELS(C, {
      vec in[PLANES]; vec out[4];
      vec b = bias ? load(bias + channels.start + c, n) : (vec){};
      UNROLL for (int i = 0; i < PLANES; i++) in[i] = load_all(planes + i * from.size + c);
      winograd_outputs(in, out);
      UNROLL for (int i = 0; i < 4; i++) store(pixel[i] + c, out[i] + b, n);
    })
  }
}
