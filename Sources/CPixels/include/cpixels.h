// Pixel and byte kernels whose result is the same to the bit on every CPU.
// Compiled without fused multiply-add; vector forms do the same operations in the same order.
#pragma once
#include <stddef.h>
#include <stdint.h>

// CRC-32C of n bytes, continuing from crc (0 at the start).
uint32_t dp_crc32c(uint32_t crc, const void *bytes, size_t n);
// The same by table, for CPUs without the instruction; the tests compare the two.
uint32_t dp_crc32c_portable(uint32_t crc, const void *bytes, size_t n);
// Lets the C library keep freed memory for the next allocation instead of giving it back to the system.
void dp_keep_freed_memory(void);
