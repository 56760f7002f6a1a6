/* part.h - what an index of some parts of a data set covers
 *
 * `check --part 3/64` checks a share of a data set; `merge` joins such shares. Rows are
 * divided by byte positions in the rows files, taken as if concatenated: part i of n has
 * the rows that begin in the i-th of n ranges of equal size. Images are divided by the
 * hash of their path. So the part that a row or an image belongs to depends on the data
 * alone.
 *
 * Each archive is read by exactly one part; archives are assigned so that all parts read
 * about the same number of bytes. A shard, which is both a rows file and an archive,
 * belongs with all its rows and images to the part that its first byte is in.
 *
 * An index of parts has the same format as any other: its files list only the rows of its
 * parts, numbered as if there were no others. The record in this file, stored in the
 * table meta, says where in the data set these rows are.
 */
#ifndef LC_INDEX_FORMAT_PART_H
#define LC_INDEX_FORMAT_PART_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The maximum number of parts that a data set can be divided into. */
#define LC_PARTS_MAX 65536

/** One part; count is 0 for the whole data set. */
struct lc_part {
    uint32_t number; /* from 1 */
    uint32_t count;
};

/** Return the part that a byte of the rows files belongs to. `at` is its offset in the
 * concatenation of all files, `total` their size. The position past the last byte belongs
 * to the last part. */
uint32_t lc_part_of_byte(uint64_t at, uint64_t total, uint32_t count);

/** Return the first byte of a part: the smallest offset for which lc_part_of_byte returns
 * this part, or a greater one if the part is empty. */
uint64_t lc_part_begin(uint32_t part, uint64_t total, uint32_t count);

/** Return the part that checks an image, given the hash of its path. */
uint32_t lc_part_of_path(const struct lc_hash *path, uint32_t count);

/** A rows file as a whole. */
struct lc_part_file {
    uint64_t rows;
    uint64_t sampled; /* rows that training samples, as in lc_file_record */
};

/** The adjacent rows of a file that belong to a part. An entry without rows, whose first
 * is 0, exists if the part covers bytes of the file but no row begins there. */
struct lc_part_rows {
    uint32_t part;
    uint32_t file;
    uint64_t first; /* number of the first row in the whole file */
    uint64_t rows;
};

/** An archive that is read by a covered part. */
struct lc_part_archive {
    uint32_t archive; /* its number */
    uint8_t state;    /* enum lc_packed_state */
    bool is_there;    /* it could be opened */
    bool has_failed;  /* it could be opened, but not read to its end */
};

/** A link in an archive of a covered part; its target may be in an archive of another
 * part. path and target are offsets in the record's text. */
struct lc_part_link {
    uint32_t archive;
    uint64_t offset;
    size_t path;
    size_t target; /* empty if the link leads out of the archive */
};

/** What an index of parts covers. All zero is empty. */
struct lc_part_record {
    uint32_t count;       /* number of parts that the data set is divided into */
    struct lc_hash whole; /* the options' fingerprint of a run without parts */
    uint32_t *parts;      /* the covered parts, ascending */
    size_t part_count;
    size_t part_capacity;
    struct lc_part_file *files; /* every rows file */
    size_t file_count;
    size_t file_capacity;
    struct lc_part_rows *rows; /* by file, then by part */
    size_t rows_count;
    size_t rows_capacity;
    /* only if the data set has archives and the run reads them: */
    struct lc_part_archive *archives; /* of the covered parts, by number */
    size_t archive_count;
    size_t archive_capacity;
    struct lc_part_link *links; /* by archive, then in the archive's order */
    size_t link_count;
    size_t link_capacity;
    struct lc_buffer text; /* the texts of links; each ends with NUL */
    bool has_unused;       /* part 1 is covered, which looks for unused images */
    /* the image files that no row names, and, with a trailing slash, the folders that
     * contain files that rows name; each ends with NUL */
    struct lc_buffer unused;
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

LC_MUST_CHECK enum lc_status lc_part_add_archive(struct lc_part_record *record,
                                                 const struct lc_part_archive *archive,
                                                 struct lc_error *err);
/* Append a link, and copy the texts given as path and target; the offsets in *link are
 * ignored. */
LC_MUST_CHECK enum lc_status lc_part_add_link(struct lc_part_record *record,
                                              const struct lc_part_link *link,
                                              struct lc_span path, struct lc_span target,
                                              struct lc_error *err);

/** Return one of the record's texts. */
struct lc_span lc_part_text(const struct lc_part_record *record, size_t at);

/** The parts' archive with this number, or NULL if it belongs to another part. */
const struct lc_part_archive *lc_part_archive(const struct lc_part_record *record,
                                              uint32_t number);

/**
 * Divide archives among parts: the largest first, each to the part with the fewest bytes
 * so far. All parts get about the same number of bytes, and each of them computes the
 * same division.
 *
 * @param sizes  sizes of all archives
 * @param parts  set to the part of each archive, from 1
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_part_divide(const uint64_t *sizes, size_t count,
                                            uint32_t part_count, uint32_t *parts,
                                            struct lc_error *err);

/** Whether a part is covered. */
bool lc_part_covers(const struct lc_part_record *record, uint32_t part);

/** Append the record's bytes. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_part_encode(const struct lc_part_record *record,
                                            struct lc_buffer *out, struct lc_error *err);

/**
 * Decode a record, and check that its lists are in order.
 *
 * @param out  zeroed
 *
 * Owner:   the caller, lc_part_record_clear, also on failure.
 * Errors:  LC_ERR_INDEX if the bytes are not a valid record, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_part_decode(struct lc_span bytes, struct lc_part_record *out, struct lc_error *err);

/** Append the numbers of the covered parts in readable form: "3 of 64", "1-8, 12 of 64".
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_part_describe(const struct lc_part_record *record,
                                              struct lc_buffer *out,
                                              struct lc_error *err);

#endif
