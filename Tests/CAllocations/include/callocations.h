// Counts the calling thread's allocations, for tests of the steady state.
#pragma once
// Allocations of this thread so far; frees are not counted.
long ca_allocations(void);
