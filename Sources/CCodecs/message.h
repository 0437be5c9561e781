// Shared by the shims: how a status gets its text.
#pragma once
#include "ccodecs.h"

dc_status dc_fail(dc_message message, dc_status status, const char *format, ...)
  __attribute__((format(printf, 3, 4)));
