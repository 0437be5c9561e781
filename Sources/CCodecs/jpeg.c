#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "message.h"

// One call's state. It lives in the caller of `guarded`, so that a longjmp leaves it intact.
typedef struct {
  struct jpeg_error_mgr errors;  // first: the library hands back a pointer to it
  struct jpeg_decompress_struct decoder;
  jmp_buf jump;
  const uint8_t *bytes;
  size_t count;
  dc_picture *header;         // info: to be filled in
  const dc_picture *picture;  // read: what the pixels are
  uint8_t *out;               // read: the pixels
  dc_message message;
  dc_status status;
} jpeg_job;

static void fail(j_common_ptr decoder, dc_status status) {
  jpeg_job *job = (jpeg_job *)decoder->err;
  char text[JMSG_LENGTH_MAX];
  decoder->err->format_message(decoder, text);
  job->status = dc_fail(job->message, status, "%s", text);
  longjmp(job->jump, 1);
}

static void on_error(j_common_ptr decoder) {
  fail(decoder, decoder->err->msg_code == JERR_INPUT_EMPTY ? dc_truncated : dc_damaged);
}

// The library warns and goes on with gray pixels; such a picture is no clean source. Only warnings
// that leave every pixel as it was written are let pass.
static void on_message(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  switch (decoder->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA: return;
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER: fail(decoder, dc_truncated);
    default: fail(decoder, dc_damaged);
  }
}

static void print_nothing(j_common_ptr decoder) { (void)decoder; }

// Runs `body` and returns here, whether it ends or fails.
static dc_status guarded(jpeg_job *job, void (*body)(jpeg_job *)) {
  job->decoder.err = jpeg_std_error(&job->errors);
  job->errors.error_exit = on_error;
  job->errors.emit_message = on_message;
  job->errors.output_message = print_nothing;
  if (!setjmp(job->jump)) {
    jpeg_create_decompress(&job->decoder);
    body(job);
  }
  jpeg_destroy_decompress(&job->decoder);
  return job->status;
}

static int is_four_colour(const struct jpeg_decompress_struct *decoder) {
  return decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK;
}

static void read_header(jpeg_job *job) {
  jpeg_mem_src(&job->decoder, job->bytes, job->count);
  jpeg_read_header(&job->decoder, TRUE);
  if (is_four_colour(&job->decoder)) {
    job->status = dc_fail(
      job->message, dc_refused, "is a %s picture (print colours)",
      job->decoder.jpeg_color_space == JCS_CMYK ? "CMYK" : "YCCK");
    longjmp(job->jump, 1);
  }
  *job->header = (dc_picture){
    .width = job->decoder.image_width,
    .height = job->decoder.image_height,
    .channels = job->decoder.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3,
    .depth = 8,
  };
}

dc_status dc_jpeg_info(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message) {
  memset(picture, 0, sizeof *picture);
  jpeg_job job = {.bytes = bytes, .count = count, .header = picture, .message = message};
  return guarded(&job, read_header);
}

// libjpeg-turbo stores rows that begin at a multiple of 32 past the cache, and whoever reads them next
// waits. Room for a row that begins 16 bytes behind such a place.
static JSAMPROW detour(jpeg_job *job, size_t row) {
  j_common_ptr decoder = (j_common_ptr)&job->decoder;
  uint8_t *room = decoder->mem->alloc_large(decoder, JPOOL_IMAGE, row + 64);
  return room + 48 - ((uintptr_t)room & 31);
}

static void read_pixels(jpeg_job *job) {
  dc_picture header;
  job->header = &header;
  read_header(job);
  job->decoder.out_color_space = job->picture->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  // The integer transform: the same pixels with and without vector instructions.
  job->decoder.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&job->decoder);
  size_t row = (size_t)job->picture->width * job->picture->channels;
  JSAMPROW aside = detour(job, row);
  while (job->decoder.output_scanline < job->decoder.output_height) {
    uint8_t *place = job->out + job->decoder.output_scanline * row;
    JSAMPROW line = (uintptr_t)place & 31 ? place : aside;
    jpeg_read_scanlines(&job->decoder, &line, 1);
    if (line == aside) memcpy(place, aside, row);
  }
  jpeg_finish_decompress(&job->decoder);
}

dc_status dc_jpeg_read(
  const uint8_t *bytes, size_t count, const dc_picture *picture, void *pixels,
  dc_message message) {
  jpeg_job job = {
    .bytes = bytes, .count = count, .picture = picture, .out = pixels, .message = message};
  return guarded(&job, read_pixels);
}
