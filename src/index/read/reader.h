/* reader.h - an open index; private to src/index */
#ifndef LC_INDEX_READ_READER_H
#define LC_INDEX_READ_READER_H

#include "index/index.h"
#include "index/read/pages.h"
#include "index/format/tables.h"

/** The part of the mapped file that a walk has read; all zero before it. */
struct lc_walked {
    uintptr_t low;
    uintptr_t high;
    size_t pairs;
    size_t bytes;
};

/** What reading an index changes: it is const otherwise. */
struct lc_usage {
    struct lc_walked rows; /* that were read one by one */
    struct lc_walked images;
    uint64_t work; /* of look-ups since a walk began: lc_index_spend */
};

struct lc_index {
    struct lc_pages pages;
    struct lc_tree trees[LC_TABLE_COUNT];
    bool is_ours;  /* its seal is by the key that it was opened with */
    bool is_found; /* where the data are: the user did not name it */
    struct lc_index_info info;
    struct lc_summary summary;
    struct lc_statistics statistics;
    struct lc_rule_count *counts;
    size_t count;
    size_t capacity;
    struct lc_usage *usage;
    /* when the data was verified: what the findings are about, and what was seen */
    struct lc_index *base;
    struct lc_verification verification;
};

/** Begin to read a table. A verification has findings and numbers of its own, and all
 * else of the index that it is on. */
void lc_index_cursor(const struct lc_index *index, enum lc_table table,
                     struct lc_cursor *out);

/**
 * Make an index readable.
 *
 * @param fd    of a file; the caller keeps it
 * @param size  bytes of its pages
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_from_pages(int fd, uint64_t size, bool is_ours,
                                                 struct lc_index **out,
                                                 struct lc_error *err);

/** What look-ups cost, in the unit of lc_index_spend. A record costs its bytes. */
enum { LC_WORK_ENTRY = 32, LC_WORK_FINDING = 1024 };

/**
 * Count the work of a look-up: what it reads is not read in order, and may be read again
 * for each record of a walk.
 *
 * The tables of an index refer to each other. A forged one can have thousands of findings
 * about an image that thousands of rows name, or an image with a path of megabytes that a
 * row names a million times: each look-up is cheap, but together they never end. So there
 * is a limit on what look-ups read between the starts of two walks: 256 times the size
 * of the file. An honest index stays far below it, since it has few findings about one
 * thing, and short paths.
 *
 * Errors: LC_ERR_INDEX: it is exceeded.
 */
LC_MUST_CHECK enum lc_status lc_index_spend(const struct lc_index *index, uint64_t work,
                                            struct lc_error *err);

/** Note that a value was read: now and then the pages read so far are dropped. */
void lc_index_note_walked(struct lc_walked *walked, struct lc_span value);

/** The same for a value that was not read in order. */
void lc_index_note_got(struct lc_walked *walked, struct lc_span value);

/** Drop the pages that were read. */
void lc_index_drop_walked(struct lc_walked *walked);

/** Get the value of a key. Errors: LC_ERR_INDEX when it is not there. */
LC_MUST_CHECK enum lc_status lc_index_get_value(const struct lc_index *index,
                                                enum lc_table table, const void *key,
                                                size_t key_size, struct lc_span *out,
                                                struct lc_error *err);

/** Called for each pair of a table. */
typedef enum lc_status lc_pair_fn(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err);

/** Bytes of a finding's key: kind, subject, row, order, running number. */
#define LC_FINDING_KEY_SIZE 23

/** Read such a key; false: it has another size. */
bool lc_finding_key_read(struct lc_span bytes, struct lc_finding_key *out);

/** Decode a finding, which must be about what its key says. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_read_finding(struct lc_span key,
                                                   struct lc_span value,
                                                   struct lc_finding_record *out,
                                                   struct lc_error *err);

/** Walk over a table, in the order of its keys. Errors: LC_ERR_INDEX, and what each
 * returns. */
LC_MUST_CHECK enum lc_status lc_index_each_pair(const struct lc_index *index,
                                                enum lc_table table, lc_pair_fn *each,
                                                void *user, struct lc_error *err);

#endif
