// Gradients of a product over channels, y = x w + bias, as every 1x1 convolution and linear layer has it:
//   dx = dy w^T, dw += x^T dy, dbias += column sums of dy.
//
// Where weights are small, a block of pixels is read once for all three; a part adds to weights of its own.
// Cost: 4 P in out flops; x and dy are read once, dx is written once.
// Measured, two threads of an Intel Xeon (Emerald Rapids), AVX-512 and AVX2, beside two products and a sum: 1.1 to
// 1.7 times as fast, 0.9 times above that bound.

typedef struct {
  long P, in, out;
  const float *x, *dy;
  float *dx, *sums, *bias_sums;  // sums of each part: [in][out], [out]
  const float *packed;           // w^T
  int parts;
} pointwise_job;

// Rows that a micro-kernel may read in whole vectors from where they are, or their copy.
static const float *tile_rows(const float *rows, long count, long C, float *copy, long *ld) {
  *ld = C;
  if (!copy) return rows;
  *ld = row_stride(C);
  for (long p = 0; p < count; p++) memcpy(copy + p * *ld, rows + p * C, C * sizeof(float));
  return copy;
}
static float *tile_copy(long C, int whole_vectors) {
  int copies = is_bad_stride(C) || (whole_vectors && C % LANES);
  return copies ? dk_scratch(M_BLOCK * row_stride(C)) : NULL;
}

static void pointwise_part(void *context, int part) {
  const pointwise_job *j = context;
  long in = j->in, out = j->out, ldx, ldy;
  span rows = part_of(j->P, ROWS, j->parts, part);
  float *sums = j->sums + part * in * out, *bias_sums = j->bias_sums + part * out;
  memset(sums, 0, in * out * sizeof(float));
  memset(bias_sums, 0, out * sizeof(float));
  dk_mark mark = dk_scratch_mark();
  float *copy_x = tile_copy(in, 0), *copy_dy = tile_copy(out, 1);
  for (long p = rows.start; p < rows.end; p += M_BLOCK) {
    long m = smaller(M_BLOCK, rows.end - p);
    const float *x = tile_rows(j->x + p * in, m, in, copy_x, &ldx);
    const float *dy = tile_rows(j->dy + p * out, m, out, copy_dy, &ldy);
    product_tn(in, out, m, x, ldx, dy, ldy, sums, out);
    column_sum_rows(m, out, dy, NULL, ldy, bias_sums);
    if (!j->dx) continue;
    for (long k = 0; k < out; k += K_BLOCK) {
      float *dx = j->dx + p * in;
      product(m, in, smaller(K_BLOCK, out - k), dy + k, ldy, j->packed + packed_size(k, in), NULL,
              k ? dx : NULL, in, dx, in);
    }
  }
  dk_scratch_release(mark);
}

static void pointwise_grad(long P, long in, long out, const float *x, const float *w, const float *dy,
                           float *dx, int fresh, float *dw, float *dbias) {
  if (!takes_one_pass(P, in, out)) {
    gemm(1, 0, in, out, P, x, in, dy, out, NULL, fresh ? NULL : dw, dw, out);
    if (dx) gemm(0, 1, P, in, out, dy, out, w, out, NULL, NULL, dx, in);
    if (dbias) column_sum(P, out, dy, dbias);
    return;
  }
  dk_mark mark = dk_scratch_mark();
  pointwise_job j = {.P = P, .in = in, .out = out, .x = x, .dy = dy, .dx = dx};
  j.parts = parts_for((P + ROWS - 1) / ROWS, ROWS * (in + out), 4);
  if (dx) {
    float *packed = dk_scratch(packed_size(out, in));
    for (long k = 0; k < out; k += K_BLOCK) {
      pack(1, smaller(K_BLOCK, out - k), in, w + k, out, packed + packed_size(k, in));
    }
    j.packed = packed;
  }
  j.sums = dk_scratch(j.parts * in * out), j.bias_sums = dk_scratch(j.parts * out);
  dk_run(j.parts, pointwise_part, &j);
  if (fresh) memset(dw, 0, in * out * sizeof(float));
  add_parts(j.parts, in * out, j.sums, in * out, dw);
  if (dbias) add_parts(j.parts, out, j.bias_sums, out, dbias);
  dk_scratch_release(mark);
}
