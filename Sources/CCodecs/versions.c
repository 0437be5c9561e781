// The versions of the libraries that decode: decoded pictures depend on them.
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

#include "ccodecs.h"

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

static void tiff_version(char out[DC_VERSION_SIZE]) {
  // "LIBTIFF, Version 4.5.0", and more lines.
  const char *text = TIFFGetVersion(), *word = strstr(text, "Version ");
  if (!word || sscanf(word + 8, "%31[0-9.]", out) != 1) snprintf(out, DC_VERSION_SIZE, "?");
}

void dc_find_versions(dc_versions *out) {
  const int webp = WebPGetDecoderVersion();
  snprintf(out->jpeg, DC_VERSION_SIZE, "%s", TEXT_OF(LIBJPEG_TURBO_VERSION));
  snprintf(out->png, DC_VERSION_SIZE, "%s", png_get_libpng_ver(NULL));
  tiff_version(out->tiff);
  snprintf(out->webp, DC_VERSION_SIZE, "%d.%d.%d", webp >> 16, webp >> 8 & 255, webp & 255);
  snprintf(out->zlib, DC_VERSION_SIZE, "%s", zlibVersion());
}
