/* samples.h - the samples of shards that were read ahead of the rows stage
 *
 * A shard is read once: its images are checked, and its samples are kept here for the
 * rows stage, in a spool. Any number of shards are read at a time, each by one thread;
 * then the rows stage gets the samples shard by shard, with the hashes of their images.
 */
#ifndef LC_SCAN_SHARDS_SAMPLES_H
#define LC_SCAN_SHARDS_SAMPLES_H

#include "base/hash.h"
#include "base/map.h"
#include "dataset/shard.h"
#include "store/folder.h"

struct lc_samples;

/**
 * Make an empty collection.
 *
 * @param files   number of rows files; some of them are shards
 * @param folder  for a temporary file, as in lc_index_scratch
 *
 * Owner:   the caller, lc_samples_free.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_samples_new(size_t files, const char *folder,
                                            struct lc_samples **out,
                                            struct lc_error *err);
void lc_samples_free(struct lc_samples *samples); /* NULL-safe */

/* ---- reading shards ---- */

/**
 * Add the next sample of a shard.
 *
 * @param file        the number of its rows file
 * @param is_written  set to whether a block of samples is complete
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO.
 * Threads: any; one at a time for each file.
 */
LC_MUST_CHECK enum lc_status lc_samples_add(struct lc_samples *samples, size_t file,
                                            const struct lc_sample *sample,
                                            bool *is_written, struct lc_error *err);

/** Add what is known at the end of a shard, and the facts of its file: from now on,
 * lc_samples_have it. Errors, threads: as lc_samples_add. */
LC_MUST_CHECK enum lc_status lc_samples_end(struct lc_samples *samples, size_t file,
                                            const struct lc_shard_end *end,
                                            const struct lc_file_facts *facts,
                                            struct lc_error *err);

/** Drop the samples of a shard, which the rows stage will read. */
void lc_samples_drop(struct lc_samples *samples, size_t file);

/** Note that a shard could not be read: lc_samples_begin returns this error. */
void lc_samples_fail(struct lc_samples *samples, size_t file,
                     const struct lc_error *error);

/** A new number for an image: lc_sample.numbers. Any thread. */
uint32_t lc_samples_number(struct lc_samples *samples);

/** Set the hash of an image's bytes. One thread at a time. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_samples_set_content(struct lc_samples *samples,
                                                    uint32_t number,
                                                    const struct lc_hash *content,
                                                    struct lc_error *err);

/* ---- the rows stage ---- */

/** Whether a shard was read ahead, or could not be. NULL-safe. */
bool lc_samples_have(const struct lc_samples *samples, size_t file);

/** Begin with the first sample of a shard. Errors: that of lc_samples_fail; LC_ERR_IO if
 * the file has changed since the shard was read. */
LC_MUST_CHECK enum lc_status lc_samples_begin(struct lc_samples *samples, size_t file,
                                              const struct lc_map *map,
                                              struct lc_error *err);

/** Get the next sample, as from lc_shard_next, with the contents of its images. Errors:
 * LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_samples_next(struct lc_samples *samples,
                                             const struct lc_sample **out,
                                             struct lc_error *err);

/** What is known at the end of the shard. Its texts live as long as the samples. */
struct lc_shard_end lc_samples_shard_end(const struct lc_samples *samples);

#endif
