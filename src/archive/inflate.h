/* inflate.h - deflated data, without a container; private to src/archive */
#ifndef LC_ARCHIVE_INFLATE_H
#define LC_ARCHIVE_INFLATE_H

#include "archive/piece.h"
#include "base/error.h"

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

/** The CRC-32 of more data. */
uint32_t lc_archive_crc(uint32_t crc, const void *data, size_t size);

#endif
