/* client.h - runs libtiff on bytes in memory and catches its messages */
#ifndef LC_IMAGE_TIFF_CLIENT_H
#define LC_IMAGE_TIFF_CLIENT_H

#include "base/bytes.h"
#include "image/common/decoder.h"

#include <tiffio.h>

/** The bytes that libtiff reads, and what it reported. The caller sets bytes and info. */
struct lc_tiff_client {
    struct lc_bytes bytes;
    struct lc_image_info *info;
    uint64_t at;       /* file position */
    bool reading;      /* pixels are being read: messages count as warnings */
    bool over_limit;   /* libtiff tried to allocate more than max_memory */
    char message[120]; /* libtiff's first error */
};

/**
 * Open a TIFF as Pillow does: for reading, mapped, with large strips chopped.
 *
 * @param limits  max_memory bounds each of libtiff's allocations
 *
 * Owner:   the caller, until TIFFClose; the client must live until then.
 * Errors:  NULL; the client has the message.
 * Threads: any; libtiff's own handlers are not touched.
 */
TIFF *lc_tiff_open(struct lc_tiff_client *client, const struct lc_image_limits *limits);

#endif
