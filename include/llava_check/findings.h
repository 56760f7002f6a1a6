/* findings.h - iterating over the findings of an index */
#ifndef LC_LLAVA_CHECK_FINDINGS_H
#define LC_LLAVA_CHECK_FINDINGS_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/rules.h"
#include "llava_check/types.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_index;
struct lc_view;

/** What a finding is about. Findings come in this order. */
enum lc_finding_kind {
    LC_FINDING_ROW = 1,   /* a row, or a rows file if row is -1 */
    LC_FINDING_IMAGE = 2, /* an image path */
    LC_FINDING_SET = 3,   /* the data set: an id that several rows have, a folder … */
};

/**
 * A finding. Numbers and offsets are from 0, lines and columns from 1; fields that do not
 * apply to a finding's kind are -1, NULL or empty.
 *
 * The comment of a field begins with the kinds that have it, unless all have it.
 */
struct lc_finding_entry {
    enum lc_finding_kind kind;
    enum lc_severity severity;       /* the level at which it is reported */
    enum lc_severity found_severity; /* its level before any selection */
    struct lc_span rule;             /* the rule's code, such as "CNV303" */
    struct lc_span rule_case;        /* the name of the rule's case; empty: none */
    const struct lc_rule_info *info; /* static; NULL: this version has no such rule */
    struct lc_span message;          /* what was found, one line */
    struct lc_span id;    /* ROW: its id, cut after 4,096 bytes; SET: the id that
                             it is about; empty: none */
    struct lc_span file;  /* ROW: name of the rows file, relative to the data
                             folder; bytes */
    int64_t file_number;  /* ROW */
    int64_t row;          /* ROW: number in its file; -1: about the file */
    int64_t row_number;   /* ROW: number in the data set; -1: about the file */
    int64_t offset;       /* ROW: bytes from the start of the file */
    int64_t line;         /* ROW */
    int64_t column;       /* ROW: characters */
    int64_t turn;         /* ROW: of the conversation; -1: no single one */
    struct lc_span image; /* IMAGE: its path as rows have it; bytes */
    int64_t image_number; /* IMAGE */
    int64_t row_count;    /* IMAGE: rows that name it; SET: rows it is about */
};

/** A position among the findings of an index. */
struct lc_finding_iterator;

/**
 * Start to iterate over findings, in the order of reports: by rows file and row, then by
 * image path, then those about the set.
 *
 * @param view  a view of this index: only what it reports, at its levels; NULL: all
 * @param out   set on success
 *
 * Owner:   the caller, lc_finding_iterator_free, before closing the view and the index.
 * Errors:  LC_ERR_MEMORY.
 * Threads: the index's. Several iterators may be open at a time.
 */
LC_API enum lc_status lc_finding_iterator_new(const struct lc_index *index,
                                              const struct lc_view *view,
                                              struct lc_finding_iterator **out,
                                              struct lc_error *err);
LC_API void lc_finding_iterator_free(struct lc_finding_iterator *iterator);

/**
 * Go to the next finding.
 *
 * @param out  set to the finding, NULL past the last one. The struct is valid until the
 *             next call; the bytes of its spans as long as the index
 *
 * Errors:  LC_ERR_INDEX (a record is damaged; the iterator is then at its end).
 * Threads: the index's.
 */
LC_API enum lc_status lc_finding_next(struct lc_finding_iterator *iterator,
                                      const struct lc_finding_entry **out,
                                      struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
