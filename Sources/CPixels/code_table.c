// The table of `codes_of_light` (see codes.h).
#include "cpixels_kernels.h"
#include <string.h>

void dp_code_table(uint32_t table[DP_CODE_CELLS], const float starts[255]) {
  uint32_t code = 0;
  for (uint32_t cell = 0; cell < DP_CODE_CELLS; cell++) {
    uint32_t begin = 0x39000000u + (cell << 16), start = 0;
    while (code < 255) {
      memcpy(&start, starts + code, sizeof start);
      if (start > begin) break;
      code++;
    }
    table[cell] = code << 16;
    if (code < 255 && start - begin < 0x10000u) table[cell] += 0x10000u - (start - begin);
  }
}
