/* transcode.h - rewrites an image so that every loader reads the pixels that viewers show
 *
 * The result has one frame, upright, with 8 bits per sample, gray or RGB, without alpha
 * or palette. JPEG, PNG and WebP keep their format, others become PNG. The name stays. */
#ifndef LC_TRANSCODE_TRANSCODE_H
#define LC_TRANSCODE_TRANSCODE_H

#include "base/buffer.h"
#include "image/common/facts.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether images of some content and size can be rewritten: JPEG, PNG, WebP, GIF, BMP and
 * TIFF, within the limits of memory of the checker.
 *
 * @param mode   Pillow's
 * @param depth  bits of a sample as stored; 0 if unknown
 */
bool lc_transcode_can(enum lc_content content, struct lc_span mode, unsigned depth,
                      uint32_t width, uint32_t height);

/** Whether the format of an image stays; others become PNG. */
bool lc_transcode_keeps(enum lc_content content);

/** Bytes of memory that a picture takes, at most; 0 of a format that is not rewritten. */
uint64_t lc_transcode_memory(enum lc_content content, uint32_t width, uint32_t height);

/**
 * Rewrite an image that the checker found to be sound.
 *
 * The first frame alone is decoded, as Pillow does it; turned as its orientation says
 * (ImageOps.exif_transpose); put on white by its alpha (Image.paste with the alpha as
 * mask); reduced to 8 bits by its upper ones; and written without metadata. All but
 * JPEG lose nothing; a JPEG is encoded with quality 95 and without subsampling.
 *
 * @param content      what the bytes are
 * @param orientation  EXIF; 0 and 1 change nothing
 * @param out          overwritten; the same input gives the same bytes
 *
 * Errors:  LC_ERR_USAGE (it cannot be decoded), LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_transcode(const uint8_t *data, size_t size,
                                          enum lc_content content, unsigned orientation,
                                          struct lc_buffer *out, struct lc_error *err);

#endif
