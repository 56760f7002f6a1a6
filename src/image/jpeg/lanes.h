/* lanes.h - proves that a sequential scan's Huffman codes are MCU after MCU, exactly
 */
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
    LC_JPEG_MCU_BLOCKS = 10, /* blocks of an MCU at most: ITU-T T.81 B.2.3 */
    LC_JPEG_LANES = 4,       /* readers that run in turns, to hide each other's waiting */
    LC_JPEG_LOG = 1024,      /* look-ups in which a lane notes where MCUs begin */
    LC_JPEG_PADDING = 512,   /* readable bytes behind a stream: any block fits in them */
};

/** What the blocks of an MCU are coded with, in their order. */
struct lc_jpeg_mcu {
    uint32_t blocks;
    const struct lc_jpeg_pair *pairs[LC_JPEG_MCU_BLOCKS];
    uint8_t component[LC_JPEG_MCU_BLOCKS]; /* of the scan's */
};

/** A stretch of a scan between two restart markers, its stuffing removed. */
struct lc_jpeg_stream {
    size_t begin; /* in bytes */
    size_t end;
    uint64_t mcus;  /* that must be in it */
    uint64_t first; /* MCUs of the scan before it */
};

/** One reader on its way through a stream. */
struct lc_jpeg_lane {
    uint64_t at;    /* in bits */
    uint64_t stop;  /* where it may pause; no look-up reaches beyond the stream */
    uint32_t taken; /* coefficients of the block that are behind it */
    uint32_t block; /* the block, of the MCU's */
    uint32_t mcus;  /* MCUs behind it */
    uint32_t valid; /* the first MCU from which on it went without a fault */
    uint64_t *log;  /* where each MCU began, in bits; LC_JPEG_LOG + 2 of them */
};

/** Room for the lanes' logs. */
struct lc_jpeg_logs {
    uint64_t begins[LC_JPEG_LANES][LC_JPEG_LOG + 2];
};

/**
 * Prove that streams hold their MCUs: every code is one of its table, no block has more
 * than 64 coefficients, and behind the last MCU fewer than 8 bits are left.
 *
 * A long stream is read by several lanes. All but the first begin at a guess; Huffman
 * codes fall into step by themselves, mostly within some hundred bits. A guess is taken
 * for true only where the lane before it, which is known to be right, comes to the
 * beginning of an MCU that the guessing lane has begun, too: from the same bit, with the
 * same state, both read the same. So the proof is as strict as one reader's.
 *
 * @param bytes    the streams; LC_JPEG_PADDING bytes behind the last must be readable
 * @param streams  LC_JPEG_LANES at most
 * @param logs     overwritten
 * @return false: a stream is damaged; lc_jpeg_lanes_read says where
 *
 * Threads: any, with logs of its own.
 */
LC_MUST_CHECK bool lc_jpeg_lanes_prove(const struct lc_jpeg_mcu *mcu,
                                       const uint8_t *bytes,
                                       const struct lc_jpeg_stream *streams, size_t count,
                                       struct lc_jpeg_logs *logs);

/**
 * Read one stream with one reader, from its beginning to its first fault.
 *
 * Threads: any.
 * Source:  ITU-T T.81 F.1.2.2; libjpeg-turbo's jdhuff.c, which takes codes that do not
 *          exist for zeros, and overlooks coefficients past the last.
 */
LC_MUST_CHECK struct lc_jpeg_reading
lc_jpeg_lanes_read(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                   const struct lc_jpeg_stream *stream);

/**
 * Advance LC_JPEG_LANES lanes in turns until one has come to its stop.
 *
 * A lane that meets a fault begins anew one bit further, at the beginning of an MCU.
 *
 * @param look_ups  stop after so many of each lane, and note where MCUs begin; 0: go on,
 *                  and note nothing
 */
typedef void lc_jpeg_lanes_fn(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                              struct lc_jpeg_lane *lanes, uint32_t look_ups);

/** The kernel of each instruction set; NULL where this build has none. */
extern lc_jpeg_lanes_fn *const lc_jpeg_lanes_kernels[LC_ISA_COUNT];

enum { LC_JPEG_TURN = 8 }; /* look-ups of a lane between two looks at its stop */

/** Bits that a lane may take between two looks at its stop, at most. */
#define LC_JPEG_TURN_BITS ((uint64_t)LC_JPEG_TURN * LC_JPEG_BITS)

#endif
