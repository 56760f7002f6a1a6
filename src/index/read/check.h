/* check.h - an index being examined; private to src/index */
#ifndef LC_INDEX_READ_CHECK_H
#define LC_INDEX_READ_CHECK_H

#include "index/read/reader.h"

/** Faults of a table that are reported; further ones are only counted. */
#define LC_CHECK_MAX_REPORTED 5

/** Entries without their order: how many, and a sum of their hashes. */
struct lc_sum {
    uint64_t count;
    uint64_t hash;
};

struct lc_checking {
    const struct lc_index *index;
    const struct lc_index_check_options *to;
    uint64_t faults;
    uint64_t fault_counts[LC_TABLE_COUNT]; /* faults of a table */
    uint64_t records[LC_TABLE_COUNT];      /* or entries */
    struct lc_sum found[LC_TABLE_COUNT];
    struct lc_sum expected[LC_TABLE_COUNT]; /* of look-ups: made from the records */
    struct lc_sum uses_found;    /* images and how many rows name them: by image_rows */
    struct lc_sum uses_expected; /* the same by images */
    uint8_t *faulty_images;      /* images with an error: a bit for each image */
    uint8_t *faulty_rows;    /* rows with an error, by the findings: a bit for each row */
    struct lc_buffer images; /* of a row: their numbers, sorted */
};

/** The file of a number. False: it is not there, or malformed. */
bool lc_check_get_file(struct lc_checking *c, uint32_t number,
                       struct lc_file_record *out);

/** Tell that something is wrong with a table. The text holds nothing foreign. */
__attribute__((format(printf, 3, 4))) void
lc_check_fault(struct lc_checking *c, enum lc_table table, const char *format, ...);

/** Tell when a record could not be decoded; returns whether it could. */
bool lc_check_decoded(struct lc_checking *c, enum lc_table table, uint64_t number,
                      enum lc_status status);

/** Tell when what was counted is not what meta says. */
void lc_check_equal(struct lc_checking *c, enum lc_table table, const char *what,
                    uint64_t found, uint64_t said);

/** Add an entry to a sum; one of a look-up by hash. */
void lc_check_sum(struct lc_sum *sum, const void *bytes, size_t size);
void lc_check_sum_lookup(struct lc_sum *sum, const struct lc_hash *hash, uint64_t number);

/** Walk over a table; that it cannot be walked is a fault. Errors: what each returns. */
LC_MUST_CHECK enum lc_status lc_check_walk(struct lc_checking *c, enum lc_table table,
                                           lc_pair_fn *each, void *user,
                                           struct lc_error *err);

/** Examine the records: what they hold, what they refer to, their numbers together.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_check_records(struct lc_checking *c,
                                              struct lc_error *err);

#endif
