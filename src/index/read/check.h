/* check.h - the examination of an index by `index check`; private to src/index */
#ifndef LC_INDEX_READ_CHECK_H
#define LC_INDEX_READ_CHECK_H

#include "index/read/reader.h"

/** Maximum number of faults that are reported for a table; the rest are only counted. */
#define LC_CHECK_MAX_REPORTED 5

/** A multiset of entries: their number and the sum of their hashes.
 *
 * The entries of a look-up table are compared with those that the records imply by
 * comparing two such sums. A sum does not depend on the order, so nothing is sorted or
 * looked up, and no memory is needed per entry. Damage goes unnoticed with a probability
 * of 1 in 2^64; a forger could find entries with the same sum. */
struct lc_sum {
    uint64_t count;
    uint64_t hash;
};

struct lc_checking {
    const struct lc_index *index;
    const struct lc_index_check_options *to;
    uint64_t faults;
    uint64_t fault_counts[LC_TABLE_COUNT];  /* by table */
    uint64_t records[LC_TABLE_COUNT];       /* by table: number of records or entries */
    struct lc_sum found[LC_TABLE_COUNT];    /* by look-up table: its entries */
    struct lc_sum expected[LC_TABLE_COUNT]; /* by look-up table: the entries that the
                                               records imply */
    /* pairs of an image and the number of its rows, from image_rows */
    struct lc_sum uses_found;
    struct lc_sum uses_expected; /* the same from images */
    uint8_t *faulty_images;      /* one bit for each image */
    uint8_t *faulty_rows;    /* one bit for each row: it has a finding that is an error */
    uint64_t strays;         /* rows in other dialects than their files */
    struct lc_buffer images; /* sorted image numbers of the current row */
};

/** Get a file by its number; returns false if it is missing or malformed. */
bool lc_check_get_file(struct lc_checking *c, uint32_t number,
                       struct lc_file_record *out);

/** Report a fault of a table. The text must not contain text from the index. */
__attribute__((format(printf, 3, 4))) void
lc_check_fault(struct lc_checking *c, enum lc_table table, const char *format, ...);

/** Report a record that could not be decoded; returns whether it could. */
bool lc_check_decoded(struct lc_checking *c, enum lc_table table, uint64_t number,
                      enum lc_status status);

/** Report a count that differs from the one in meta. */
void lc_check_equal(struct lc_checking *c, enum lc_table table, const char *what,
                    uint64_t found, uint64_t recorded);

/** Add an entry to a sum; the second function adds an entry of a look-up by hash. */
void lc_check_sum(struct lc_sum *sum, const void *bytes, size_t size);
void lc_check_sum_lookup(struct lc_sum *sum, const struct lc_hash *hash, uint64_t number);

/** Call a function for each pair of a table. If a table cannot be walked, that is
 * reported as a fault. Errors: those of each. */
LC_MUST_CHECK enum lc_status lc_check_walk(struct lc_checking *c, enum lc_table table,
                                           lc_pair_fn *each, void *user,
                                           struct lc_error *err);

/** Check the records: their fields, their references and their totals. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_check_records(struct lc_checking *c,
                                              struct lc_error *err);

#endif
