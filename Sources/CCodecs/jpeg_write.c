#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "message.h"

// One call's state. It lives in the caller of `guarded`, so that a longjmp leaves it intact.
typedef struct {
  struct jpeg_error_mgr errors;  // first: the library hands back a pointer to it
  struct jpeg_compress_struct encoder;
  struct jpeg_destination_mgr destination;
  jmp_buf jump;
  const dc_picture *picture;
  const uint8_t *pixels;
  const dc_jpeg_form *form;
  uint8_t *file;
  size_t capacity, count;
  dc_message message;
  dc_status status;
} jpeg_job;

static jpeg_job *job_of(j_compress_ptr encoder) { return (jpeg_job *)encoder->err; }

static void on_error(j_common_ptr encoder) {
  jpeg_job *job = (jpeg_job *)encoder->err;
  char text[JMSG_LENGTH_MAX];
  encoder->err->format_message(encoder, text);
  job->status = dc_fail(job->message, dc_refused, "%s", text);
  longjmp(job->jump, 1);
}

static void on_message(j_common_ptr encoder, int level) { (void)encoder, (void)level; }
static void print_nothing(j_common_ptr encoder) { (void)encoder; }

// Makes the file's memory larger and lets the encoder fill what lies behind the first `used` bytes.
static void make_room(jpeg_job *job, size_t used, size_t capacity) {
  uint8_t *file = realloc(job->file, capacity);
  if (!file) {
    job->status = dc_fail(job->message, dc_refused, "no memory for the file");
    longjmp(job->jump, 1);
  }
  job->file = file;
  job->capacity = capacity;
  job->destination.next_output_byte = file + used;
  job->destination.free_in_buffer = capacity - used;
}

static void start_file(j_compress_ptr encoder) {
  jpeg_job *job = job_of(encoder);
  make_room(job, 0, 4096 + (size_t)job->picture->width * job->picture->height / 2);
}

// Called when all is full; what next_output_byte says then is no longer true.
static boolean go_on(j_compress_ptr encoder) {
  jpeg_job *job = job_of(encoder);
  make_room(job, job->capacity, 2 * job->capacity);
  return TRUE;
}

static void end_file(j_compress_ptr encoder) {
  jpeg_job *job = job_of(encoder);
  job->count = job->capacity - job->destination.free_in_buffer;
}

static void choose_form(jpeg_job *job) {
  j_compress_ptr encoder = &job->encoder;
  encoder->image_width = job->picture->width;
  encoder->image_height = job->picture->height;
  encoder->input_components = job->picture->channels;
  encoder->in_color_space = job->picture->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(encoder);
  jpeg_set_quality(encoder, job->form->quality, TRUE);
  // The integer transform: the same file with and without vector instructions.
  encoder->dct_method = JDCT_ISLOW;
  if (job->picture->channels == 1) return;
  encoder->comp_info[0].h_samp_factor = job->form->across;
  encoder->comp_info[0].v_samp_factor = job->form->down;
}

static void write_all(jpeg_job *job) {
  j_compress_ptr encoder = &job->encoder;
  job->destination = (struct jpeg_destination_mgr){
    .init_destination = start_file, .empty_output_buffer = go_on, .term_destination = end_file};
  encoder->dest = &job->destination;
  choose_form(job);
  jpeg_start_compress(encoder, TRUE);
  size_t row = (size_t)job->picture->width * job->picture->channels;
  while (encoder->next_scanline < encoder->image_height) {
    JSAMPROW lines[16];
    for (size_t i = 0; i < 16; i++)
      lines[i] = (JSAMPROW)job->pixels + (encoder->next_scanline + i) * row;
    unsigned left = encoder->image_height - encoder->next_scanline;
    jpeg_write_scanlines(encoder, lines, left < 16 ? left : 16);
  }
  jpeg_finish_compress(encoder);
}

// Writes the file into job->file, which is the caller's to free.
static void encode(jpeg_job *job) {
  job->encoder.err = jpeg_std_error(&job->errors);
  job->errors.error_exit = on_error;
  job->errors.emit_message = on_message;
  job->errors.output_message = print_nothing;
  if (!setjmp(job->jump)) {
    jpeg_create_compress(&job->encoder);
    write_all(job);
  }
  jpeg_destroy_compress(&job->encoder);
}

dc_status dc_jpeg_write(
  const dc_picture *picture, const void *pixels, const dc_jpeg_form *form, dc_sink *sink,
  void *context, dc_message message) {
  jpeg_job job = {.picture = picture, .pixels = pixels, .form = form, .message = message};
  encode(&job);
  if (job.status == dc_ok) sink(context, job.file, job.count);
  free(job.file);
  return job.status;
}

dc_status dc_jpeg_save_and_open(
  const dc_picture *picture, void *pixels, const dc_jpeg_form *form, dc_message message) {
  jpeg_job job = {.picture = picture, .pixels = pixels, .form = form, .message = message};
  encode(&job);
  if (job.status == dc_ok)
    job.status = dc_jpeg_read(job.file, job.count, picture, pixels, message);
  free(job.file);
  return job.status;
}
