/* inflate.h - inflates a complete zlib stream of known size */
#ifndef LC_IMAGE_INFLATE_INFLATE_H
#define LC_IMAGE_INFLATE_INFLATE_H

#include "base/error.h"
#include "base/bytes.h"
#include "image/inflate/codes.h"

#include <stdbool.h>

/** Bytes past the output that may be overwritten. */
#define LC_INFLATE_SLACK 512

/** Decoding tables; only the tables of the fixed codes are kept from call to call. */
struct lc_inflater {
    uint32_t literals[LC_LITERAL_ENTRIES];
    uint32_t distances[LC_DISTANCE_ENTRIES];
    uint8_t lengths[LC_CODE_SYMBOLS + 32];
    bool fixed; /* the tables hold the fixed codes */
};

/**
 * Inflate a stream.
 *
 * zlib's inflate() accepts every stream that this accepts, with the same output;
 * inflate.c explains why. The reverse does not hold: if this returns false, ask zlib.
 *
 * @param stream  the whole stream and nothing after it
 * @param out     has capacity for size + LC_INFLATE_SLACK bytes
 * @param size    exact number of bytes that the stream must inflate to
 * @return true: out is filled, and the checksum is correct. false: the stream is corrupt,
 *         has another size or is unusual; the contents of out are undefined
 *
 * Threads: one inflater per thread.
 * Source:  RFC 1950, RFC 1951; zlib 1.2.13 inflate.c and inftrees.c for what counts as an
 *          error.
 */
LC_MUST_CHECK bool lc_inflate(struct lc_inflater *inflater, struct lc_bytes stream,
                              uint8_t *out, size_t size);

#endif
