/* piece.h - a piece of compressed data to decode; private to src/archive */
#ifndef LC_ARCHIVE_PIECE_H
#define LC_ARCHIVE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The result of decoding a piece. */
enum lc_piece_result {
    LC_PIECE_CONTINUES,
    LC_PIECE_ENDS, /* the frame or the deflated data end; more of *from may follow */
    LC_PIECE_BAD_DATA,
    LC_PIECE_BAD_CHECKSUM,
    LC_PIECE_TOO_LARGE, /* it needs more memory than allowed */
    LC_PIECE_NO_MEMORY,
};

#define LC_PIECE_BACK 8

/** A piece of compressed data. */
struct lc_piece {
    const uint8_t *from;
    size_t from_size;
    uint8_t *to;
    size_t to_size;
    bool stops;       /* stop at the start of a block, if possible */
    size_t used, got; /* set to the bytes used of from, and produced in to */
    size_t back;      /* set to the number of bytes before from + used that were not
                       * needed after all; at most LC_PIECE_BACK, perhaps some of the
                       * previous piece */
};

#endif
