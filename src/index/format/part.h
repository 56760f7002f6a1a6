/* part.h - what an index of some parts of a data set covers
 *
 * `check --part 3/64` checks a share of a data set; `merge` joins such shares. Rows are
 * divided by the bytes of the rows files, all files one after the other: part i of n has
 * the rows that begin in the i-th of n ranges of equal size. Images are divided by the
 * hash of their path. So where a row or an image belongs depends on the data alone.
 *
 * An index of parts is an index as any other: its files list only the rows of its parts,
 * which are numbered as if there were no others. The record of this file, in the table
 * meta, says where in the data set they are.
 */
#ifndef LC_INDEX_FORMAT_PART_H
#define LC_INDEX_FORMAT_PART_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The most parts that a data set is divided into. */
#define LC_PARTS_MAX 65536

/** One part; count 0: no part, but the whole data set. */
struct lc_part {
    uint32_t number; /* from 1 */
    uint32_t count;
};

/** The part that a byte of the rows files belongs to: at bytes of all files before it, of
 * total. The position past the last byte is that of the last one. */
uint32_t lc_part_of_byte(uint64_t at, uint64_t total, uint32_t count);

/** The first byte of a part: the least one of which lc_part_of_byte returns it, or a
 * greater one if the part has none. */
uint64_t lc_part_begin(uint32_t part, uint64_t total, uint32_t count);

/** The part that verifies an image, given the hash of its path. */
uint32_t lc_part_of_path(const struct lc_hash *path, uint32_t count);

/** A rows file as a whole. */
struct lc_part_file {
    uint64_t rows;
    uint64_t drawn; /* of them, by training: as in lc_file_record */
};

/** The rows of a file that a part has: adjacent ones. Also of a file without rows in the
 * part, if the part has positions in it; first is 0 then. */
struct lc_part_rows {
    uint32_t part;
    uint32_t file;
    uint64_t first; /* number in the whole file of the first */
    uint64_t rows;
};

/** What an index of parts covers. All zero is empty. */
struct lc_part_record {
    uint32_t count;       /* of all parts of the data set */
    struct lc_hash whole; /* the fingerprint of the options, of a run without parts */
    uint32_t *parts;      /* that are covered, ascending */
    size_t part_count;
    size_t part_capacity;
    struct lc_part_file *files; /* every rows file */
    size_t file_count;
    size_t file_capacity;
    struct lc_part_rows *rows; /* by file, then by part */
    size_t rows_count;
    size_t rows_capacity;
};

void lc_part_record_clear(struct lc_part_record *record);

/* Append to a list of the record. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_part_add(struct lc_part_record *record, uint32_t part,
                                         struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_part_add_file(struct lc_part_record *record,
                                              const struct lc_part_file *file,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_part_add_rows(struct lc_part_record *record,
                                              const struct lc_part_rows *rows,
                                              struct lc_error *err);

/** Whether a part is covered. */
bool lc_part_covers(const struct lc_part_record *record, uint32_t part);

/** Append the record's bytes. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_part_encode(const struct lc_part_record *record,
                                            struct lc_buffer *out, struct lc_error *err);

/**
 * Decode a record, and check its order.
 *
 * @param out  zeroed
 *
 * Owner:   the caller, lc_part_record_clear, also on failure.
 * Errors:  LC_ERR_INDEX if the bytes are not such a record, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_part_decode(struct lc_span bytes, struct lc_part_record *out, struct lc_error *err);

/** Append the covered parts of a number, as people write them: "3 of 64", "1-8, 12 of
 * 64". Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_part_describe(const struct lc_part_record *record,
                                              struct lc_buffer *out,
                                              struct lc_error *err);

#endif
