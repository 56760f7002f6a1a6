/* reader.h - an open index; private to src/index */
#ifndef LC_INDEX_READ_READER_H
#define LC_INDEX_READ_READER_H

#include "base/references.h"
#include "index/index.h"
#include "index/read/pages.h"
#include "index/format/tables.h"

#include <stdatomic.h>

/** The range of the mapped file that was read since it was last dropped. All zero is
 * empty.
 *
 * Pages of a mapped file count as memory of this process once they are read, so a walk
 * over an index of gigabytes would appear to use gigabytes. Dropping them (MADV_DONTNEED)
 * is always safe: the mapping is read-only, so the kernel reads them again from the file.
 * A walk reads in one direction, so one range covers what it has read. */
struct lc_read_range {
    uintptr_t low;
    uintptr_t high;
    size_t pairs;
    size_t bytes;
};

/** The part of an open index that reading changes; everything else is const. The ranges
 * belong to look-ups by number, which only one thread makes. Several threads may walk,
 * for example while a merge replays the rows of two files from one part. */
struct lc_usage {
    struct lc_read_range rows; /* looked up one by one */
    struct lc_read_range images;
    /* cost of look-ups since the last walk started; see lc_index_spend */
    atomic_uint_least64_t work;
};

struct lc_index {
    struct lc_references references;
    struct lc_pages pages;
    struct lc_tree trees[LC_TABLE_COUNT];
    bool is_ours;  /* signed with the key that it was opened with, or just written */
    bool is_found; /* found with the data: the user did not name it */
    struct lc_index_info info;
    struct lc_part_record part; /* count is 0 if it covers the whole data set */
    struct lc_summary summary;
    struct lc_statistics statistics;
    char *part_caveat; /* says that it covers only parts; NULL if it covers all */
    struct lc_rule_count *counts;
    size_t count;
    size_t capacity;
    struct lc_usage *usage;
    /* result of a verification: the index that was verified, and the outcome */
    struct lc_index *base;
    struct lc_verification verification;
    /* result of a comparison with records */
    bool is_proof;
    struct lc_proof proof;
};

/** Initialise a cursor of a table. The result of a verification has its own findings and
 * totals; all other tables come from its base. */
void lc_index_cursor(const struct lc_index *index, enum lc_table table,
                     struct lc_cursor *out);

/**
 * Open the pages of an index.
 *
 * @param fd    stays open, and remains the caller's
 * @param size  number of bytes before the seal
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_from_pages(int fd, uint64_t size, bool is_ours,
                                                 struct lc_index **out,
                                                 struct lc_error *err);

/** Costs of look-ups, for lc_index_spend. A record costs its size in bytes. */
enum { LC_WORK_ENTRY = 32, LC_WORK_FINDING = 1024 };

/**
 * Charge a look-up to the work budget of the index.
 *
 * The tables of an index refer to each other, and reports follow these references for
 * each record of a walk. A forged index can contain thousands of findings about an image
 * that thousands of rows name, or an image with a path of megabytes that a row names a
 * million times. Each look-up is cheap, but together they would never end. So look-ups
 * may read at most 256 times the size of the file between the starts of two walks. An
 * honest index stays far below that, as it has few findings about one subject, and short
 * paths.
 *
 * Walks themselves are limited by the budget of their cursor (pages.h).
 *
 * Errors: LC_ERR_INDEX: the budget is used up.
 */
LC_MUST_CHECK enum lc_status lc_index_spend(const struct lc_index *index, uint64_t work,
                                            struct lc_error *err);

/** Add a value that a walk has read to a range, and drop the range when it is large. */
void lc_read_range_add(struct lc_read_range *range, struct lc_span value);

/** The same for a value that was looked up. Its range may span far more than was read, as
 * the kernel maps some pages around each. */
void lc_read_range_add_lookup(struct lc_read_range *range, struct lc_span value);

/** Drop the pages of a range from memory. */
void lc_read_range_drop(struct lc_read_range *range);

/** Get the value of a key. Errors: LC_ERR_INDEX if it is missing. */
LC_MUST_CHECK enum lc_status lc_index_get_value(const struct lc_index *index,
                                                enum lc_table table, const void *key,
                                                size_t key_size, struct lc_span *out,
                                                struct lc_error *err);

/** Called for each pair of a table; LC_OK to continue. */
typedef enum lc_status lc_pair_fn(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err);

/** Size of a finding's key: kind, subject, row, order and sequence number. */
#define LC_FINDING_KEY_SIZE 23

/** Decode such a key; returns false if its size is wrong. */
bool lc_finding_key_decode(struct lc_span bytes, struct lc_finding_key *out);

/** Decode a finding and check that it matches its key. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_read_finding(struct lc_span key,
                                                   struct lc_span value,
                                                   struct lc_finding_record *out,
                                                   struct lc_error *err);

/** Call a function for each pair of a table, in key order. Errors: LC_ERR_INDEX, and
 * those of each. */
LC_MUST_CHECK enum lc_status lc_index_each_pair(const struct lc_index *index,
                                                enum lc_table table, lc_pair_fn *each,
                                                void *user, struct lc_error *err);

#endif
