/* query.h - answering questions from an index; experimental */
#ifndef LC_LLAVA_CHECK_QUERY_H
#define LC_LLAVA_CHECK_QUERY_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/output.h"
#include "llava_check/rules.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;

/** A question that an index can answer; all texts are static. */
struct lc_query_info {
    const char *name;    /* "images" */
    const char *summary; /* one line for help */
    const char
        *formats; /* of the answer, separated by spaces; the first is the default */
};

/** The question at an index; NULL past the end. */
LC_API const struct lc_query_info *lc_query_at(size_t index);

/** A question. Zero is the default for every field except size and name. */
struct lc_query {
    size_t size;              /* of this struct: LC_OPTIONS */
    const char *name;         /* one of lc_query_at */
    const char *format;       /* one of its formats; NULL: the first */
    const char *const *ids;   /* "get": ids of rows */
    size_t id_count;          /* at least 1 for "get" */
    const char *const *where; /* "images", "rows": conditions that must all hold:
                                 "width<100", "effect>=replaced" */
    size_t where_count;
    const char *const *rules; /* "findings": codes or names; none: all */
    size_t rule_count;
    enum lc_severity show; /* "findings": lower levels are not listed */
    /* text, lines, offsets, source: put before file names, such as "raw/"; NULL: nothing
     * (source needs it) */
    const char *prefix;
    const char *trainer; /* "rows": whose effects to use; NULL: that of the first file's
                            dialect */
};

/**
 * Answer a question from an index.
 *
 * @param to     stays open; it is flushed and its errors are reported
 * @param missing  set to the number of ids that no row has; may be NULL
 *
 * Errors:  LC_ERR_USAGE (no such question, format, rule or field), LC_ERR_IO (writing
 *          failed), LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_query_write(const struct lc_index *index,
                                     const struct lc_query *query, FILE *to,
                                     uint64_t *missing, struct lc_error *err);

/** Write an answer to a function instead of a stream. Errors: as lc_query_write, but
 * LC_ERR_IO and LC_ERR_STOPPED as the function says: see lc_write_fn. */
LC_API enum lc_status lc_query_write_to(const struct lc_index *index,
                                        const struct lc_query *query, lc_write_fn *write,
                                        void *context, uint64_t *missing,
                                        struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
