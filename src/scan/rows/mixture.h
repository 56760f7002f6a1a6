/* mixture.h - counts rows, images, rounds and words by data source and by folder */
#ifndef LC_SCAN_ROWS_MIXTURE_H
#define LC_SCAN_ROWS_MIXTURE_H

#include "base/error.h"
#include "index/index.h"

struct lc_mixture;

/**
 * Create an empty mixture.
 *
 * Owner:   the caller, lc_mixture_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_mixture_new(struct lc_mixture **out,
                                            struct lc_error *err);
void lc_mixture_free(struct lc_mixture *mixture);

/**
 * Count a row. Memory is bounded: the first 10,000 names of each kind are counted one by
 * one, all later ones together under "…".
 *
 * @param source  its data_source, or empty
 * @param path    of its first image, or empty
 * @param images, rounds, words the number that it has of each
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_mixture_add(struct lc_mixture *mixture,
                                            struct lc_span source, struct lc_span path,
                                            uint64_t images, uint64_t rounds,
                                            uint64_t words, struct lc_error *err);

/** Store the counts, each kind in descending order of rows, then by name. Errors: those
 * of lc_index_add_share. */
LC_MUST_CHECK enum lc_status lc_mixture_store(struct lc_mixture *mixture,
                                              struct lc_index_writer *writer,
                                              struct lc_error *err);

#endif
