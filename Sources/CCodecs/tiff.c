#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "message.h"

// One call's state: the file in memory and what went wrong with it.
typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  dc_message message;
  dc_status status;
} tiff_source;

static int on_error(
  TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tiff_source *source = user;
  // The first message names the cause; later ones are its consequences.
  if (source->status != dc_ok) return 1;
  char text[200];
  vsnprintf(text, sizeof text, format, arguments);
  source->status = dc_fail(source->message, dc_damaged, "%s", text);
  return 1;
}

static int on_warning(
  TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)user, (void)module, (void)format, (void)arguments;
  return 1;
}

static tmsize_t read_some(thandle_t handle, void *out, tmsize_t count) {
  tiff_source *source = handle;
  size_t rest = source->count - source->position;
  size_t n = (size_t)count < rest ? (size_t)count : rest;
  memcpy(out, source->bytes + source->position, n);
  source->position += n;
  return (tmsize_t)n;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle, (void)bytes, (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  tiff_source *source = handle;
  toff_t base = whence == SEEK_CUR ? source->position : whence == SEEK_END ? source->count : 0;
  toff_t target = base + offset;
  source->position = target < source->count ? (size_t)target : source->count;
  return source->position;
}

static int close_nothing(thandle_t handle) { return (void)handle, 0; }
static toff_t size_of(thandle_t handle) { return ((tiff_source *)handle)->count; }

static TIFF *open_tiff(tiff_source *source) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
  // "m": no memory mapping; the file is in memory.
  TIFF *tiff = TIFFClientOpenExt(
    "picture", "rm", source, read_some, write_nothing, seek, close_nothing, size_of, NULL, NULL,
    options);
  TIFFOpenOptionsFree(options);
  if (!tiff && source->status == dc_ok)
    source->status = dc_fail(source->message, dc_damaged, "TIFF directory cannot be read");
  return tiff;
}

// What the directory says of the samples.
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, planar, photometric, format, compression;
} tiff_layout;

static tiff_layout layout_of(TIFF *tiff) {
  tiff_layout l = {0};
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &l.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &l.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &l.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &l.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &l.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &l.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &l.compression);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &l.photometric))
    l.photometric = l.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  return l;
}

// How many samples of a pixel are colour; 0 for kinds that are not read.
static int colour_samples(const tiff_layout *l) {
  switch (l->photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_PALETTE: return 1;
    case PHOTOMETRIC_RGB: return 3;
    case PHOTOMETRIC_YCBCR: return l->compression == COMPRESSION_JPEG ? 3 : 0;
    default: return 0;
  }
}

static int is_float_map(const tiff_layout *l) {
  return l->format == SAMPLEFORMAT_IEEEFP && l->photometric == PHOTOMETRIC_MINISBLACK;
}

static dc_status check(const tiff_layout *l, int may_be_float, dc_message message) {
  if (l->photometric == PHOTOMETRIC_SEPARATED)
    return dc_fail(message, dc_refused, "is a CMYK picture (print colours)");
  if (!colour_samples(l))
    return dc_fail(message, dc_refused, "has TIFF colour model %d, not gray, RGB or palette",
                   l->photometric);
  if (may_be_float && is_float_map(l))
    return l->bits == 32 ? dc_ok
                         : dc_fail(message, dc_refused, "has %d-bit floats, not 32", l->bits);
  if (l->format != SAMPLEFORMAT_UINT && l->format != SAMPLEFORMAT_VOID)
    return dc_fail(message, dc_refused, "has samples that are not unsigned integers");
  if (l->bits != 8 && (l->bits != 16 || l->photometric == PHOTOMETRIC_PALETTE))
    return dc_fail(message, dc_refused, "has %d-bit samples, not 8 or 16", l->bits);
  if (l->samples < colour_samples(l))
    return dc_fail(message, dc_damaged, "has %d samples a pixel", l->samples);
  return dc_ok;
}

static dc_status tiff_info(
  const uint8_t *bytes, size_t count, int may_be_float, dc_picture *picture, dc_message message) {
  memset(picture, 0, sizeof *picture);
  tiff_source source = {.bytes = bytes, .count = count, .message = message};
  TIFF *tiff = open_tiff(&source);
  if (!tiff) return source.status;
  tiff_layout l = layout_of(tiff);
  uint16_t orientation = 0;
  TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
  TIFFClose(tiff);
  dc_status status = check(&l, may_be_float, message);
  if (status != dc_ok) return status;
  int colours = colour_samples(&l);
  *picture = (dc_picture){
    .width = l.width,
    .height = l.height,
    .channels = l.photometric == PHOTOMETRIC_PALETTE ? 3 : colours,
    .depth = l.bits,
    .has_alpha = l.samples > colours,
    .orientation = orientation,
  };
  return dc_ok;
}

dc_status dc_tiff_info(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message) {
  return tiff_info(bytes, count, 0, picture, message);
}

dc_status dc_tiff_map_info(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message) {
  return tiff_info(bytes, count, 1, picture, message);
}

// A picture being put together from strips or tiles.
typedef struct {
  TIFF *tiff;
  tiff_layout layout;
  const dc_picture *picture;
  uint8_t *out;
  uint8_t *block;  // one decoded strip or tile
  tmsize_t block_bytes;
  uint16_t *red, *green, *blue;  // palette
} tiff_job;

// Copies one colour sample of a pixel, or looks it up.
static void put_pixel(const tiff_job *job, size_t pixel, int first, const uint8_t *sample, int n) {
  int bytes = job->picture->depth / 8;
  uint8_t *out = job->out + (pixel * job->picture->channels + first) * bytes;
  if (job->layout.photometric == PHOTOMETRIC_PALETTE) {
    out[0] = job->red[*sample] >> 8;
    out[1] = job->green[*sample] >> 8;
    out[2] = job->blue[*sample] >> 8;
    return;
  }
  uint8_t flip = job->layout.photometric == PHOTOMETRIC_MINISWHITE ? 0xFF : 0;
  for (int i = 0; i < n * bytes; i++) out[i] = sample[i] ^ flip;
}

// Copies a decoded block of `stride` pixels a row, whose corner is (x, y), as far as it lies inside.
static void put_block(
  const tiff_job *job, uint32_t x, uint32_t y, uint32_t stride, uint32_t rows, int plane) {
  int separate = job->layout.planar == PLANARCONFIG_SEPARATE;
  int colours = colour_samples(&job->layout);
  size_t step = (size_t)(separate ? 1 : job->layout.samples) * (job->layout.bits / 8);
  uint32_t right = job->picture->width - x < stride ? job->picture->width - x : stride;
  for (uint32_t row = 0; row < rows && y + row < job->picture->height; row++) {
    const uint8_t *sample = job->block + (size_t)row * stride * step;
    size_t pixel = (size_t)(y + row) * job->picture->width + x;
    for (uint32_t i = 0; i < right; i++, sample += step)
      put_pixel(job, pixel + i, plane, sample, separate ? 1 : colours);
  }
}

static int read_tiles(tiff_job *job, int planes) {
  uint32_t width = 0, height = 0;
  TIFFGetField(job->tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(job->tiff, TIFFTAG_TILELENGTH, &height);
  if (!width || !height) return 0;
  for (int plane = 0; plane < planes; plane++)
    for (uint64_t y = 0; y < job->picture->height; y += height)
      for (uint64_t x = 0; x < job->picture->width; x += width) {
        uint32_t tile = TIFFComputeTile(job->tiff, x, y, 0, plane);
        tmsize_t n = TIFFReadEncodedTile(job->tiff, tile, job->block, job->block_bytes);
        if (n < job->block_bytes) return 0;
        put_block(job, x, y, width, height, plane);
      }
  return 1;
}

static int read_strips(tiff_job *job, int planes) {
  uint32_t height = 0;
  TIFFGetFieldDefaulted(job->tiff, TIFFTAG_ROWSPERSTRIP, &height);
  if (!height) return 0;
  uint64_t row = TIFFScanlineSize64(job->tiff);
  for (int plane = 0; plane < planes; plane++)
    for (uint64_t y = 0; y < job->picture->height; y += height) {
      uint32_t strip = TIFFComputeStrip(job->tiff, y, plane);
      uint64_t rest = job->picture->height - y;
      uint32_t rows = rest < height ? rest : height;
      tmsize_t n = TIFFReadEncodedStrip(job->tiff, strip, job->block, job->block_bytes);
      if (n < 0 || (uint64_t)n < row * rows) return 0;
      put_block(job, 0, y, job->picture->width, rows, plane);
    }
  return 1;
}

// Bytes that one block must have for put_block to stay inside it.
static int block_fits(const tiff_job *job, int tiled) {
  uint32_t width = job->picture->width, height = 0;
  if (tiled) {
    TIFFGetField(job->tiff, TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(job->tiff, TIFFTAG_TILELENGTH, &height);
  } else {
    TIFFGetFieldDefaulted(job->tiff, TIFFTAG_ROWSPERSTRIP, &height);
    if (height > job->picture->height) height = job->picture->height;
  }
  int samples = job->layout.planar == PLANARCONFIG_SEPARATE ? 1 : job->layout.samples;
  uint64_t row = (uint64_t)width * samples * (job->layout.bits / 8);
  return job->block_bytes > 0 && row * height <= (uint64_t)job->block_bytes;
}

static dc_status read_blocks(tiff_job *job, tiff_source *source) {
  dc_message message = source->message;
  if (job->layout.compression == COMPRESSION_JPEG)
    TIFFSetField(job->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (job->layout.photometric == PHOTOMETRIC_PALETTE
      && !TIFFGetField(job->tiff, TIFFTAG_COLORMAP, &job->red, &job->green, &job->blue))
    return dc_fail(message, dc_damaged, "palette is missing");
  int tiled = TIFFIsTiled(job->tiff);
  job->block_bytes = tiled ? TIFFTileSize(job->tiff) : TIFFStripSize(job->tiff);
  if (!block_fits(job, tiled)) return dc_fail(message, dc_damaged, "strips do not fit the header");
  // No sound block is larger than 1 GiB, whatever a forged header says.
  job->block = job->block_bytes <= 1 << 30 ? malloc(job->block_bytes) : NULL;
  if (!job->block)
    return dc_fail(message, dc_damaged, "no memory for a block of %lld bytes",
                   (long long)job->block_bytes);
  int planes = job->layout.planar == PLANARCONFIG_SEPARATE ? colour_samples(&job->layout) : 1;
  int whole = tiled ? read_tiles(job, planes) : read_strips(job, planes);
  free(job->block);
  if (whole && source->status == dc_ok) return dc_ok;
  return source->status != dc_ok ? source->status
                                 : dc_fail(message, dc_truncated, "ends before its last strip");
}

dc_status dc_tiff_read(
  const uint8_t *bytes, size_t count, const dc_picture *picture, void *pixels,
  dc_message message) {
  tiff_source source = {.bytes = bytes, .count = count, .message = message};
  TIFF *tiff = open_tiff(&source);
  if (!tiff) return source.status;
  tiff_job job = {
    .tiff = tiff, .layout = layout_of(tiff), .picture = picture, .out = pixels};
  dc_status status = read_blocks(&job, &source);
  TIFFClose(tiff);
  return status;
}
