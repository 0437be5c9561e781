// AVX2 with FMA: 8 lanes, 16 registers.
#include "internal.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME "avx2"
#define TABLE dk_table_avx2
#define LANES 8
#define ROWS 6  // of the largest tile of a product
#include "table.h"
#pragma clang attribute pop
#endif
