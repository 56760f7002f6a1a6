/* records.h - what programs recorded about the files of a folder: checksums, sizes, times
 *
 * All paths are relative to one folder, the root. A record never names a file outside of
 * it: lc_records_add refuses such paths.
 */
#ifndef LC_PROOF_RECORDS_H
#define LC_PROOF_RECORDS_H

#include "base/buffer.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "llava_check/index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LC_RECORD_NO_SIZE UINT64_MAX
#define LC_RECORD_NO_TIME INT64_MIN

/** More records, or more bytes of paths, are refused: they bound the memory. */
#define LC_RECORDS_MAX 8000000
#define LC_RECORDS_BYTES ((size_t)1 << 30)

/** What a record says of a file's bytes. */
enum lc_record_kind {
    LC_RECORD_SUM,   /* their checksum */
    LC_RECORD_INDEX, /* of git's index: the name of their blob, or of that of a git-LFS
                        pointer to them */
    LC_RECORD_SIZE,  /* at most their number */
};

/** A record of a file. */
struct lc_record {
    size_t path;  /* offset of the path of the file to read, in the text; ends with NUL */
    size_t shown; /* the same, of the path to show: where the user sees the file */
    size_t sum;   /* offset of the checksum's bytes; of SUM and INDEX */
    uint64_t size;
    int64_t time_ns;  /* when the file had these bytes: a later mtime is suspicious */
    uint32_t source;  /* number of its source */
    uint8_t kind;     /* enum lc_record_kind */
    uint8_t checksum; /* enum lc_checksum; of SUM */
    bool is_listing;  /* it says what the file is in a repository, not that it was
                         downloaded */
};

/** The most different origins that are kept apart; all others share one. */
#define LC_RECORD_SOURCES 256

/** Where records are from. */
struct lc_record_source {
    enum lc_recorder kind;
    size_t name;       /* offsets in the text: the file or folder that has the records */
    size_t repository; /* "datasets/org/name"; empty: not recorded */
    size_t commit;     /* empty: not recorded */
    uint64_t records;
    uint64_t absent; /* files that are listed and were not downloaded */
};

/** What is wrong with records or a download, other than the bytes of a file. */
enum lc_record_fault {
    LC_FAULT_UNFINISHED, /* the download of a file was not finished */
    LC_FAULT_UNUSABLE,   /* a record cannot be used */
};

struct lc_record_issue {
    enum lc_record_fault fault;
    size_t path;        /* offset of a path in the text: what it is about */
    const char *detail; /* static: why */
};

/** All zero is empty. */
struct lc_records {
    struct lc_buffer text;
    struct lc_record *items;
    size_t count, capacity;
    struct lc_record_source *sources;
    size_t source_count, source_capacity;
    struct lc_record_issue *issues;
    size_t issue_count, issue_capacity;
};

void lc_records_clear(struct lc_records *records);

/** Append a text and a NUL; *at is set to its offset. Errors: LC_ERR_MEMORY, LC_ERR_USAGE
 * beyond LC_RECORDS_BYTES. */
LC_MUST_CHECK enum lc_status lc_records_text(struct lc_records *records,
                                             struct lc_span text, size_t *at,
                                             struct lc_error *err);

static inline const char *lc_records_at(const struct lc_records *records, size_t offset)
{
    return records->text.data + offset;
}

/** What identifies a source. */
struct lc_source_name {
    enum lc_recorder kind;
    struct lc_span name, repository, commit;
};

/** Get the number of a source, which is added if it is new. Errors: as lc_records_text.
 */
LC_MUST_CHECK enum lc_status lc_records_source(struct lc_records *records,
                                               const struct lc_source_name *name,
                                               uint32_t *out, struct lc_error *err);

/**
 * Make a path of a record relative to the root.
 *
 * @param base  the folder that it is relative to, itself relative to the root; may be
 *              empty
 * @param path  any bytes; "." and empty components are dropped, ".." is resolved by name
 * @param out   overwritten; ends with NUL, which is not counted
 *
 * @return false if the path is empty, absolute, has a NUL, is too long, or leads out of
 *         the root: out is then not valid. Also when out of memory, which *failed says
 */
bool lc_record_resolve(struct lc_span base, struct lc_span path, struct lc_buffer *out,
                       bool *failed);

/**
 * Add a record. Its offsets are set here.
 *
 * @param record  path and shown are not used
 * @param path    of the file, resolved
 * @param shown   the same; empty: as path
 * @param sum     its bytes; not of SIZE
 *
 * Errors: as lc_records_text; LC_ERR_USAGE beyond LC_RECORDS_MAX.
 */
LC_MUST_CHECK enum lc_status lc_records_add(struct lc_records *records,
                                            const struct lc_record *record,
                                            struct lc_span path, struct lc_span shown,
                                            const uint8_t *sum, struct lc_error *err);

LC_MUST_CHECK enum lc_status lc_records_add_issue(struct lc_records *records,
                                                  enum lc_record_fault fault,
                                                  struct lc_span path, const char *detail,
                                                  struct lc_error *err);

/** The records of one file. */
struct lc_record_group {
    size_t first, count;
    bool is_listed; /* listings alone: the file may not have been downloaded */
};

/**
 * Group sorted records by file. Listings of other commits than the one that a file was
 * downloaded of are removed from the records.
 *
 * @param out    set to an array of *count groups, sorted by path
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_records_group(struct lc_records *records,
                                              struct lc_record_group **out, size_t *count,
                                              struct lc_error *err);

/** The path of a group's file, and the path that the user knows it by. */
static inline const char *lc_group_path(const struct lc_records *records,
                                        const struct lc_record_group *group)
{
    return lc_records_at(records, records->items[group->first].path);
}

static inline const char *lc_group_shown(const struct lc_records *records,
                                         const struct lc_record_group *group)
{
    return lc_records_at(records, records->items[group->first].shown);
}

/** Sort records by path, source and what they say, and drop those that say the same as
 * the one before them; sort the issues by path. */
void lc_records_sort(struct lc_records *records);

#endif
