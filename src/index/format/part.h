/* part.h - what an index of some parts of a data set covers
 *
 * `check --part 3/64` checks a share of a data set; `merge` joins such shares. Rows are
 * divided by the bytes of the rows files, all files one after the other: part i of n has
 * the rows that begin in the i-th of n ranges of equal size. Images are divided by the
 * hash of their path. So where a row or an image belongs depends on the data alone.
 *
 * An archive is read by one part: each part gets some, of about as many bytes as the
 * others. A shard, which is a rows file and an archive, belongs to the part that its
 * first byte is in, with its rows and images.
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

/** An archive that a part has. */
struct lc_part_archive {
    uint32_t archive; /* its number */
    uint8_t state;    /* enum lc_packed_state */
    bool is_there;    /* it could be opened */
    bool has_failed;  /* but not read to its end */
};

/** A link in an archive that a part has: what it leads to may be in another's. Its texts
 * are offsets in the record's. */
struct lc_part_link {
    uint32_t archive;
    uint64_t offset;
    size_t path;
    size_t target; /* the empty text: it leads out of the archive */
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
    /* of a data set with archives that are read: */
    struct lc_part_archive *archives; /* those of the parts, by number */
    size_t archive_count;
    size_t archive_capacity;
    struct lc_part_link *links; /* by archive, in their order there */
    size_t link_count;
    size_t link_capacity;
    struct lc_buffer text; /* of links; each ends with NUL */
    bool has_unused;       /* the first part: it has looked for unused images */
    /* the image files that no row names, and with a slash after their paths, the folders
     * that have files which rows name; each ends with NUL */
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
/* Append a link, with texts that are copied; its own are ignored. */
LC_MUST_CHECK enum lc_status lc_part_add_link(struct lc_part_record *record,
                                              const struct lc_part_link *link,
                                              struct lc_span path, struct lc_span target,
                                              struct lc_error *err);

/** One of the record's texts. */
struct lc_span lc_part_text(const struct lc_part_record *record, size_t at);

/** The archive of a number that the parts have; NULL: another part has it. */
const struct lc_part_archive *lc_part_archive(const struct lc_part_record *record,
                                              uint32_t number);

/**
 * Divide archives among parts: the largest first, each to the part with the fewest bytes
 * so far. So the parts have about equally many, and any of them finds the same division.
 *
 * @param sizes  of all archives
 * @param parts  set to the part of each, from 1
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
