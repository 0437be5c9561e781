// The picture kernels for any CPU.
#define DP_TABLE dp_kernels_portable
#include "kernel_text.h"
