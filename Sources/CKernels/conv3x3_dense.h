// The dense 3x3 convolutions of the table: forward, and the gradients of input and weights.

static void conv_run(conv_job *v) {
  if (is_thin(v->out)) return conv_run_to_thin(v);
  dk_mark mark = dk_scratch_mark();
  v->packed = dk_scratch(9 * packed_size(v->in, v->out));
  v->parts = parts_for((v->out + PANEL - 1) / PANEL, 9 * v->in * PANEL, 1);
  dk_run(v->parts, conv_pack_part, v);
  conv_cut_bands(v, pixel_stride(v->in));
  dk_run((int)(v->B * v->bands), conv_band_part, v);
  dk_scratch_release(mark);
}

static void conv3x3(long B, long H, long W, long in, long out, const float *x, const float *w,
                    const float *bias, float *y) {
  conv_job v = {.B = B, .H = H, .W = W, .in = in, .out = out, .x = x, .w = w, .bias = bias, .y = y};
  conv_run(&v);
}

// The same with taps and channels of the weights exchanged.
static void conv3x3_grad_input(long B, long H, long W, long in, long out, const float *dy,
                               const float *w, float *dx) {
  conv_job v = {.B = B, .H = H, .W = W, .in = out, .out = in, .x = dy, .w = w, .y = dx, .turned = 1};
  conv_run(&v);
}

// Large weights: parts take input channels.  Small ones: parts take bands and are added up.
static void conv3x3_grad_weight(long B, long H, long W, long in, long out, const float *x,
                                const float *dy, float *dw, float *dbias) {
  if (dbias) column_sum(B * H * W, out, dy, dbias);
  if (is_thin(in) || is_thin(out)) return conv3x3_thin_grad_weight(B, H, W, in, out, x, dy, dw);
  dk_mark mark = dk_scratch_mark();
  conv_weight_job v = {.B = B, .H = H, .W = W, .in = in, .out = out, .x = x, .dy = dy, .dw = dw};
  v.band = weight_band(H, W);
  v.bands = (H + v.band - 1) / v.band;
  v.by_channels = splits_channels(in, out);
  if (v.by_channels) {
    v.parts = (int)smaller(dk_split(), (in + ROWS - 1) / ROWS);
    dk_run(v.parts, conv_weight_part, &v);
  } else {
    v.parts = (int)smaller(dk_split(), B * v.bands);
    v.dw = dk_scratch(v.parts * 9 * in * out);
    dk_run(v.parts, conv_weight_part, &v);
    add_parts(v.parts, 9 * in * out, v.dw, 9 * in * out, dw);
  }
  dk_scratch_release(mark);
}
