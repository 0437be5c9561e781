#include "ckernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
void dk_pool_start(int n, int pin) {}
int dk_pool_size(void) { return 1; }
void dk_pool_run(void (*body)(void *, int), void *c) { body(c, 0); }
size_t dk_scratch_bytes(void) { return 0; }
void dk_set_blas(dk_sgemm f) {}
static void gemm(int ta, int tb, long m, long n, long k, const float *a, long lda, const float *b, long ldb, const float *bias, float beta, float *c, long ldc) {
  for (long i = 0; i < m; i++) for (long j = 0; j < n; j++) {
    double s = bias ? bias[j] : 0; if (beta != 0) s += c[i * ldc + j];
    for (long q = 0; q < k; q++) s += (double)(ta ? a[q * lda + i] : a[i * lda + q]) * (tb ? b[j * ldb + q] : b[q * ldb + j]);
    c[i * ldc + j] = s; } }
static void conv3x3(long B, long H, long W, long in, long out, const float *x, const float *w, const float *bias, float *y) {
  for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) for (long o = 0; o < out; o++) {
    double s = bias ? bias[o] : 0;
    for (int u = 0; u < 3; u++) for (int v = 0; v < 3; v++) { long r = i + u - 1, q = j + v - 1; if (r < 0 || q < 0 || r >= H || q >= W) continue;
      for (long c = 0; c < in; c++) s += (double)x[((b * H + r) * W + q) * in + c] * w[((u * 3 + v) * in + c) * out + o]; }
    y[((b * H + i) * W + j) * out + o] = s; } }
static void conv3x3_gi(long B, long H, long W, long in, long out, const float *dy, const float *w, float *dx) {
  memset(dx, 0, sizeof(float) * B * H * W * in);
  for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++)
    for (int u = 0; u < 3; u++) for (int v = 0; v < 3; v++) { long r = i + u - 1, q = j + v - 1; if (r < 0 || q < 0 || r >= H || q >= W) continue;
      for (long c = 0; c < in; c++) { double s = 0; for (long o = 0; o < out; o++) s += (double)dy[((b * H + i) * W + j) * out + o] * w[((u * 3 + v) * in + c) * out + o]; dx[((b * H + r) * W + q) * in + c] += s; } } }
static void conv3x3_gw(long B, long H, long W, long in, long out, const float *x, const float *dy, float *dw, float *db) {
  for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) {
    const float *d = dy + ((b * H + i) * W + j) * out; if (db) for (long o = 0; o < out; o++) db[o] += d[o];
    for (int u = 0; u < 3; u++) for (int v = 0; v < 3; v++) { long r = i + u - 1, q = j + v - 1; if (r < 0 || q < 0 || r >= H || q >= W) continue;
      for (long c = 0; c < in; c++) for (long o = 0; o < out; o++) dw[((u * 3 + v) * in + c) * out + o] += x[((b * H + r) * W + q) * in + c] * d[o]; } } }
static void dw3(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y) {
  for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) for (long c = 0; c < C; c++) {
    double s = bias ? bias[c] : 0;
    for (int u = 0; u < 3; u++) for (int v = 0; v < 3; v++) { long r = i + u - 1, q = j + v - 1; if (r < 0 || q < 0 || r >= H || q >= W) continue; s += (double)x[((b * H + r) * W + q) * C + c] * w[(u * 3 + v) * C + c]; }
    y[((b * H + i) * W + j) * C + c] = s; } }
static void dw3_gi(long B, long H, long W, long C, const float *dy, const float *w, float *dx) {
  float *f = malloc(9 * C * 4); for (int k = 0; k < 9; k++) memcpy(f + k * C, w + (8 - k) * C, C * 4); dw3(B, H, W, C, dy, f, 0, dx); free(f); }
static void dw3_gw(long B, long H, long W, long C, const float *x, const float *dy, float *dw, float *db) {
  for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) for (long c = 0; c < C; c++) { float d = dy[((b * H + i) * W + j) * C + c]; if (db) db[c] += d;
    for (int u = 0; u < 3; u++) for (int v = 0; v < 3; v++) { long r = i + u - 1, q = j + v - 1; if (r < 0 || q < 0 || r >= H || q >= W) continue; dw[(u * 3 + v) * C + c] += d * x[((b * H + r) * W + q) * C + c]; } } }
static void gate(long P, long C, const float *x, float *y) { for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) y[p * C + c] = x[p * 2 * C + c] * x[p * 2 * C + C + c]; }
static void gate_grad(long P, long C, const float *x, const float *dy, float *dx) { for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) { float d = dy[p * C + c]; dx[p * 2 * C + c] = d * x[p * 2 * C + C + c]; dx[p * 2 * C + C + c] = d * x[p * 2 * C + c]; } }
static void dwg(long B, long H, long W, long C, const float *x, const float *w, const float *bias, float *y) { float *t = malloc(B * H * W * 2 * C * 4); dw3(B, H, W, 2 * C, x, w, bias, t); gate(B * H * W, C, t, y); free(t); }
static void dwg_grad(long B, long H, long W, long C, const float *x, const float *w, const float *bias, const float *dy, float *dx, float *dw, float *db) {
  long P = B * H * W; float *t = malloc(P * 2 * C * 4), *d = malloc(P * 2 * C * 4); dw3(B, H, W, 2 * C, x, w, bias, t); gate_grad(P, C, t, dy, d); dw3_gw(B, H, W, 2 * C, x, d, dw, db); dw3_gi(B, H, W, 2 * C, d, w, dx); free(t); free(d); }
static void ln(long P, long C, float eps, const float *x, const float *w, const float *b, const float *add, int relu, float *y, float *mean, float *rstd) {
  for (long p = 0; p < P; p++) { double m = 0, v = 0; for (long c = 0; c < C; c++) m += x[p * C + c]; m /= C; for (long c = 0; c < C; c++) v += (x[p * C + c] - m) * (x[p * C + c] - m); double r = 1 / sqrt(v / C + eps); mean[p] = m; rstd[p] = r;
    for (long c = 0; c < C; c++) { float q = (x[p * C + c] - m) * r * w[c] + b[c]; if (add) q += add[p * C + c]; y[p * C + c] = relu && q < 0 ? 0 : q; } } }
static void ln_grad(long P, long C, const float *x, const float *w, const float *mean, const float *rstd, const float *y, int relu, const float *dy, float *dx, float *da, float *dw, float *db) {
  for (long p = 0; p < P; p++) { double s = 0, t = 0; for (long c = 0; c < C; c++) { float g = relu && y[p * C + c] <= 0 ? 0 : dy[p * C + c]; if (da) da[p * C + c] = g; float xh = (x[p * C + c] - mean[p]) * rstd[p]; dw[c] += g * xh; db[c] += g; s += g * w[c]; t += g * w[c] * xh; }
    for (long c = 0; c < C; c++) { float g = relu && y[p * C + c] <= 0 ? 0 : dy[p * C + c]; float xh = (x[p * C + c] - mean[p]) * rstd[p]; dx[p * C + c] = rstd[p] * (g * w[c] - s / C - xh * t / C); } } }
static void colsum(long P, long C, const float *x, float *s) { for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) s[c] += x[p * C + c]; }
static void imean(long B, long P, long C, const float *x, float *m) { for (long b = 0; b < B; b++) for (long c = 0; c < C; c++) { double s = 0; for (long p = 0; p < P; p++) s += x[(b * P + p) * C + c]; m[b * C + c] = s / P; } }
static void ispread(long B, long P, long C, const float *v, float k, float *y) { for (long b = 0; b < B; b++) for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) y[(b * P + p) * C + c] = k * v[b * C + c]; }
static void scch(long B, long P, long C, const float *x, const float *s, float *y) { for (long b = 0; b < B; b++) for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) y[(b * P + p) * C + c] = x[(b * P + p) * C + c] * s[b * C + c]; }
static void scch_g(long B, long P, long C, const float *x, const float *s, const float *dy, float *dx, float *ds) { memset(ds, 0, B * C * 4); for (long b = 0; b < B; b++) for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) { long i = (b * P + p) * C + c; ds[b * C + c] += x[i] * dy[i]; dx[i] = dy[i] * s[b * C + c]; } }
static void sres(long P, long C, const float *x, const float *z, const float *v, float *y) { for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) y[p * C + c] = x[p * C + c] + z[p * C + c] * v[c]; }
static void sres_g(long P, long C, const float *z, const float *v, const float *dy, float *dz, float *dv) { for (long p = 0; p < P; p++) for (long c = 0; c < C; c++) { dv[c] += dy[p * C + c] * z[p * C + c]; dz[p * C + c] = dy[p * C + c] * v[c]; } }
static void add(long n, const float *a, const float *b, float *y) { for (long i = 0; i < n; i++) y[i] = a[i] + b[i]; }
static void mul(long n, const float *a, const float *b, float *y) { for (long i = 0; i < n; i++) y[i] = a[i] * b[i]; }
static void axpy(long n, float k, const float *x, float *y) { for (long i = 0; i < n; i++) y[i] += k * x[i]; }
static void scale(long n, float k, const float *x, float *y) { for (long i = 0; i < n; i++) y[i] = k * x[i]; }
static double dot(long n, const float *a, const float *b) { double s = 0; for (long i = 0; i < n; i++) s += (double)a[i] * b[i]; return s; }
static double sad(long n, const float *a, const float *b) { double s = 0; for (long i = 0; i < n; i++) s += fabs((double)a[i] - b[i]); return s; }
static void sgn(long n, float k, const float *a, const float *b, float *d) { for (long i = 0; i < n; i++) d[i] = a[i] > b[i] ? k : a[i] < b[i] ? -k : 0; }
static double ssd(long n, const float *a, const float *b) { double s = 0; for (long i = 0; i < n; i++) { double d = (double)a[i] - b[i]; s += d * d; } return s; }
static void relu_(long n, const float *x, float *y) { for (long i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0; }
static void relu_g(long n, const float *y, const float *dy, float *dx) { for (long i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : 0; }
static int fin(long n, const float *x) { for (long i = 0; i < n; i++) if (!isfinite(x[i])) return 0; return 1; }
static void s2d(long B, long H, long W, long C, const float *x, float *y) { for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) memcpy(y + ((b * (H / 2) + i / 2) * (W / 2) + j / 2) * 4 * C + ((i & 1) * 2 + (j & 1)) * C, x + ((b * H + i) * W + j) * C, C * 4); }
static void d2s(long B, long h, long w, long C, const float *x, const float *ad, float *y) { long H = 2 * h, W = 2 * w; for (long b = 0; b < B; b++) for (long i = 0; i < H; i++) for (long j = 0; j < W; j++) for (long c = 0; c < C; c++) { long o = ((b * H + i) * W + j) * C + c; y[o] = x[((b * h + i / 2) * w + j / 2) * 4 * C + ((i & 1) * 2 + (j & 1)) * C + c] + (ad ? ad[o] : 0); } }
static void mp(long B, long H, long W, long C, const float *x, float *y, uint8_t *which) { for (long b = 0; b < B; b++) for (long i = 0; i < H / 2; i++) for (long j = 0; j < W / 2; j++) for (long c = 0; c < C; c++) { int k = 0; float m = -INFINITY; for (int q = 0; q < 4; q++) { float v = x[((b * H + 2 * i + q / 2) * W + 2 * j + q % 2) * C + c]; if (v > m) m = v, k = q; } long o = ((b * (H / 2) + i) * (W / 2) + j) * C + c; y[o] = m; which[o] = k; } }
static void mp_g(long B, long H, long W, long C, const float *dy, const uint8_t *which, float *dx) { memset(dx, 0, B * H * W * C * 4); for (long b = 0; b < B; b++) for (long i = 0; i < H / 2; i++) for (long j = 0; j < W / 2; j++) for (long c = 0; c < C; c++) { long o = ((b * (H / 2) + i) * (W / 2) + j) * C + c; int q = which[o]; dx[((b * H + 2 * i + q / 2) * W + 2 * j + q % 2) * C + c] = dy[o]; } }
static void adamw(long n, float *p, float *g, float *m, float *v, float lr, float b1, float b2, float eps, float wd, long t) { double c1 = 1 - pow(b1, t), c2 = 1 - pow(b2, t); for (long i = 0; i < n; i++) { p[i] *= 1 - lr * wd; m[i] = b1 * m[i] + (1 - b1) * g[i]; v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i]; p[i] -= lr * (m[i] / c1) / (sqrt(v[i] / c2) + eps); g[i] = 0; } }
static void ema(long n, float d, const float *p, float *e) { for (long i = 0; i < n; i++) e[i] = d * e[i] + (1 - d) * p[i]; }
static const dk_table table = {"reference", 1, gemm, conv3x3, conv3x3_gi, conv3x3_gw, dw3, dw3_gi, dw3_gw, dwg, dwg_grad, ln, ln_grad, gate, gate_grad, colsum, imean, ispread, scch, scch_g, sres, sres_g, add, mul, axpy, scale, dot, sad, sgn, ssd, relu_, relu_g, fin, s2d, d2s, mp, mp_g, 0, 0, adamw, ema};
const dk_table *dk_table_named(const char *name) { return &table; }
const dk_table *dk_table_best(void) { return &table; }
