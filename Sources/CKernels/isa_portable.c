// Any CPU: 4 lanes, SSE2 on x86-64, NEON on aarch64.
#include "internal.h"

#define NAME "portable"
#define TABLE dk_table_portable
#define LANES 4
#define ROWS 6  // of the largest tile of a product
#include "table.h"
