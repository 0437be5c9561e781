#include <string.h>

#include <webp/decode.h>

#include "message.h"

static dc_status status_of(VP8StatusCode code, size_t count, dc_message message) {
  switch (code) {
    case VP8_STATUS_OK: return dc_ok;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return dc_fail(message, dc_truncated, "ends after %zu bytes", count);
    case VP8_STATUS_OUT_OF_MEMORY: return dc_fail(message, dc_damaged, "no memory for the decoder");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return dc_fail(message, dc_refused, "uses a WebP feature that the library cannot decode");
    default: return dc_fail(message, dc_damaged, "WebP bitstream is damaged");
  }
}

dc_status dc_webp_info(
  const uint8_t *bytes, size_t count, dc_picture *picture, dc_message message) {
  WebPBitstreamFeatures features;
  memset(picture, 0, sizeof *picture);
  dc_status status = status_of(WebPGetFeatures(bytes, count, &features), count, message);
  if (status != dc_ok) return status;
  if (features.has_animation) return dc_fail(message, dc_refused, "is an animated picture");
  *picture = (dc_picture){
    .width = features.width,
    .height = features.height,
    .channels = 3,
    .depth = 8,
    .has_alpha = features.has_alpha,
  };
  return dc_ok;
}

dc_status dc_webp_read(
  const uint8_t *bytes, size_t count, const dc_picture *picture, void *pixels,
  dc_message message) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) {
    return dc_fail(message, dc_damaged, "libwebp is of another version than its headers");
  }
  size_t row = (size_t)picture->width * 3;
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = (int)row;
  config.output.u.RGBA.size = row * picture->height;
  dc_status status = status_of(WebPDecode(bytes, count, &config), count, message);
  WebPFreeDecBuffer(&config.output);
  return status;
}
