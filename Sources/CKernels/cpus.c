// The CPUs that this process may use.
#define _GNU_SOURCE
#include "ckernels.h"
#include <sched.h>
#include <unistd.h>

int dk_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}
