// Which instruction set: the best of this CPU, or the one that DCPT_ISA names.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

static dk_sgemm blas;
void dk_set_blas(dk_sgemm f) { blas = f; }
dk_sgemm dk_blas(void) { return blas; }

#if defined(__x86_64__)
static int has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

const dk_table *dk_table_named(const char *name) {
  if (!strcmp(name, "portable")) return &dk_table_portable;
#if defined(__x86_64__)
  if (!strcmp(name, "avx2") && has_avx2()) return &dk_table_avx2;
  if (!strcmp(name, "avx512") && has_avx512()) return &dk_table_avx512;
#endif
  return NULL;
}

static const dk_table *choose(void) {
  const char *wanted = getenv("DCPT_ISA");
  if (wanted && *wanted) {
    const dk_table *table = dk_table_named(wanted);
    if (table) return table;
    fprintf(stderr, "DCPT_ISA: '%s' is not an instruction set of this CPU\n", wanted);
    fprintf(stderr, "  use portable, avx2 or avx512; going on with the best one\n");
  }
  const dk_table *table = dk_table_named("avx512");
  if (!table) table = dk_table_named("avx2");
  return table ? table : &dk_table_portable;
}

const dk_table *dk_table_best(void) {
  static const dk_table *best;  // two threads that race here store the same value
  const dk_table *table = __atomic_load_n(&best, __ATOMIC_ACQUIRE);
  if (table) return table;
  table = choose();
  __atomic_store_n(&best, table, __ATOMIC_RELEASE);
  return table;
}
