// What the dense 3x3 convolutions share: stride 1, zero padding 1.

typedef struct {
  long B, H, W, in, out;
  const float *x;
  const float *w;     // [tap][in][out]
  int turned;         // taps and channels of the weights exchanged, for the data gradient
  const float *bias;  // or NULL
  float *y;
  span columns;       // of the output that are computed
  float *packed;
  int parts;
} conv_job;

// One tap of a panel from column j and of `depth` channels from k: out[channel][column].
static void conv_pack_tap(const conv_job *v, int tap, long k, long depth, long j, float *out) {
  long width = smaller(PANEL, v->out - j), wide = panel_width(v->out, j);
  if (v->turned) {
    pack_panel_transposed(depth, width, wide, v->w + (8 - tap) * v->in * v->out + j * v->in + k, v->in, out);
  } else {
    pack_panel(depth, width, wide, v->w + (tap * v->in + k) * v->out + j, v->out, out);
  }
}
