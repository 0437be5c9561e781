// The picture kernels for CPUs with AVX2.
#if defined(__x86_64__)
#define DP_TABLE dp_kernels_avx2
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "kernel_text.h"
#pragma clang attribute pop
#endif
