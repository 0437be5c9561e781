// Scratch: a stack of blocks for each thread.  Whatever was needed at once is kept as a single block
// when the stack empties, so a training iteration finds all of it in place from the second one on.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "internal.h"

enum { alignment = 64, huge_page = 1 << 21 };

typedef struct block {
  struct block *below;
  size_t size, used;  // bytes after the header
} block;

typedef struct {
  block *top;
  size_t in_use, most;  // bytes: now, and the most that was ever in use at once
  size_t peak;          // the most since the part under way began
} arena;

static _Thread_local arena mine;
static atomic_size_t held;
static atomic_size_t part_most;  // bytes: the most that any part took
static pthread_key_t at_exit;
static pthread_once_t once = PTHREAD_ONCE_INIT;

size_t dk_scratch_bytes(void) { return atomic_load(&held); }

static void pop(arena *a) {
  block *b = a->top;
  a->top = b->below;
  atomic_fetch_sub(&held, b->size);
  free(b);
}

static void free_arena(void *a) {
  while (((arena *)a)->top) pop(a);
}
static void make_key(void) { pthread_key_create(&at_exit, free_arena); }

static void push(arena *a, size_t bytes) {
  pthread_once(&once, make_key);
  pthread_setspecific(at_exit, a);
  size_t size = bytes;
  if (size < a->most - a->in_use) size = a->most - a->in_use;
  if (size < dk_smallest_scratch) size = dk_smallest_scratch;
  size = (size + alignment - 1) / alignment * alignment;
  size_t whole = size + alignment;
  block *b = NULL;
  if (posix_memalign((void **)&b, whole >= huge_page ? huge_page : alignment, whole)) abort();
  if (whole >= huge_page) madvise(b, whole, MADV_HUGEPAGE);
  *b = (block){a->top, size, 0};
  a->top = b;
  atomic_fetch_add(&held, size);
}

float *dk_scratch(size_t floats) {
  arena *a = &mine;
  // One line more than asked for: whole vectors may be read past the end of a row.
  size_t bytes = (floats * sizeof(float) + 2 * alignment - 1) / alignment * alignment;
  if (!a->top || a->top->size - a->top->used < bytes) push(a, bytes);
  float *p = (float *)((char *)a->top + alignment + a->top->used);
  a->top->used += bytes;
  a->in_use += bytes;
  if (a->in_use > a->most) a->most = a->in_use;
  if (a->in_use > a->peak) a->peak = a->in_use;
  return p;
}

dk_mark dk_scratch_mark(void) {
  return (dk_mark){mine.top, mine.top ? mine.top->used : 0};
}

void dk_scratch_release(dk_mark mark) {
  arena *a = &mine;
  while (a->top && a->top != mark.block && a->top->below) {
    a->in_use -= a->top->used;
    pop(a);
  }
  if (!a->top) return;
  a->in_use -= a->top->used - mark.used;
  a->top->used = mark.used;
  if (a->top->used == 0 && !a->top->below && a->top->size < a->most) pop(a);
}

// Which thread takes which part is chance, so every thread keeps room for the largest part there was:
// else a thread could still grow late in a run, when it first took that part.
void dk_scratch_reserve(void) {
  arena *a = &mine;
  size_t room = atomic_load_explicit(&part_most, memory_order_relaxed);
  if (a->in_use + room > a->most) a->most = a->in_use + room;
  if (room == 0 || (a->top && a->top->size - a->top->used >= room)) return;
  if (a->top && a->top->used == 0 && !a->top->below) pop(a);
  push(a, room);
}

size_t dk_scratch_begin_part(void) { return mine.peak = mine.in_use; }

void dk_scratch_end_part(size_t before) {
  size_t taken = mine.peak - before, most = atomic_load(&part_most);
  while (taken > most && !atomic_compare_exchange_weak(&part_most, &most, taken)) continue;
}
