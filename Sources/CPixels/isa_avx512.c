// The picture kernels for CPUs with AVX-512.
#if defined(__x86_64__)
#define DP_TABLE dp_kernels_avx512
#define DP_GATHER
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#include "kernel_text.h"
#pragma clang attribute pop
#endif
