#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

#include "message.h"

// One call's state. It lives in the caller of `guarded`, so that a longjmp leaves it intact.
typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  dc_picture *header;         // info: to be filled in
  const dc_picture *picture;  // read, write: what the pixels are
  uint8_t *out;               // read: the pixels
  const uint8_t *in;          // write: the pixels
  int level;                  // write: how much time deflate takes, 0...9
  dc_sink *sink;
  void *context;
  dc_message message;
  dc_status status;
  png_structp png;
  png_infop info;
} png_job;

static void on_error(png_structp png, png_const_charp text) {
  png_job *job = png_get_error_ptr(png);
  // read_bytes has said "truncated" already; keep that.
  if (job->status == dc_ok) job->status = dc_fail(job->message, dc_damaged, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

// Runs `body` and returns here, whether it ends or fails.
static void guarded(png_job *job, void (*body)(png_job *)) {
  job->info = job->png ? png_create_info_struct(job->png) : NULL;
  if (!job->info) {
    job->status = dc_fail(job->message, dc_damaged, "no memory for the codec");
  } else if (!setjmp(png_jmpbuf(job->png))) {
    // The caller decides how large a picture may be; libpng's own limit would blur the message.
    png_set_user_limits(job->png, 0x7FFFFFFF, 0x7FFFFFFF);
    body(job);
  }
}

static dc_status reading(png_job *job, void (*body)(png_job *)) {
  job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
  guarded(job, body);
  png_destroy_read_struct(&job->png, &job->info, NULL);
  return job->status;
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  png_job *job = png_get_io_ptr(png);
  if (count > job->count - job->position) {
    job->status = dc_fail(job->message, dc_truncated, "ends after %zu bytes", job->count);
    png_error(png, "truncated");
  }
  memcpy(out, job->bytes + job->position, count);
  job->position += count;
}

static void read_header(png_job *job) {
  png_set_read_fn(job->png, job, read_bytes);
  png_read_info(job->png, job->info);
  int color = png_get_color_type(job->png, job->info);
  dc_picture *header = job->header;
  header->width = png_get_image_width(job->png, job->info);
  header->height = png_get_image_height(job->png, job->info);
  header->channels = color & PNG_COLOR_MASK_COLOR ? 3 : 1;
  header->depth = png_get_bit_depth(job->png, job->info) == 16 ? 16 : 8;
  header->has_alpha =
    color & PNG_COLOR_MASK_ALPHA || png_get_valid(job->png, job->info, PNG_INFO_tRNS);
}

static uint32_t big_endian(const uint8_t *b) {
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

dc_status dc_png_info(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message) {
  memset(picture, 0, sizeof *picture);
  if (count >= 24 && !memcmp(bytes + 12, "IHDR", 4)) {
    picture->width = big_endian(bytes + 16);
    picture->height = big_endian(bytes + 20);
    // libpng calls a side of 0 "invalid IHDR data"; the caller has a better sentence for it.
    if (!picture->width || !picture->height) return dc_ok;
  }
  png_job job = {.bytes = bytes, .count = count, .header = picture, .message = message};
  return reading(&job, read_header);
}

static size_t row_bytes(const dc_picture *picture) {
  return (size_t)picture->width * picture->channels * (picture->depth / 8);
}

static void to_native_order(png_job *job) {
  if (job->picture->depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
    png_set_swap(job->png);
}

static void read_pixels(png_job *job) {
  dc_picture header;
  job->header = &header;
  read_header(job);
  if (png_get_color_type(job->png, job->info) == PNG_COLOR_TYPE_PALETTE)
    png_set_palette_to_rgb(job->png);
  else if (png_get_bit_depth(job->png, job->info) < 8)
    png_set_expand_gray_1_2_4_to_8(job->png);
  png_set_strip_alpha(job->png);
  to_native_order(job);
  int passes = png_set_interlace_handling(job->png);
  png_read_update_info(job->png, job->info);
  size_t row = row_bytes(job->picture);
  if (png_get_rowbytes(job->png, job->info) != row || header.height != job->picture->height)
    png_error(job->png, "rows do not match the header");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < job->picture->height; y++)
      png_read_row(job->png, job->out + y * row, NULL);
  png_read_end(job->png, NULL);
}

dc_status dc_png_read(
  const uint8_t *bytes, size_t count, const dc_picture *picture, void *pixels,
  dc_message message) {
  png_job job = {
    .bytes = bytes, .count = count, .picture = picture, .out = pixels, .message = message};
  return reading(&job, read_pixels);
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  png_job *job = png_get_io_ptr(png);
  job->sink(job->context, bytes, count);
}

static void flush_nothing(png_structp png) { (void)png; }

static void write_all(png_job *job) {
  const dc_picture *picture = job->picture;
  png_set_write_fn(job->png, job, write_bytes, flush_nothing);
  // What libpng chooses for pictures of 8 and 16 bits, said here so that no version of it says otherwise.
  png_set_filter(job->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  png_set_compression_strategy(job->png, Z_FILTERED);
  png_set_compression_level(job->png, job->level);
  png_set_IHDR(
    job->png, job->info, picture->width, picture->height, picture->depth,
    picture->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(job->png, job->info);
  to_native_order(job);
  for (uint32_t y = 0; y < picture->height; y++)
    png_write_row(job->png, job->in + y * row_bytes(picture));
  png_write_end(job->png, NULL);
}

dc_status dc_png_write(
  const dc_picture *picture, const void *pixels, int level, dc_sink *sink, void *context,
  dc_message message) {
  png_job job = {
    .picture = picture, .in = pixels, .level = level, .sink = sink, .context = context,
    .message = message};
  job.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
  guarded(&job, write_all);
  png_destroy_write_struct(&job.png, &job.info);
  return job.status;
}
