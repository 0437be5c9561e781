// What the kernels need besides arithmetic: numbered parts of work, and scratch memory.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ckernels.h"

typedef void (*dk_body)(void *context, int part);

// Calls body(context, part) once for every part in 0..<parts, part 0 on the caller.  Threads take the
// next part as they become free, so what a part computes must depend on its number alone.
void dk_run(int parts, dk_body body, void *context);

// How many threads the calling thread splits its work for.
int dk_split(void);

// Scratch of the calling thread, 64-byte aligned, not cleared.  Released in the order of a stack; the
// memory itself is kept, so from the second iteration on nothing is allocated.
typedef struct {
  void *block;
  size_t used;
} dk_mark;
dk_mark dk_scratch_mark(void);
float *dk_scratch(size_t floats);
void dk_scratch_release(dk_mark mark);
// Bytes: a thread that takes any takes as much at least.
enum { dk_smallest_scratch = 1 << 18 };
// Makes room on the calling thread for any part that has run so far; the pool calls these.
void dk_scratch_reserve(void);
size_t dk_scratch_begin_part(void);
void dk_scratch_end_part(size_t before);

// One-thread BLAS given by dk_set_blas, or NULL.
dk_sgemm dk_blas(void);

extern const dk_table dk_table_portable;
#if defined(__x86_64__)
extern const dk_table dk_table_avx2, dk_table_avx512;
#endif
