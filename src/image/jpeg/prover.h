/* prover.h - what the parts of the proof of a JPEG share, and nobody else */
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
    struct lc_jpeg_pair pairs[LC_JPEG_PAIRS]; /* of this picture or one before */
    unsigned next_pair;                       /* which to overwrite next */
    uint64_t *masks;  /* of a progressive picture's blocks: which terms are not zero */
    size_t mask_room; /* blocks */
    struct lc_jpeg_blank blank;
};

/** Where a scan's stretches between restart markers come from. */
struct lc_jpeg_intervals {
    struct lc_jpeg_source source;
    const struct lc_jpeg_scan *scan;
    uint64_t mcus;    /* of the scan that are still to come */
    uint32_t restart; /* MCUs of a stretch; 0: one stretch */
    uint32_t number;  /* stretches that were taken */
};

/**
 * Take the next stretches of a scan.
 *
 * @param bytes    where they are written, one behind another
 * @param streams  set; at most `room`
 * @return how many; 0: the walk stops at damage
 */
size_t lc_jpeg_intervals_take(struct lc_jpeg_walk *walk,
                              struct lc_jpeg_intervals *intervals, uint8_t *bytes,
                              struct lc_jpeg_stream *streams, size_t room);

/**
 * Judge what a stretch was read to.
 *
 * @param reading  of all of the stretch, or to a fault; what is left over is found here
 * @return false: the walk stops at damage
 */
LC_MUST_CHECK bool lc_jpeg_intervals_accept(struct lc_jpeg_walk *walk,
                                            const struct lc_jpeg_intervals *intervals,
                                            const uint8_t *bytes,
                                            const struct lc_jpeg_stream *stream,
                                            const struct lc_jpeg_reading *reading);

/**
 * Prove a sequential scan.
 *
 * @param walk  behind the scan's header; set behind its data
 * @return false: the walk stops, at damage or what cannot be read
 */
LC_MUST_CHECK bool lc_jpeg_prove_sequential(struct lc_jpeg_prover *prover,
                                            struct lc_jpeg_walk *walk,
                                            const struct lc_jpeg_scan *scan);

/** The same for a progressive scan. */
LC_MUST_CHECK bool lc_jpeg_prove_progressive(struct lc_jpeg_prover *prover,
                                             struct lc_jpeg_walk *walk,
                                             const struct lc_jpeg_scan *scan);

#endif
