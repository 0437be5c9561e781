// Picture files held in memory, decoded and encoded by the system's libraries.
//
// Every function is safe on hostile input: it returns a dc_status, puts one line of text into the
// caller's buffer when that is not dc_ok, writes nothing to stderr, and owns nothing afterwards.
// The libraries report errors by longjmp, which Swift frames must never see: hence this C.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  dc_ok = 0,
  dc_damaged,    // not what its first bytes promise; the text is the library's
  dc_truncated,  // ends before the last pixel
  dc_refused,    // sound, but of a kind not read here; the text names it
} dc_status;

// What a decoder gives: 1 (gray) or 3 (RGB) channels together, rows from the top, in samples of 8 or
// 16 bits, the latter in the machine's byte order. Palettes are expanded; alpha is left out.
typedef struct {
  uint32_t width, height;
  int channels;     // 1 or 3
  int depth;        // 8 or 16; 32 for the floats of a map
  int has_alpha;    // the file had alpha or a transparent colour
  int orientation;  // 1...8 as in EXIF; 0 where the library does not say
} dc_picture;

// The caller's buffer for one line of text.
typedef struct {
  char *text;
  size_t capacity;
} dc_message;

typedef dc_status dc_info_function(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message);
// `pixels` holds width * height * channels * depth / 8 bytes.
typedef dc_status dc_read_function(
  const uint8_t *bytes, size_t count, const dc_picture *picture, void *pixels, dc_message message);

dc_info_function dc_png_info, dc_jpeg_info, dc_tiff_info, dc_webp_info;
// Takes gray floats of 32 bits too, which are no picture but may be a map of depths.
dc_info_function dc_tiff_map_info;
dc_read_function dc_png_read, dc_jpeg_read, dc_tiff_read, dc_webp_read;

// Hands the pieces of a PNG file to `sink` in order: header, pixels and end, nothing else. Equal pixels give
// equal bytes at the same `level` of deflate, 0 (stored) ... 9, with the same versions of libpng and zlib.
typedef void dc_sink(void *context, const uint8_t *bytes, size_t count);
dc_status dc_png_write(
  const dc_picture *picture, const void *pixels, int level, dc_sink *sink, void *context,
  dc_message message);

// How a JPEG file is written: quality 1...100 by the tables of the IJG, and how many columns and rows
// of brightness share one colour, each 1 or 2.
typedef struct {
  int quality;
  int across, down;
} dc_jpeg_form;
// Hands a baseline JPEG file to `sink`, in one piece. No side may be longer than 65500.
dc_status dc_jpeg_write(
  const dc_picture *picture, const void *pixels, const dc_jpeg_form *form, dc_sink *sink,
  void *context, dc_message message);
// Replaces the pixels by what such a file gives back.
dc_status dc_jpeg_save_and_open(
  const dc_picture *picture, void *pixels, const dc_jpeg_form *form, dc_message message);

// The versions of the libraries in use, as text.
enum { DC_VERSION_SIZE = 32 };
typedef struct {
  char jpeg[DC_VERSION_SIZE], png[DC_VERSION_SIZE], tiff[DC_VERSION_SIZE], webp[DC_VERSION_SIZE];
  char zlib[DC_VERSION_SIZE];  // what PNG files are deflated by
} dc_versions;
void dc_find_versions(dc_versions *out);
