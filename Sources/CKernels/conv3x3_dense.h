// The dense 3x3 convolutions of the table: forward, and the gradients of input and weights.

static void conv_run(conv_job *v) {
  if (is_thin(v->out)) conv_run_to_thin(v);
  else conv_run_winograd(v);
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

static void conv3x3_grad_weight(long B, long H, long W, long in, long out, const float *x,
                                const float *dy, float *dw, float *dbias) {
  if (dbias) column_sum(B * H * W, out, dy, dbias);
  if (is_thin(in) || is_thin(out)) conv3x3_thin_grad_weight(B, H, W, in, out, x, dy, dw);
  else conv3x3_winograd_grad_weight(B, H, W, in, out, x, dy, dw);
}
