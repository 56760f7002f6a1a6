/* inflate.h - deflated data, without a container; private to src/archive */
#ifndef LC_ARCHIVE_INFLATE_H
#define LC_ARCHIVE_INFLATE_H

#include "archive/internal.h"
#include "archive/piece.h"

struct lc_inflater;

LC_MUST_CHECK enum lc_status lc_inflater_new(struct lc_inflater **out,
                                             struct lc_error *err);
void lc_inflater_free(struct lc_inflater *inflater);

/** Begin with new data. */
void lc_inflater_reset(struct lc_inflater *inflater);

/** Inflate a piece. If it returns LC_PIECE_CONTINUES without using or producing anything,
 * it needs more of both. */
enum lc_piece_result lc_inflater_run(struct lc_inflater *inflater,
                                     struct lc_piece *piece);

/** Whether a block begins right after the last piece. *bits is then set to the number of
 * bits before the next input byte that belong to the block. */
bool lc_inflater_is_at_block(const struct lc_inflater *inflater, unsigned *bits);

/**
 * Have zlib begin in the middle of data.
 *
 * @param byte    the byte in which the block begins
 * @param bits    number of its bits that do not belong to the block; 0 to 7
 * @param window  the uncompressed bytes before the block
 * @return false if an allocation failed, or the window is invalid
 */
bool lc_inflater_begin_at(struct lc_inflater *inflater, uint8_t byte, unsigned bits,
                          const uint8_t *window, size_t size);

/** Data inflated so far. */
struct lc_inflated {
    uint64_t at;   /* their start in the file */
    uint64_t size; /* their size when inflated */
    uint32_t crc;  /* of the inflated bytes */
};

/** Whether data reported as bad may still be good: a faster library than zlib refused
 * them. */
bool lc_inflater_is_in_doubt(const struct lc_inflater *inflater);

/**
 * Have zlib inflate the same data again, and all data from there on.
 *
 * @param at       set to the offset in the file at which to continue
 * @param is_same  set to whether zlib produced the same bytes so far
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_inflater_again(struct lc_inflater *inflater,
                                               const struct lc_input *input,
                                               const struct lc_inflated *known,
                                               uint64_t *at, bool *is_same,
                                               struct lc_error *err);

/** Continue a CRC-32 with more data. */
uint32_t lc_archive_crc(uint32_t crc, const void *data, size_t size);

#endif
