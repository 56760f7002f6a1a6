/* inflate.h - inflates a whole zlib stream of known size, or says that it cannot */
#ifndef LC_IMAGE_INFLATE_INFLATE_H
#define LC_IMAGE_INFLATE_INFLATE_H

#include "base/error.h"
#include "base/bytes.h"
#include "image/inflate/codes.h"

#include <stdbool.h>

/** Bytes behind the output that are written to as well. */
#define LC_INFLATE_SLACK 512

/** Decoding tables; nothing in them outlives a call but what a fixed code is. */
struct lc_inflater {
    uint32_t literals[LC_LITERAL_ROOM];
    uint32_t distances[LC_DISTANCE_ROOM];
    uint8_t lengths[LC_CODE_SYMBOLS + 32];
    bool fixed; /* the tables hold the fixed codes */
};

/**
 * Inflate a stream.
 *
 * Whatever it takes, zlib's inflate() takes as well and makes the same bytes of; that is
 * why it is not libdeflate, which takes some streams that zlib refuses: codes that are
 * incomplete, symbols that do not exist, repeated lengths beyond their end. What zlib
 * takes is refused only if no compressor writes it.
 *
 * @param stream  all of it, and nothing behind it
 * @param out     room for size bytes and LC_INFLATE_SLACK more
 * @param size    bytes that the stream must have, neither more nor fewer
 * @return true: out is filled, and the stream's checksum is right. false: the stream is
 *         broken, or has another size, or is odd; out holds anything
 *
 * Threads: one inflater per thread.
 * Source:  RFC 1950, RFC 1951; zlib 1.2.13 inflate.c and inftrees.c for what is an error.
 */
LC_MUST_CHECK bool lc_inflate(struct lc_inflater *inflater, struct lc_bytes stream,
                              uint8_t *out, size_t size);

#endif
