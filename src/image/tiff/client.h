/* client.h - libtiff on bytes in memory, its messages kept from the terminal */
#ifndef LC_IMAGE_TIFF_CLIENT_H
#define LC_IMAGE_TIFF_CLIENT_H

#include "base/bytes.h"
#include "image/common/decoder.h"

#include <tiffio.h>

/** What libtiff reads from, and what came of it. Bytes and info are set before. */
struct lc_tiff_client {
    struct lc_bytes bytes;
    struct lc_image_info *info;
    uint64_t at;       /* where reading goes on */
    bool reading;      /* pixels: what libtiff complains of now has been repaired */
    bool over_limit;   /* libtiff asked for more memory than it may have */
    char message[120]; /* libtiff's first error */
};

/**
 * Open a TIFF as Pillow does: to be read, mapped, large strips chopped.
 *
 * @param limits  max_memory bounds each of libtiff's allocations
 *
 * Owner:   the caller, until TIFFClose; the client must live as long.
 * Errors:  NULL, with the client's message.
 * Threads: any; libtiff's own handlers are not touched.
 */
TIFF *lc_tiff_open(struct lc_tiff_client *client, const struct lc_image_limits *limits);

#endif
