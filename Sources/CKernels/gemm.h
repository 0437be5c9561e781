// Products of whole matrices on the pool.
//
// Cost: 2 m n k flops; both operands are read once from memory and packed.
// Measured, one thread of an AMD EPYC (Zen 5), AVX-512: a b and a b^T 205-275 GFLOP/s from 65536 x 32 x 64
// to 64 x 1024 x 2048, a^T b 240-260, 110-145 where it has 32 columns.  AVX2: 105-138.

typedef struct {
  long m, n, k;
  const float *a;
  long lda;
  const float *b;
  long ldb;
  const float *bias;
  const float *addend;
  int transposed_a, transposed_b, parts, column_parts;
  float *c;
  long ldc;
  float *packed, *partial;
} gemm_job;

// Rows a multiple of 1 KiB apart fall into few cache sets.
INLINE int is_bad_stride(long ld) { return ld % 256 == 0; }
// Floats between copied rows of C, which may be read in whole vectors.
INLINE long row_stride(long C) { return round_up(C, 16) + (is_bad_stride(round_up(C, 16)) ? 16 : 0); }

// ---- c = a b: b packed in blocks of K_BLOCK lines, a part takes rows --------------------------
static void gemm_pack_part(void *context, int part) {
  const gemm_job *g = context;
  long panels = (g->n + PANEL - 1) / PANEL;
  for (long k = 0; k < g->k; k += K_BLOCK) {
    long depth = smaller(K_BLOCK, g->k - k);
    float *out = g->packed + packed_size(k, g->n);
    for (long q = panels * part / g->parts; q < panels * (part + 1) / g->parts; q++) {
      long j = q * PANEL, width = smaller(PANEL, g->n - j);
      const float *b = g->transposed_b ? g->b + j * g->ldb + k : g->b + k * g->ldb + j;
      pack(g->transposed_b, depth, width, b, g->ldb, out + j * depth);
    }
  }
}

static void gemm_rows_part(void *context, int part) {
  const gemm_job *g = context;
  span rows = part_of(g->m, ROWS, g->parts, part);
  int copies = is_bad_stride(g->lda) && g->n > PANEL;
  dk_mark mark = dk_scratch_mark();
  float *copy = copies ? dk_scratch(M_BLOCK * (K_BLOCK + 16)) : NULL;
  for (long i = rows.start; i < rows.end; i += M_BLOCK) {
    long m = smaller(M_BLOCK, rows.end - i);
    float *c = g->c + i * g->ldc;
    const float *addend = g->addend ? g->addend + i * g->ldc : NULL;
    for (long k = 0; k < g->k; k += K_BLOCK) {
      long depth = smaller(K_BLOCK, g->k - k), lda = copies ? depth + 16 : g->lda;
      const float *a = g->a + i * g->lda + k;
      if (copies) {
        for (long r = 0; r < m; r++) memcpy(copy + r * lda, a + r * g->lda, depth * sizeof(float));
        a = copy;
      }
      product(m, g->n, depth, a, lda, g->packed + packed_size(k, g->n), k ? NULL : g->bias,
              k ? c : addend, g->ldc, c, g->ldc);
    }
  }
  dk_scratch_release(mark);
}

static void gemm_rows(gemm_job *g) {
  g->packed = dk_scratch(packed_size(g->k, g->n));
  g->parts = parts_for((g->n + PANEL - 1) / PANEL, PANEL * g->k, 1);
  dk_run(g->parts, gemm_pack_part, g);
  g->parts = parts_for((g->m + ROWS - 1) / ROWS, ROWS * g->n * g->k / 8, 4);
  dk_run(g->parts, gemm_rows_part, g);
}

// ---- c = a^T b: few outputs and many points split the points, else parts take rows of c -------
// One group: out[point][row of the group] = a[point][rows].
INLINE void pack_group(const long rows, long points, const float *a, long lda, float *out) {
  for (long p = 0; p < points; p++, a += lda, out += rows) {
    __builtin_prefetch(a + AHEAD * lda);
    UNROLL for (long r = 0; r < rows; r++) out[r] = a[r];
  }
}
static void pack_group_of(long rows, long points, const float *a, long lda, float *out) {
  switch (rows) {  // a constant height copies in whole vectors
    case ROWS: pack_group(ROWS, points, a, lda, out); break;
    case 8: pack_group(8, points, a, lda, out); break;
    case 4: pack_group(4, points, a, lda, out); break;
    case 2: pack_group(2, points, a, lda, out); break;
    default: pack_group(1, points, a, lda, out); break;
  }
}
// Copies `points` lines of m floats into groups of tile height: out[group][point][row of the group].
static void pack_groups(long points, long m, const float *a, long lda, float *out) {
  for (long i = 0; i < m;) {
    long rows = tiles[tile_for(m - i)].rows;
    pack_group_of(rows, points, a + i, lda, out);
    out += points * rows;
    i += rows;
  }
}

// Lines of c lie far apart, so that the hardware does not fetch the next tile's.
INLINE void prefetch_tile(long rows, const float *c, long ldc) {
  for (long r = 0; r < rows; r++, c += ldc) {
    UNROLL for (long j = 0; j < PANEL; j += 16) __builtin_prefetch(c + j, 0, 2);
  }
}

// c[rows, columns] += over points[start, end), or = if fresh; c's rows are columns of a, and c starts
// at the first of them.
static void gemm_points(const gemm_job *g, span points, span lines, span columns, float *c, long ldc,
                        int fresh) {
  long row = lines.start, m = lines.end - lines.start;
  dk_mark mark = dk_scratch_mark();
  float *panel = dk_scratch(P_BLOCK * PANEL), *groups = dk_scratch(P_BLOCK * m);
  for (long p = points.start; p < points.end; p += P_BLOCK) {
    long count = smaller(P_BLOCK, points.end - p);
    pack_groups(count, m, g->a + p * g->lda + row, g->lda, groups);
    for (long j = columns.start; j < columns.end; j += PANEL) {
      long width = smaller(PANEL, columns.end - j), wide = panel_width(columns.end, j);
      pack_panel(count, width, wide, g->b + p * g->ldb + j, g->ldb, panel);
      const float *a = groups;
      for (long i = 0; i < m;) {
        int t = tile_for(m - i), rows = tiles[t].rows;
        prefetch_tile(smaller(rows, m - i - rows), c + (i + rows) * ldc + j, ldc);
        tiles[t].tn[wide == PANEL](1, count, a, rows, 0, panel, wide, 0, c + i * ldc + j, ldc, width,
                                   fresh && p == points.start);
        a += count * rows;
        i += rows;
      }
    }
  }
  dk_scratch_release(mark);
}

// c = bias + addend.
static void gemm_clear(const gemm_job *g, span rows, span columns) {
  for (long i = rows.start; i < rows.end; i++) {
    float *line = g->c + i * g->ldc + columns.start;
    const float *addend = g->addend ? g->addend + i * g->ldc + columns.start : NULL;
    CHANNELS(columns.end - columns.start, {
      vec v = g->bias ? load(g->bias + columns.start + c, n) : (vec){};
      if (addend) v += load(addend + c, n);
      store(line + c, v, n);
    })
  }
}

// Whether c holds what the product is added to.
static int gemm_is_clear(const gemm_job *g) { return !g->bias && g->addend == g->c; }

static void gemm_outputs_part(void *context, int part) {
  const gemm_job *g = context;
  span rows = part_of(g->m, ROWS, g->parts, part / g->column_parts);
  span columns = part_of(g->n, PANEL, g->column_parts, part % g->column_parts);
  int fresh = !g->bias && !g->addend && g->k > 0;
  if (!fresh && !gemm_is_clear(g)) gemm_clear(g, rows, columns);
  gemm_points(g, (span){0, g->k}, rows, columns, g->c + rows.start * g->ldc, g->ldc, fresh);
}

static void gemm_points_part(void *context, int part) {
  const gemm_job *g = context;
  float *c = g->partial + part * g->m * g->n;
  span points = part_of(g->k, 1, g->parts, part);
  if (points.start == points.end) memset(c, 0, g->m * g->n * sizeof(float));
  gemm_points(g, points, (span){0, g->m}, (span){0, g->n}, c, g->n, 1);
}

static void gemm_transposed(gemm_job *g) {
  int threads = dk_split();
  g->parts = parts_for((g->m + ROWS - 1) / ROWS, ROWS * g->n * g->k / 8, 1);
  if (threads == 1 || !sums_points(g->k, g->m, g->n)) {
    // A second cut, along columns, packs a twice but lets threads that are free take over.
    g->column_parts = g->parts > 1 ? (int)smaller(4, g->n / (4 * PANEL) + 1) : 1;
    dk_run(g->parts * g->column_parts, gemm_outputs_part, g);
    return;
  }
  g->parts = parts_for(g->k / 32, 32 * g->m * g->n / 8, 1);
  g->partial = dk_scratch(g->parts * g->m * g->n);
  dk_run(g->parts, gemm_points_part, g);
  if (!gemm_is_clear(g)) gemm_clear(g, (span){0, g->m}, (span){0, g->n});
  for (long i = 0; i < g->m; i++) {
    add_parts(g->parts, g->n, g->partial + i * g->n, g->m * g->n, g->c + i * g->ldc);
  }
}

// ---- few rows against large weights: a part takes columns, and packs each block of a panel just
// before all rows use it, so the weights cross the memory once ---------------------------------------
static void gemm_copy_part(void *context, int part) {
  const gemm_job *g = context;
  span rows = part_of(g->m, 1, g->parts, part);
  for (long i = rows.start; i < rows.end; i++) {
    memcpy(g->packed + i * (g->k + 16), g->a + i * g->lda, g->k * sizeof(float));
  }
}

static void gemm_columns_part(void *context, int part) {
  const gemm_job *g = context;
  span columns = part_of(g->n, PANEL, g->parts, part);
  dk_mark mark = dk_scratch_mark();
  float *panel = dk_scratch(K_BLOCK * PANEL);
  for (long j = columns.start; j < columns.end; j += PANEL) {
    long width = smaller(PANEL, g->n - j);
    float *c = g->c + j;
    const float *addend = g->addend ? g->addend + j : NULL;
    for (long k = 0; k < g->k; k += K_BLOCK) {
      long depth = smaller(K_BLOCK, g->k - k);
      const float *b = g->transposed_b ? g->b + j * g->ldb + k : g->b + k * g->ldb + j;
      pack(g->transposed_b, depth, width, b, g->ldb, panel);
      product(g->m, width, depth, g->a + k, g->lda, panel, k || !g->bias ? NULL : g->bias + j,
              k ? c : addend, g->ldc, c, g->ldc);
    }
  }
  dk_scratch_release(mark);
}

static void gemm_columns(gemm_job *g) {
  if (is_bad_stride(g->lda)) {
    g->packed = dk_scratch(g->m * (g->k + 16));
    g->parts = parts_for(g->m, g->k, 1);
    dk_run(g->parts, gemm_copy_part, g);
    g->a = g->packed, g->lda = g->k + 16;
  }
  g->parts = parts_for((g->n + PANEL - 1) / PANEL, PANEL * g->m * g->k / 8, 4);
  dk_run(g->parts, gemm_columns_part, g);
}

// The same through the one-thread BLAS, which is as fast as ours where vectors are short.
static void gemm_blas_part(void *context, int part) {
  const gemm_job *g = context;
  span s = part_of(g->n, 16, g->parts, part);
  int width = (int)(s.end - s.start);
  if (width == 0) return;
  int adds = g->bias || g->addend;
  if (adds && !gemm_is_clear(g)) gemm_clear(g, (span){0, g->m}, s);
  dk_blas()(g->transposed_a, g->transposed_b, (int)g->m, width, (int)g->k, g->a, (int)g->lda,
            g->transposed_b ? g->b + s.start * g->ldb : g->b + s.start, (int)g->ldb,
            adds, g->c + s.start, (int)g->ldc);
}

static void gemm(int ta, int tb, long m, long n, long k, const float *a, long lda, const float *b,
                 long ldb, const float *bias, const float *addend, float *c, long ldc) {
  gemm_job g = {.m = m, .n = n, .k = k, .a = a, .lda = lda, .b = b, .ldb = ldb, .bias = bias,
                .addend = addend, .transposed_a = ta, .transposed_b = tb, .c = c, .ldc = ldc};
  dk_mark mark = dk_scratch_mark();
  if (LANES < 16 && dk_blas() && n >= 256 && has_few_rows(ta ? k : m, ta ? m * n : k * n)) {
    g.parts = dk_split();
    dk_run(g.parts, gemm_blas_part, &g);
  } else if (!ta && has_few_rows(m, k * n)) {
    gemm_columns(&g);
  } else if (!ta) {
    gemm_rows(&g);
  } else {
    if (tb) {  // rare: turn b round first
      float *turned = dk_scratch(k * n);
      for (long i = 0; i < k; i++)
        for (long j = 0; j < n; j++) turned[i * n + j] = b[j * ldb + i];
      g.b = turned, g.ldb = n, g.transposed_b = 0;
    }
    gemm_transposed(&g);
  }
  dk_scratch_release(mark);
}
