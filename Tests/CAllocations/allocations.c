// Stands in front of glibc's allocator in the test program and counts.
#define _GNU_SOURCE
#include "callocations.h"
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static _Thread_local long count;

long ca_allocations(void) { return count; }

// A sanitizer has an allocator of its own, which must stay in front.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
int ca_is_counting(void) { return 0; }
#else
int ca_is_counting(void) { return 1; }

void *malloc(size_t n) {
  count++;
  return __libc_malloc(n);
}
void *calloc(size_t n, size_t size) {
  count++;
  return __libc_calloc(n, size);
}
void *realloc(void *p, size_t n) {
  count++;
  return __libc_realloc(p, n);
}
#endif
