/* encode.h - encodes a small picture for embedding into a page; private to src/thumb */
#ifndef LC_THUMB_ENCODE_H
#define LC_THUMB_ENCODE_H

#include "base/buffer.h"

#include <stdint.h>

/**
 * Append pixels as a JPEG in base64.
 *
 * @param rgb  width * height pixels of three bytes
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  RFC 4648 section 4.
 */
LC_MUST_CHECK enum lc_status lc_thumb_encode(const uint8_t *rgb, uint32_t width,
                                             uint32_t height, struct lc_buffer *out,
                                             struct lc_error *err);

#endif
