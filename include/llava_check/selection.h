/* selection.h - which findings are reported, and at which level */
#ifndef LC_LLAVA_CHECK_SELECTION_H
#define LC_LLAVA_CHECK_SELECTION_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/index.h"
#include "llava_check/output.h"
#include "llava_check/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The level that turns a rule off. */
#define LC_LEVEL_OFF (-1)

/** The level of the findings of some rules. */
struct lc_level_choice {
    const char *rules; /* a selector: see lc_selector_check */
    int level;         /* an enum lc_severity, or LC_LEVEL_OFF */
};

/** Rules whose findings are not reported in some folders. */
struct lc_folder_choice {
    const char *pattern; /* of paths below the data folder, such as "images/charts": "*"
                            matches any part of a name, "**" any part of a path */
    const char *rules;   /* a selector */
};

/**
 * Which findings are reported, and at which level. If everything but size is zero: all
 * of them, at their own levels.
 *
 * If selectors conflict, the most specific one wins: a code or name, then a longer
 * prefix, then a shorter one, then "all". Among equally specific ones, ignore wins over
 * select, and the last of levels wins.
 */
struct lc_selection {
    size_t size;               /* of this struct: LC_OPTIONS */
    const char *const *select; /* selectors; none: all rules */
    size_t select_count;
    const char *const *ignore; /* selectors */
    size_t ignore_count;
    const struct lc_level_choice *levels;
    size_t level_count;
    /* applies to an image by its path, as in rows or with the image root in front; to a
     * row by its rows file, or if it does to all its images; to an id by all its rows */
    const struct lc_folder_choice *folders;
    size_t folder_count;
    const char *baseline; /* a file with accepted findings; NULL: none */
};

/**
 * Check that a text selects rules: a code, a code prefix, a name, or "all", in any case.
 *
 * Errors: LC_ERR_USAGE: it selects none; the message suggests what may have been meant.
 */
LC_API enum lc_status lc_selector_check(const char *selector, struct lc_error *err);

/** What a selection does to a finding; the first that applies counts. */
enum lc_adjustment {
    LC_ADJUSTED_IGNORE,   /* not reported: ignore selects its rule */
    LC_ADJUSTED_SELECT,   /* not reported: select does not select its rule */
    LC_ADJUSTED_OFF,      /* not reported: the level of its rule is off */
    LC_ADJUSTED_FOLDERS,  /* not reported: folders match its place */
    LC_ADJUSTED_BASELINE, /* not reported: it is in the baseline */
    LC_ADJUSTED_LEVEL,    /* reported, but at a lower level than its own */
};
#define LC_ADJUSTMENT_COUNT 6

/** Numbers of findings after a selection; arrays are by enum lc_severity. */
struct lc_view_counts {
    uint64_t findings[3]; /* reported findings, by the level at which they are reported */
    uint64_t adjusted[LC_ADJUSTMENT_COUNT][3]; /* by their own level */
    uint64_t expired;  /* reported findings whose baseline entry has expired */
    uint64_t unneeded; /* baseline entries without a finding, or with too large a count */
};

struct lc_view; /* the findings of an index after a selection */

/**
 * Apply a selection to an index. The index does not change.
 *
 * @param selection  read only during the call
 * @param out        set on success
 *
 * Owner:   the caller, lc_view_free, before the index is closed.
 * Errors:  LC_ERR_USAGE (no such rule; no such baseline, or a broken one: the message
 *          names the line), LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_view_new(const struct lc_index *index,
                                  const struct lc_selection *selection,
                                  struct lc_view **out, struct lc_error *err);
LC_API void lc_view_free(struct lc_view *view); /* NULL-safe */

/** The numbers of reported and unreported findings. Lives as long as the view. */
LC_API const struct lc_view_counts *lc_view_counts(const struct lc_view *view);

/**
 * The number of reported findings of one rule, by the level at which they are reported.
 *
 * @param index  counts the rules that have any, from 0
 * @param code   set to the rule's
 * @return by enum lc_severity; NULL past the last. Lives as long as the view
 */
LC_API const uint64_t *lc_view_counts_of_rule(const struct lc_view *view, size_t index,
                                              const char **code);

/* ---- baselines ---- */

/** How a baseline is written. */
struct lc_baseline_options {
    size_t size;             /* of this struct: LC_OPTIONS */
    const char *path;        /* the existing baseline; with add, it need not exist */
    enum lc_severity lowest; /* lowest level of findings to add */
    bool add;                /* add findings that are not in the baseline */
};

/**
 * Check that a file is a baseline; for use before a long run.
 *
 * Errors: LC_ERR_USAGE (the message names the line), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_API enum lc_status lc_baseline_check(const char *path, struct lc_error *err);

/** Changes of a baseline's entries. */
struct lc_baseline_counts {
    uint64_t kept;
    uint64_t added;
    uint64_t removed;
};

/**
 * Write a baseline of the findings after a selection. Existing entries keep their reasons
 * and dates, except dates that have passed. Entries without a finding are removed, unless
 * the run did not look for such findings.
 *
 * @param selection  its baseline is not applied
 * @param to         not the file at options->path, which is read during the call; stays
 *                   open, is flushed, and its errors are reported
 * @param counts     set on success
 *
 * Errors: as lc_view_new; LC_ERR_IO (it cannot be written).
 */
LC_API enum lc_status lc_baseline_write(const struct lc_index *index,
                                        const struct lc_selection *selection,
                                        const struct lc_baseline_options *options,
                                        FILE *to, struct lc_baseline_counts *counts,
                                        struct lc_error *err);

/** Write a baseline to a function instead of a stream. Errors: as lc_baseline_write, but
 * LC_ERR_IO and LC_ERR_STOPPED as the function says: see lc_write_fn. */
LC_API enum lc_status lc_baseline_write_to(const struct lc_index *index,
                                           const struct lc_selection *selection,
                                           const struct lc_baseline_options *options,
                                           lc_write_fn *write, void *context,
                                           struct lc_baseline_counts *counts,
                                           struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
