#include "message.h"

#include <stdarg.h>
#include <stdio.h>

dc_status dc_fail(dc_message message, dc_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message.text, message.capacity, format, arguments);
  va_end(arguments);
  // One line, whatever the library wrote.
  for (char *c = message.text; *c; c++)
    if ((unsigned char)*c < ' ') *c = ' ';
  return status;
}
