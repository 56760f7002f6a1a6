/* decoder.h - buffers and verdicts, shared by the decoders of all formats */
#ifndef LC_IMAGE_COMMON_DECODER_H
#define LC_IMAGE_COMMON_DECODER_H

#include "base/error.h"
#include "image/common/facts.h"
#include "image/inflate/inflate.h"

#define ZLIB_CONST /* makes next_in a pointer to const */
#include <zlib.h>

/** Largest row that libjpeg can output: JPEG_MAX_DIMENSION pixels of 4 bytes. */
#define LC_IMAGE_ROW_SIZE ((size_t)65500 * 4)

/** Maximum size to which Pillow inflates a text or profile chunk: ImageFile.SAFEBLOCK. */
#define LC_IMAGE_TEXT_SIZE ((size_t)1024 * 1024)

/** Largest buffer for inflating a stream in one go. */
#define LC_IMAGE_MAX_BUFFER (UINT64_C(64) << 20)

struct lc_jpeg_prover;

struct lc_image_scratch {
    uint8_t row[LC_IMAGE_ROW_SIZE];   /* output of a decoder, one row at a time */
    uint8_t text[LC_IMAGE_TEXT_SIZE]; /* one inflated chunk */
    z_stream stream;                  /* reset before each use; one use at a time */
    struct lc_jpeg_prover *jpeg;
    struct lc_inflater inflater; /* inflates the pixels of a PNG or TIFF in one go */
    uint8_t *buffer;             /* holds these pixels; grows */
    size_t buffer_size;
};

/**
 * Set the verdict and its reason.
 *
 * @param info    its decode and detail are overwritten
 * @param decode  the verdict
 * @param format  one line; unprintable bytes become '?', a long text is truncated
 */
__attribute__((format(printf, 3, 4))) void lc_image_judge(struct lc_image_info *info,
                                                          enum lc_decode decode,
                                                          const char *format, ...);

/**
 * Count a repair by the decoder; the text of the first repair becomes the detail.
 *
 * @param format  as in lc_image_judge
 */
__attribute__((format(printf, 2, 3))) void lc_image_warn(struct lc_image_info *info,
                                                         const char *format, ...);

/** Grow the scratch buffer to at least size; its contents are lost. False: out of
 * memory. */
LC_MUST_CHECK bool lc_image_reserve(struct lc_image_scratch *scratch, size_t size);

/** Set the verdict for a picture that was read to its end: OK, or DAMAGED if there were
 * warnings. */
void lc_image_accept(struct lc_image_info *info);

/** Set the verdict for a picture whose data ends after `rows` rows: TRUNCATED. */
void lc_image_cut_off(struct lc_image_info *info, uint64_t rows);

/**
 * Check whether the picture is too large to be decoded, and set the verdict if it is.
 *
 * @return true: info is complete, decode is LC_DECODE_NONE and limited is set
 */
bool lc_image_over_limit(struct lc_image_info *info,
                         const struct lc_image_limits *limits);

/** A format's decoder; the contract is the same as for lc_image_inspect. */
typedef enum lc_status lc_image_inspect_fn(struct lc_image_scratch *scratch,
                                           const uint8_t *data, size_t size,
                                           const struct lc_image_limits *limits,
                                           struct lc_image_info *out,
                                           struct lc_error *err);

#endif
