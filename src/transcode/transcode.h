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

/** Larger pictures than this are not scaled down: more pixels than any JPEG has. */
#define LC_TRANSCODE_LARGEST (UINT64_C(1) << 32)

/** Most pixels of a picture that is scaled down. */
#define LC_TRANSCODE_SCALED (UINT64_C(1) << 26)

/** The factor by which a picture is scaled down: 1, or, of a JPEG or PNG with more pixels
 * than Pillow allows, the smallest that leaves at most LC_TRANSCODE_SCALED. */
uint32_t lc_transcode_factor(enum lc_content content, uint32_t width, uint32_t height);

/** Bytes of memory that a picture takes, at most. */
uint64_t lc_transcode_memory(enum lc_content content, uint32_t width, uint32_t height);

/**
 * Rewrite an image that the checker found to be sound.
 *
 * The first frame alone is decoded, as Pillow does it; turned as its orientation says
 * (ImageOps.exif_transpose); put on white by its alpha (Image.paste with the alpha as
 * mask); reduced to 8 bits by its upper ones; scaled down (Image.reduce); and written
 * without metadata. All but JPEG lose nothing; a JPEG is encoded with quality 95 and
 * without subsampling.
 *
 * @param content      what the bytes are
 * @param orientation  EXIF; 0 and 1 change nothing
 * @param factor       lc_transcode_factor
 * @param out          overwritten; the same input gives the same bytes
 *
 * Errors:  LC_ERR_USAGE (it cannot be decoded), LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_transcode(const uint8_t *data, size_t size,
                                          enum lc_content content, unsigned orientation,
                                          uint32_t factor, struct lc_buffer *out,
                                          struct lc_error *err);

#endif
