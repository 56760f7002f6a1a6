/* decoder.h - what the decoders of all formats use: buffers, and verdicts */
#ifndef LC_IMAGE_COMMON_DECODER_H
#define LC_IMAGE_COMMON_DECODER_H

#include "base/error.h"
#include "image/common/facts.h"
#include "image/inflate/inflate.h"

#define ZLIB_CONST /* next_in may point to constant bytes */
#include <zlib.h>

/** What libjpeg can write in one row at most: JPEG_MAX_DIMENSION pixels of 4 bytes. */
#define LC_IMAGE_ROW_SIZE ((size_t)65500 * 4)

/** What Pillow inflates of one text or profile chunk at most (ImageFile.SAFEBLOCK). */
#define LC_IMAGE_TEXT_SIZE ((size_t)1024 * 1024)

/** What a stream may take that is inflated at once; larger ones are not. */
#define LC_IMAGE_MAX_ROOM (UINT64_C(64) << 20)

struct lc_jpeg_prover;

struct lc_image_scratch {
    uint8_t row[LC_IMAGE_ROW_SIZE];   /* pixels nobody looks at */
    uint8_t text[LC_IMAGE_TEXT_SIZE]; /* one inflated chunk */
    z_stream stream;                  /* reset before each use; one use at a time */
    struct lc_jpeg_prover *jpeg;
    struct lc_inflater inflater; /* for a PNG's or TIFF's pixels at once */
    uint8_t *room;               /* for such pixels; grows */
    size_t room_size;
};

/**
 * Set the verdict and its reason.
 *
 * @param info    its decode and detail are overwritten
 * @param decode  the verdict
 * @param format  one line; bytes that cannot be printed become '?', a long text is cut
 */
__attribute__((format(printf, 3, 4))) void lc_image_judge(struct lc_image_info *info,
                                                          enum lc_decode decode,
                                                          const char *format, ...);

/**
 * Count one repair of the decoder; the first one's text becomes the detail.
 *
 * @param text  printf's; as in lc_image_judge
 */
__attribute__((format(printf, 2, 3))) void lc_image_warn(struct lc_image_info *info,
                                                         const char *format, ...);

/** Make the scratch's room at least so large; what it held is lost. False: no memory. */
LC_MUST_CHECK bool lc_image_reserve(struct lc_image_scratch *scratch, size_t size);

/** The verdict for a picture that was read to its end: OK, or DAMAGED after warnings. */
void lc_image_accept(struct lc_image_info *info);

/**
 * Tell whether the picture is too large to be decoded; if so, say so in info.
 *
 * @return true: info is complete, decode is LC_DECODE_NONE and limited is set
 */
bool lc_image_over_limit(struct lc_image_info *info,
                         const struct lc_image_limits *limits);

/** A format's decoder: the contract is that of lc_image_inspect. */
typedef enum lc_status lc_image_inspect_fn(struct lc_image_scratch *scratch,
                                           const uint8_t *data, size_t size,
                                           const struct lc_image_limits *limits,
                                           struct lc_image_info *out,
                                           struct lc_error *err);

#endif
