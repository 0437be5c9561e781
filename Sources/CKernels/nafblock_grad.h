// The NAFBlock of nafblock.h, backward.
//
// The products that give the weights' gradients give those of everything folded into the weights:
//  - with F = n(x)^T dt and s = columns of dt: dW = diag(w) F + b s^T, dw = rows of W F, db = W s;
//  - with G = g^T dy of an image: dW3 = sum diag(a) G diag(beta), dbeta = columns of W3 sum diag(a) G
//    + b3 s, da = rows of G W3 beta; gamma likewise.
// So neither conv3's nor conv5's output is needed; t and conv4's output are computed again.
//
// Cost: 4 P C (6 C + 9) flops, and 2 P C (4 C + 9) for what is computed again.
// Measured as nafblock.h, not counting what is computed again: 85-118, 109-156 and 140-174 GFLOP/s with
// AVX-512; 51, 65 and 67 with AVX2.

static float *naf_cleared(long n) {
  float *p = dk_scratch(n);
  memset(p, 0, n * sizeof(float));
  return p;
}
// Sums of all parts lie in the caller's scratch, since they outlive the parts.
static void naf_open_sums(naf_job *j) {
  long C = j->C, square = C * C;
  for (int t = 0; t < j->parts; t++) {
    naf_part *s = &j->part[t];
    s->w1 = dk_scratch(2 * square), s->w4 = dk_scratch(2 * square), s->w5 = dk_scratch(square);
    s->w3 = dk_scratch(j->B * square);
    s->s1 = dk_scratch(2 * C), s->s4 = dk_scratch(2 * C), s->s_out = dk_scratch(C);
    s->s_y = dk_scratch(j->B * C);
    s->taps = dk_scratch(18 * C), s->taps_bias = dk_scratch(2 * C);
  }
}

// ---- second half: dout -> dy, a tile of pixels at a time -------------------------------------------
static void naf_clear_tile_sums(const naf_job *j, naf_part *s) {
  size_t C = j->C, line = C * sizeof(float);
  memset(s->w4, 0, 2 * C * line);
  memset(s->w5, 0, C * line);
  memset(s->w3, 0, j->B * C * line);
  memset(s->s4, 0, 2 * line);
  memset(s->s_out, 0, line);
  memset(s->s_y, 0, j->B * line);
}

static void naf_grad_tile(const naf_job *j, naf_part *s, long image, long at, long n) {
  long C = j->C, wide = naf_wide(C), narrow = naf_narrow(C);
  const float *dout = j->dout + at * C;
  float *dy = j->dy + at * C;
  normalize_again(n, C, j->y + at * C, j->mean2 + at, j->rstd2 + at, s->tile_normal, narrow);
  product(n, 2 * C, C, s->tile_normal, narrow, j->w4, j->b4, NULL, 0, s->wide, wide);
  product(n, C, C, dout, C, j->w5t, NULL, NULL, 0, s->narrow, narrow);
  gate_grad_rows(n, C, s->wide, wide, s->narrow, narrow, s->narrow2, narrow, s->wide2, wide, s->s4);
  product_tn(C, C, n, s->narrow2, narrow, dout, C, s->w5, C);
  column_sum_rows(n, C, dout, NULL, C, s->s_out);
  product_tn(C, 2 * C, n, s->tile_normal, narrow, s->wide2, wide, s->w4, 2 * C);
  product(n, C, 2 * C, s->wide2, wide, j->w4t, NULL, NULL, 0, s->narrow, narrow);
  normalize_grad_rows(n, C, s->narrow, narrow, s->tile_normal, narrow, j->rstd2 + at, dout, dy);
  product_tn(C, C, n, j->gated + at * C, C, dy, C, s->w3 + image * C * C, C);
  column_sum_rows(n, C, dy, NULL, C, s->s_y + image * C);
}

static void naf_grad_tiles_part(void *context, int part) {
  naf_job *j = context;
  naf_part *s = &j->part[part];
  dk_mark mark = dk_scratch_mark();
  naf_open_tile(j, s);
  s->narrow2 = dk_scratch(j->tile * naf_narrow(j->C));
  s->wide2 = dk_scratch(j->tile * naf_wide(j->C));
  naf_clear_tile_sums(j, s);
  span units = naf_tiles(j, part, j->parts);
  for (long u = units.start; u < units.end; u++) {
    long at, n, image = naf_tile(j, u, &at, &n);
    naf_grad_tile(j, s, image, at, n);
  }
  dk_scratch_release(mark);
}

// ---- attention: the parts' sums of an image, and its gradients of a and of the mean -----------------
// out[i] = k * sum over l of u[i][l] * v[i][l] * w[l]; v may be NULL.
static void naf_rows_of_products(long C, const float *u, const float *v, const float *w, float k,
                                 float *out) {
  for (long i = 0; i < C; i++) {
    vec sum = {};
    for (long l = 0; l < C; l += LANES) {
      vec f = load_all(u + i * C + l) * load_all(w + l);
      sum += v ? f * load_all(v + i * C + l) : f;
    }
    out[i] = k * sum_lanes(sum);
  }
}
static void naf_grad_attention_part(void *context, int part) {
  naf_job *j = context;
  const dk_naf_parameters *p = j->p;
  long C = j->C, square = C * C;
  for (long b = j->B * part / j->parts; b < j->B * (part + 1) / j->parts; b++) {
    float *w3 = j->part[0].w3 + b * square, *s_y = j->part[0].s_y + b * C;
    for (int t = 1; t < j->parts; t++) {
      add_parts(1, square, j->part[t].w3 + b * square, square, w3);
      add_parts(1, C, j->part[t].s_y + b * C, C, s_y);
    }
    naf_rows_of_products(C, w3, p->conv3_weight, p->beta, 1, j->da + b * C);
    naf_rows_of_products(C, p->sca_weight, NULL, j->da + b * C, 1.0f / (float)(j->H * j->W),
                         j->dpool + b * C);
    naf_fold(C, C, p->conv3_weight, j->a + b * C, p->beta, NULL, j->w3t + b * packed_size(C, C));
  }
}

// ---- first half: dy -> dx, rows through rings -------------------------------------------------------
// Row q of the gradient after the depthwise convolution.
static void naf_grad_row(const naf_job *j, naf_part *s, long image, long q, int own) {
  long C = j->C, at = (image * j->H + q) * j->W;
  row_window v = ring_window(&s->t, j->H, q);
  product(j->W, C, C, j->dy + at * C, C, j->w3t + image * packed_size(C, C), j->dpool + image * C, NULL,
          0, s->narrow, naf_narrow(C));
  float *dt = ring_slot(&s->dt, q);
  depthwise_gate_grad_row(C, &v, j->p->conv2_weight, j->p->conv2_bias, s->narrow, naf_narrow(C), dt,
                          s->dt.C, own ? s->taps_bias : s->unused);
  if (own) depthwise_weight_row(2 * C, &v, dt, s->dt.C, s->taps);
}
// Row r of dx.
static void naf_grad_finish_row(const naf_job *j, naf_part *s, long image, long r) {
  long C = j->C, wide = naf_wide(C), narrow = naf_narrow(C), at = (image * j->H + r) * j->W;
  const float *normal = s->normal[r % 3];
  row_window v = ring_window(&s->dt, j->H, r);
  depthwise_row(2 * C, &v, j->turned, NULL, s->wide, wide);
  product_tn(C, 2 * C, j->W, normal, narrow, s->wide, wide, s->w1, 2 * C);
  column_sum_rows(j->W, 2 * C, s->wide, NULL, wide, s->s1);
  product(j->W, C, 2 * C, s->wide, wide, j->w1t, NULL, NULL, 0, s->narrow, narrow);
  normalize_grad_rows(j->W, C, s->narrow, narrow, normal, narrow, j->rstd1 + at, j->dy + at * C,
                      j->dx + at * C);
}

static void naf_grad_rows_part(void *context, int part) {
  naf_job *j = context;
  naf_part *s = &j->part[part];
  long C = j->C, units = j->B * j->bands;
  dk_mark mark = dk_scratch_mark();
  naf_open_rows(j, s);
  s->dt = ring_new(j->W, naf_wide(C));
  s->wide = dk_scratch(j->W * naf_wide(C));
  s->narrow = dk_scratch(j->W * naf_narrow(C));
  s->unused = naf_cleared(2 * C);
  memset(s->w1, 0, 2 * C * C * sizeof(float));
  memset(s->s1, 0, 2 * C * sizeof(float));
  memset(s->taps, 0, 18 * C * sizeof(float));
  memset(s->taps_bias, 0, 2 * C * sizeof(float));
  for (long u = units * part / j->parts; u < units * (part + 1) / j->parts; u++) {
    long start, end, image = naf_band(j, u, &start, &end);
    for (long r = start - 2; r <= end + 1; r++) {
      naf_row(j, s, image, r, 0, 1);
      long q = r - 1;
      if (q >= start - 1 && q >= 0 && q < j->H) {
        naf_grad_row(j, s, image, q, q >= start && q < end);
      }
      if (q - 1 >= start && q - 1 < end) naf_grad_finish_row(j, s, image, q - 1);
    }
  }
  dk_scratch_release(mark);
}

// ---- gradients of the parameters from the sums ------------------------------------------------------
// Of a product whose normalisation was folded in: F and s as above, w[C][n].
static void naf_unfold(long C, long width, const float *w, const float *norm_weight,
                       const float *norm_bias, const float *F, const float *s, float *dw, float *db,
                       float *dnorm_weight, float *dnorm_bias) {
  add_parts(1, width, s, width, db);
  for (long i = 0; i < C; i++) {
    vec scale = splat(norm_weight[i]), shift = splat(norm_bias[i]), of_weight = {}, of_bias = {};
    for (long l = 0; l < width; l += LANES) {
      vec v = load_all(w + i * width + l), f = load_all(F + i * width + l), column = load_all(s + l);
      of_weight += v * f;
      of_bias += v * column;
      add_to(dw + i * width + l, scale * f + shift * column, LANES);
    }
    dnorm_weight[i] += sum_lanes(of_weight);
    dnorm_bias[i] += sum_lanes(of_bias);
  }
}
// Of a product whose outputs were scaled by k: F[C][C] and column sums s before the scaling.
static void naf_unscale(long C, const float *w, const float *bias, const float *k, const float *F,
                        const float *s, float *dw, float *dbias, float *dk) {
  for (long l = 0; l < C; l += LANES) {
    vec factor = load_all(k + l), sum = load_all(s + l), of_k = load_all(bias + l) * sum;
    add_to(dbias + l, factor * sum, LANES);
    for (long i = 0; i < C; i++) {
      vec f = load_all(F + i * C + l);
      of_k += load_all(w + i * C + l) * f;
      add_to(dw + i * C + l, f * factor, LANES);
    }
    add_to(dk + l, of_k, LANES);
  }
}
// The sums of all parts into part 0's.
#define NAF_TOTAL(field, count)                                                       \
  for (int t = 1; t < j->parts; t++) add_parts(1, (count), j->part[t].field, (count), j->part[0].field)

static void naf_grad_second_half(const naf_job *j) {
  const dk_naf_parameters *p = j->p, *g = j->gradients;
  const naf_part *s = &j->part[0];
  long C = j->C;
  NAF_TOTAL(w4, 2 * C * C);
  NAF_TOTAL(w5, C * C);
  NAF_TOTAL(s4, 2 * C);
  NAF_TOTAL(s_out, C);
  naf_unfold(C, 2 * C, p->conv4_weight, p->norm2_weight, p->norm2_bias, s->w4, s->s4, g->conv4_weight,
             g->conv4_bias, g->norm2_weight, g->norm2_bias);
  naf_unscale(C, p->conv5_weight, p->conv5_bias, p->gamma, s->w5, s->s_out, g->conv5_weight,
              g->conv5_bias, g->gamma);
  // conv3 and beta: sum over images of diag(a) G, and of the column sums.
  float *F = naf_cleared(C * C), *columns = naf_cleared(C);
  for (long b = 0; b < j->B; b++) {
    add_parts(1, C, s->s_y + b * C, C, columns);
    for (long i = 0; i < C; i++) {
      vec a = splat(j->a[b * C + i]);
      const float *from = s->w3 + (b * C + i) * C;
      for (long l = 0; l < C; l += LANES) add_to(F + i * C + l, a * load_all(from + l), LANES);
    }
  }
  naf_unscale(C, p->conv3_weight, p->conv3_bias, p->beta, F, columns, g->conv3_weight, g->conv3_bias,
              g->beta);
}

static void naf_grad_first_half(const naf_job *j) {
  const dk_naf_parameters *p = j->p, *g = j->gradients;
  const naf_part *s = &j->part[0];
  long C = j->C;
  NAF_TOTAL(w1, 2 * C * C);
  NAF_TOTAL(s1, 2 * C);
  NAF_TOTAL(taps, 18 * C);
  NAF_TOTAL(taps_bias, 2 * C);
  naf_unfold(C, 2 * C, p->conv1_weight, p->norm1_weight, p->norm1_bias, s->w1, s->s1, g->conv1_weight,
             g->conv1_bias, g->norm1_weight, g->norm1_bias);
  add_parts(1, 18 * C, s->taps, 18 * C, g->conv2_weight);
  add_parts(1, 2 * C, s->taps_bias, 2 * C, g->conv2_bias);
  for (long b = 0; b < j->B; b++) {
    const float *da = j->da + b * C;
    add_parts(1, C, da, C, g->sca_bias);
    for (long i = 0; i < C; i++) {
      vec mean = splat(j->pool[b * C + i]);
      for (long l = 0; l < C; l += LANES) add_to(g->sca_weight + i * C + l, mean * load_all(da + l), LANES);
    }
  }
}
static void naf_grad_parameters_part(void *context, int part) {
  dk_mark mark = dk_scratch_mark();
  if (part == 0) naf_grad_second_half(context);
  else naf_grad_first_half(context);
  dk_scratch_release(mark);
}

static void naf_block_grad(long B, long H, long W, long C, const dk_naf_parameters *p, const float *x,
                           const float *gated, const float *y, const float *stats, const float *dout,
                           float *dx, const dk_naf_parameters *gradients) {
  dk_mark mark = dk_scratch_mark();
  naf_job j = {.B = B, .H = H, .W = W, .C = C, .backward = 1, .p = p, .gradients = gradients, .x = x,
               .gated = (float *)gated, .y = (float *)y, .dout = dout, .dx = dx};
  naf_open(&j, (float *)stats);
  // Bands read each other's rows of dy, so dx may hold dy only where an image is one band.
  j.dy = j.bands > 1 ? dk_scratch(B * H * W * C) : dx;
  naf_open_sums(&j);
  dk_run(j.parts, naf_grad_tiles_part, &j);
  dk_run(j.parts, naf_grad_attention_part, &j);
  dk_run(j.parts, naf_grad_rows_part, &j);
  dk_run(2, naf_grad_parameters_part, &j);
  dk_scratch_release(mark);
}
