/* lanes.h - proves that a sequential scan decodes to exactly its number of MCUs */
#ifndef LC_IMAGE_JPEG_LANES_H
#define LC_IMAGE_JPEG_LANES_H

#include "base/error.h"
#include "base/isa.h"
#include "image/jpeg/codes.h"
#include "image/jpeg/damage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LC_JPEG_MCU_BLOCKS = 10, /* maximum blocks of an MCU: ITU-T T.81 B.2.3 */
    LC_JPEG_LANES = 4,       /* readers, interleaved to hide the latency of loads */
    LC_JPEG_LOG = 1024,      /* lookups during which a lane logs where MCUs begin */
    LC_JPEG_PADDING = 512,   /* readable bytes past a stream: more than any block takes */
};

/** The codes of an MCU's blocks, in decoding order. */
struct lc_jpeg_mcu {
    uint32_t blocks;
    const struct lc_jpeg_pair *pairs[LC_JPEG_MCU_BLOCKS];
    uint8_t component[LC_JPEG_MCU_BLOCKS]; /* index in the scan */
};

/** One restart interval of a scan (the whole scan if it has no restarts), unstuffed. */
struct lc_jpeg_stream {
    size_t begin; /* in bytes */
    size_t end;
    uint64_t mcus;  /* MCUs that it must contain */
    uint64_t first; /* MCUs of the scan that precede it */
};

/** The state of one reader. The next symbol depends only on at, block and coef. */
struct lc_jpeg_lane {
    uint64_t at;    /* bit position */
    uint64_t stop;  /* the lane may pause from here on: no lookup before this reads past
                       the end */
    uint32_t coef;  /* coefficients of the current block decoded so far */
    uint32_t block; /* current block of the MCU */
    uint32_t mcus;  /* MCUs completed */
    uint32_t valid; /* its log is free of faults from this MCU on */
    uint64_t *log;  /* bit position at which each MCU began; LC_JPEG_LOG + 2 entries */
};

/** Memory for the lanes' logs. */
struct lc_jpeg_logs {
    uint64_t begins[LC_JPEG_LANES][LC_JPEG_LOG + 2];
};

/**
 * Prove that streams contain exactly their MCUs: every code is assigned and has a
 * meaning, no block has more than 64 coefficients, and fewer than 8 bits follow the last
 * MCU.
 *
 * The result is the same as a single reader's; lanes.c explains why.
 *
 * @param bytes    the streams; LC_JPEG_PADDING bytes past the last one may be read
 * @param streams  at most LC_JPEG_LANES
 * @param logs     scratch memory
 * @return false: a stream is damaged; lc_jpeg_lanes_read finds out where
 *
 * Threads: any, with its own logs.
 */
LC_MUST_CHECK bool lc_jpeg_lanes_prove(const struct lc_jpeg_mcu *mcu,
                                       const uint8_t *bytes,
                                       const struct lc_jpeg_stream *streams, size_t count,
                                       struct lc_jpeg_logs *logs);

/**
 * Decode one stream with a single reader up to its first fault.
 *
 * Threads: any.
 * Source:  ITU-T T.81 F.1.2.2; libjpeg-turbo's jdhuff.c, which decodes unassigned codes
 *          as zeros and ignores coefficients past the last.
 */
LC_MUST_CHECK struct lc_jpeg_reading
lc_jpeg_lanes_read(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                   const struct lc_jpeg_stream *stream);

/**
 * Advance all LC_JPEG_LANES lanes in turn until one of them reaches its stop.
 *
 * A lane that hits a fault restarts one bit further on, at the beginning of an MCU.
 *
 * @param lookups  if not 0, pause after this many lookups per lane, and log where MCUs
 *                 begin; if 0, run on without logging
 */
typedef void lc_jpeg_lanes_fn(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                              struct lc_jpeg_lane *lanes, uint32_t lookups);

/** The kernel for each instruction set; NULL if this build has none. */
extern lc_jpeg_lanes_fn *const lc_jpeg_lanes_kernels[LC_ISA_COUNT];

enum { LC_JPEG_TURN = 8 }; /* lookups per lane between two checks of its stop */

/** Most bits that a lane consumes between two checks of its stop. */
#define LC_JPEG_TURN_BITS ((uint64_t)LC_JPEG_TURN * LC_JPEG_BITS)

#endif
