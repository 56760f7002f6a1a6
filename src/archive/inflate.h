/* inflate.h - deflated data, without a container; private to src/archive */
#ifndef LC_ARCHIVE_INFLATE_H
#define LC_ARCHIVE_INFLATE_H

#include "archive/internal.h"
#include "archive/piece.h"

struct lc_inflater;

LC_MUST_CHECK enum lc_status lc_inflater_new(struct lc_inflater **out,
                                             struct lc_error *err);
void lc_inflater_free(struct lc_inflater *inflater);

/** Begin other data. */
void lc_inflater_reset(struct lc_inflater *inflater);

/** Inflate a piece. If it continues and nothing was used or got, it needs more of both.
 */
enum lc_piece_result lc_inflater_run(struct lc_inflater *inflater,
                                     struct lc_piece *piece);

/** Whether a block begins after the last piece, and not within it; *bits is then set to
 * the number of bits before the next byte of input that belong to the block. */
bool lc_inflater_is_at_block(const struct lc_inflater *inflater, unsigned *bits);

/**
 * Have zlib begin within data.
 *
 * @param byte    the one in which the block begins
 * @param bits    of it, the number that do not belong to the block; 0 to 7
 * @param window  the bytes before it
 * @return false if there is no memory for it, or the window is none
 */
bool lc_inflater_begin_at(struct lc_inflater *inflater, uint8_t byte, unsigned bits,
                          const uint8_t *window, size_t size);

/** Data that were inflated so far. */
struct lc_inflated {
    uint64_t at;   /* where they begin in the file */
    uint64_t size; /* the number of bytes that they became */
    uint32_t crc;  /* theirs */
};

/** Whether bad data are in doubt: a faster library than zlib refused them. */
bool lc_inflater_is_in_doubt(const struct lc_inflater *inflater);

/**
 * Have zlib inflate the same data again, and from there on all of them.
 *
 * @param at       set to where to continue in the file
 * @param is_same  set to whether zlib got the same bytes so far
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_inflater_again(struct lc_inflater *inflater,
                                               const struct lc_input *input,
                                               const struct lc_inflated *known,
                                               uint64_t *at, bool *is_same,
                                               struct lc_error *err);

/** The CRC-32 of more data. */
uint32_t lc_archive_crc(uint32_t crc, const void *data, size_t size);

#endif
