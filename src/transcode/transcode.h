/* transcode.h - rewrites an image so that every loader reads the pixels that viewers show
 *
 * The result has one frame, is upright, and has 8 bits per sample, gray or RGB, without
 * alpha or palette. JPEG, PNG and WebP keep their format, others become PNG. The name
 * does not change. */
#ifndef LC_TRANSCODE_TRANSCODE_H
#define LC_TRANSCODE_TRANSCODE_H

#include "base/buffer.h"
#include "image/common/facts.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether images of this content and size can be rewritten: JPEG, PNG, WebP, GIF, BMP and
 * TIFF, within the checker's memory limits.
 *
 * @param mode   Pillow's mode
 * @param depth  bits per sample as stored; 0 if unknown
 */
bool lc_transcode_can(enum lc_content content, struct lc_span mode, unsigned depth,
                      uint32_t width, uint32_t height);

/** Whether an image keeps its format when rewritten; otherwise it becomes PNG. */
bool lc_transcode_keeps(enum lc_content content);

/** Pictures with more pixels than this are not scaled down; no JPEG has as many. */
#define LC_TRANSCODE_LARGEST (UINT64_C(1) << 32)

/** Maximum number of pixels left when a picture is scaled down. */
#define LC_TRANSCODE_SCALED (UINT64_C(1) << 26)

/** Return the factor by which a picture is scaled down: 1, or for a JPEG or PNG with more
 * pixels than Pillow allows, the smallest that leaves at most LC_TRANSCODE_SCALED. */
uint32_t lc_transcode_factor(enum lc_content content, uint32_t width, uint32_t height);

/** Return how many bytes of memory rewriting a picture takes at most. */
uint64_t lc_transcode_memory(enum lc_content content, uint32_t width, uint32_t height);

/**
 * Rewrite an image that the checker found sound.
 *
 * Only the first frame is decoded, the way Pillow does it. It is turned as its
 * orientation says (ImageOps.exif_transpose), put on white by its alpha (Image.paste with
 * the alpha as mask), reduced to the upper 8 bits, scaled down (Image.reduce), and
 * written without metadata. Nothing is lost except in a JPEG, which is encoded with
 * quality 95 and without subsampling.
 *
 * @param content      the content type of the bytes
 * @param orientation  from EXIF; 0 and 1 change nothing
 * @param factor       from lc_transcode_factor
 * @param out          overwritten; the same input yields the same bytes
 *
 * Errors:  LC_ERR_USAGE (the image cannot be decoded), LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_transcode(const uint8_t *data, size_t size,
                                          enum lc_content content, unsigned orientation,
                                          uint32_t factor, struct lc_buffer *out,
                                          struct lc_error *err);

#endif
