// Counts the calling thread's allocations, for tests of the steady state.
#pragma once
// Allocations of this thread so far; frees are not counted.
long ca_allocations(void);
// Whether allocations are counted: not under a sanitizer.
int ca_is_counting(void);
