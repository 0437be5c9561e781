// Choice of the instruction set, once, at run time.
#include "cpixels_kernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const dp_kernels dp_kernels_portable, dp_kernels_avx2, dp_kernels_avx512;

const char *dp_isa_name(dp_isa isa) {
  static const char *const names[] = {"portable", "avx2", "avx512"};
  return names[isa];
}

const dp_kernels *dp_kernels_of(dp_isa isa) {
#if defined(__x86_64__)
  if (isa == DP_AVX512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
               ? &dp_kernels_avx512
               : NULL;
  if (isa == DP_AVX2) return __builtin_cpu_supports("avx2") ? &dp_kernels_avx2 : NULL;
#endif
  return isa == DP_PORTABLE ? &dp_kernels_portable : NULL;
}

static dp_isa choose_isa(void) {
  const char *wanted = getenv("DCPT_ISA");
  for (int isa = DP_AVX512; wanted && *wanted && isa >= DP_PORTABLE; isa--)
    if (dp_kernels_of(isa) && !strcmp(wanted, dp_isa_name(isa))) return isa;
  if (wanted && *wanted) {
    fprintf(stderr, "DCPT_ISA: '%s' is not an instruction set of this CPU\n", wanted);
    fprintf(stderr, "  use portable, avx2 or avx512; going on with the best one\n");
  }
  for (int isa = DP_AVX512; isa > DP_PORTABLE; isa--)
    if (dp_kernels_of(isa)) return isa;
  return DP_PORTABLE;
}

dp_isa dp_isa_used(void) {
  static _Atomic int chosen = -1;  // two threads may both choose: they choose the same
  int isa = chosen;
  if (isa < 0) chosen = isa = (int)choose_isa();
  return (dp_isa)isa;
}

const dp_kernels *dp_kernels_used(void) { return dp_kernels_of(dp_isa_used()); }
