/* prover.h - shared by the parts of the JPEG proof, private to them */
#ifndef LC_IMAGE_JPEG_PROVER_H
#define LC_IMAGE_JPEG_PROVER_H

#include "image/jpeg/blank.h"
#include "image/jpeg/fast.h"
#include "image/jpeg/frame.h"
#include "image/jpeg/lanes.h"
#include "image/jpeg/stream.h"

enum { LC_JPEG_PAIRS = 4 };

struct lc_jpeg_prover {
    struct lc_jpeg_buffer buffer;
    struct lc_jpeg_logs logs;
    struct lc_jpeg_pair pairs[LC_JPEG_PAIRS]; /* cache, kept from picture to picture */
    unsigned next_pair;                       /* index of the pair to overwrite next */
    uint64_t *masks;      /* per block of a progressive picture: which AC terms are
                             non-zero */
    size_t mask_capacity; /* in blocks */
    struct lc_jpeg_blank blank;
};

/** Position in a scan that is split into restart intervals. */
struct lc_jpeg_intervals {
    struct lc_jpeg_source source;
    const struct lc_jpeg_scan *scan;
    uint64_t mcus;    /* MCUs of the scan that are not yet in a stream */
    uint32_t restart; /* MCUs per interval; 0: the scan is one interval */
    uint32_t number;  /* intervals so far */
};

/**
 * Unstuff the next restart intervals of a scan.
 *
 * @param bytes    receives their data, back to back
 * @param streams  set; at most `capacity`
 * @return number of streams; 0: damage, the walk has stopped
 */
size_t lc_jpeg_intervals_next(struct lc_jpeg_walk *walk,
                              struct lc_jpeg_intervals *intervals, uint8_t *bytes,
                              struct lc_jpeg_stream *streams, size_t capacity);

/**
 * Check the result of reading one interval, and report its fault as damage.
 *
 * @param reading  covers the whole interval, or ends at its first fault; bytes left over
 *                 after the last MCU are detected here
 * @return false: damage, the walk has stopped
 */
LC_MUST_CHECK bool lc_jpeg_intervals_check(struct lc_jpeg_walk *walk,
                                           const struct lc_jpeg_intervals *intervals,
                                           const uint8_t *bytes,
                                           const struct lc_jpeg_stream *stream,
                                           const struct lc_jpeg_reading *reading);

/**
 * Prove a sequential scan.
 *
 * @param walk  at the scan's data; advanced past it
 * @return false: the walk has stopped, at damage or at data that cannot be parsed
 */
LC_MUST_CHECK bool lc_jpeg_prove_sequential(struct lc_jpeg_prover *prover,
                                            struct lc_jpeg_walk *walk,
                                            const struct lc_jpeg_scan *scan);

/** Prove a progressive scan, likewise. */
LC_MUST_CHECK bool lc_jpeg_prove_progressive(struct lc_jpeg_prover *prover,
                                             struct lc_jpeg_walk *walk,
                                             const struct lc_jpeg_scan *scan);

#endif
