// AVX-512 F, VL, DQ, BW: 16 lanes, 32 registers.
#include "internal.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define NAME "avx512"
#define TABLE dk_table_avx512
#define LANES 16
#define ROWS 12  // of the largest tile of a product
#include "table.h"
#pragma clang attribute pop
#endif
