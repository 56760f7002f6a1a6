/* image.h - inspects the bytes of an image file: their format, and whether they decode */
#ifndef LC_IMAGE_IMAGE_H
#define LC_IMAGE_IMAGE_H

#include "base/error.h"
#include "image/common/facts.h"

struct lc_image_scratch; /* buffers and decoder state that a thread reuses */

/**
 * Allocate the buffers that one worker needs.
 *
 * @param out  set on success
 *
 * Owner:   the caller, until lc_image_scratch_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one scratch per thread.
 */
LC_MUST_CHECK enum lc_status lc_image_scratch_new(struct lc_image_scratch **out,
                                                  struct lc_error *err);
void lc_image_scratch_free(struct lc_image_scratch *scratch);

/** Free the buffers that have grown for large images; they are allocated again on
 * demand. */
void lc_image_scratch_trim(struct lc_image_scratch *scratch);

/**
 * Inspect an image file's bytes.
 *
 * @param scratch  this thread's buffers
 * @param data     the whole file
 * @param size     its size in bytes; may be 0
 * @param limits   lc_image_limits_default, or the caller's
 * @param out      overwritten; set on success
 *
 * Owner:   data is only read and not retained; all pointers in out are static.
 * Errors:  LC_ERR_MEMORY. Bad pixels are facts in out, never an error.
 * Threads: any, with its own scratch.
 * Source:  Pillow, whose verdicts the decoders follow, with LOAD_TRUNCATED_IMAGES off:
 *          JpegImagePlugin.py, JpegDecode.c, PngImagePlugin.py, ZipDecode.c,
 *          GifImagePlugin.py, GifDecode.c, BmpImagePlugin.py, WebPImagePlugin.py,
 *          _webp.c, TiffImagePlugin.py, TiffDecode.c, RawDecode.c, ImageFile.py.
 */
LC_MUST_CHECK enum lc_status lc_image_inspect(struct lc_image_scratch *scratch,
                                              const uint8_t *data, size_t size,
                                              const struct lc_image_limits *limits,
                                              struct lc_image_info *out,
                                              struct lc_error *err);

/**
 * Increment this whenever the facts about any file change, be it a verdict or a detail.
 * Facts stored under another number are not reused.
 */
#define LC_IMAGE_FACTS 9

/** List the names and versions of the decoding libraries on one line. */
void lc_image_libraries(char *out, size_t size);

/**
 * Return the content that a file name's suffix indicates.
 *
 * @param path  NUL-terminated; only its suffix is read, case-insensitively
 * @return the content, or LC_CONTENT_UNKNOWN for any other suffix
 */
enum lc_content lc_image_content_of_name(const char *path);

/** Return the usual suffix for a content, e.g. ".jpg"; NULL if its format is not decoded.
 * Static. */
const char *lc_image_suffix_of(enum lc_content content);

#endif
