/* records.h - what programs have recorded about a folder's files: checksums, sizes, times
 *
 * All paths are relative to one folder, the root. A record never names a file outside it:
 * lc_record_resolve refuses such paths. */
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

/** Maximum number of records and of bytes of paths, to bound the memory; more are
 * refused. */
#define LC_RECORDS_MAX 8000000
#define LC_RECORDS_BYTES ((size_t)1 << 30)

/** What a record states about a file's bytes. */
enum lc_record_kind {
    LC_RECORD_SUM,   /* their checksum */
    LC_RECORD_INDEX, /* from git's index: the name of their blob, or of the blob of a
                        git-LFS pointer to them */
    LC_RECORD_SIZE,  /* at most their number */
};

/** A record of a file. */
struct lc_record {
    size_t path;  /* offset in the text: path of the file to read; NUL-terminated */
    size_t shown; /* likewise: path to show, where the user sees the file */
    size_t sum;   /* likewise: bytes of the checksum; for SUM and INDEX */
    uint64_t size;
    int64_t time_ns;  /* when the file had these bytes; a later mtime is suspicious */
    uint32_t source;  /* index of its source */
    uint8_t kind;     /* enum lc_record_kind */
    uint8_t checksum; /* enum lc_checksum; for SUM */
    bool is_listing;  /* states what the file is in a repository, not that it was
                         downloaded */
};

/** Maximum number of sources that are kept apart; all further ones share one. */
#define LC_RECORD_SOURCES 256

/** Where records come from. */
struct lc_record_source {
    enum lc_recorder kind;
    size_t name;       /* offset in the text: the file or folder that contains the
                          records */
    size_t repository; /* likewise: "datasets/org/name"; empty if not recorded */
    size_t commit;     /* likewise; empty if not recorded */
    uint64_t records;
    uint64_t absent; /* number of files that are listed but were not downloaded */
};

/** What can be wrong with records or a download, apart from the bytes of a file. */
enum lc_record_fault {
    LC_FAULT_UNFINISHED, /* the download of a file was not finished */
    LC_FAULT_UNUSABLE,   /* a record cannot be used */
};

struct lc_record_issue {
    enum lc_record_fault fault;
    size_t path;        /* offset in the text: the path concerned */
    const char *detail; /* the reason, static */
};

/** All records that were found. All zero: empty. */
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

/** The properties that identify a source. */
struct lc_source_name {
    enum lc_recorder kind;
    struct lc_span name, repository, commit;
};

/** Get the index of a source, adding it if it is new. Errors: as for lc_records_text. */
LC_MUST_CHECK enum lc_status lc_records_source(struct lc_records *records,
                                               const struct lc_source_name *name,
                                               uint32_t *out, struct lc_error *err);

/**
 * Make a record's path relative to the root.
 *
 * @param base  the folder to which path is relative; itself relative to the root; may be
 *              empty
 * @param path  any bytes; "." and empty components are dropped, ".." is resolved
 *              textually
 * @param out   overwritten; NUL-terminated, not counting the NUL
 *
 * @return false if the path is empty, absolute, too long, contains a NUL, or leads out of
 *         the root: out is then not valid. Also false if out of memory; *failed is set to
 *         whether that is the reason
 */
bool lc_record_resolve(struct lc_span base, struct lc_span path, struct lc_buffer *out,
                       bool *failed);

/**
 * Add a record. The offsets in it are set here.
 *
 * @param record  its path and shown are ignored
 * @param path    of the file; resolved
 * @param shown   path to show; resolved; empty: same as path
 * @param sum     bytes of the checksum; not for SIZE
 *
 * Errors: as for lc_records_text; LC_ERR_USAGE beyond LC_RECORDS_MAX.
 */
LC_MUST_CHECK enum lc_status lc_records_add(struct lc_records *records,
                                            const struct lc_record *record,
                                            struct lc_span path, struct lc_span shown,
                                            const uint8_t *sum, struct lc_error *err);

LC_MUST_CHECK enum lc_status lc_records_add_issue(struct lc_records *records,
                                                  enum lc_record_fault fault,
                                                  struct lc_span path, const char *detail,
                                                  struct lc_error *err);

/** The records about one file. */
struct lc_record_group {
    size_t first, count;
    bool is_listed; /* there are only listings: the file may not have been downloaded */
};

/**
 * Group sorted records by file. Listings of a commit other than the one from which a file
 * was downloaded are removed from the records.
 *
 * @param out    set to an array of *count groups, sorted by path
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_records_group(struct lc_records *records,
                                              struct lc_record_group **out, size_t *count,
                                              struct lc_error *err);

/** Return the path of a group's file, and the path by which the user knows it. */
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

/** Sort records by path, source and content, and drop duplicates; sort the issues by
 * kind and path. */
void lc_records_sort(struct lc_records *records);

#endif
