/* report.h - reports of an index */
#ifndef LC_LLAVA_CHECK_REPORT_H
#define LC_LLAVA_CHECK_REPORT_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/output.h"
#include "llava_check/rules.h"
#include "llava_check/selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lc_thumbnails;

/** How a report is written. Zero is the default for every field except size and format.
 * A comment that begins with "text" applies to all formats for terminals: text, full,
 * grouped, concise and counts.
 */
struct lc_report_options {
    size_t size;           /* of this struct: LC_OPTIONS */
    const char *format;    /* the name of one of lc_report_format_at */
    enum lc_severity show; /* findings of lower levels are counted but not listed */
    const char *trainer;   /* whose effects are reported if prediction is NULL; NULL: that
                              of the first file's dialect */
    bool failed;           /* text: the verdict says FAILED, even if there are no
                              errors */
    bool color;            /* text: colour codes of terminals */
    unsigned width;        /* text: columns to fill; 0: lines are not broken */
    const char *prefix; /* text: put before file names, such as "raw/"; NULL: nothing */
    const char *again;  /* text: the shell words after `llava-check report` that lead to
                           these results, for suggested commands; NULL: suggest none */
    const char *base;   /* sarif, junit, github, gitlab: put before paths, such as "raw/",
                           so that they start at the repository's root; NULL: nothing */
    enum lc_severity fail_on;   /* junit: lower levels are listed, but do not fail */
    const struct lc_view *view; /* a view of this index, which selects the findings;
                                   NULL: all */
    /* the name for the cause of an adjustment in the verdict, such as a settings file or
     * the baseline; NULL: the option, such as "--ignore". Characters other than letters,
     * digits, dots, hyphens and underscores are escaped */
    const char *adjusted_by[LC_ADJUSTMENT_COUNT];
    const char *passed_by; /* what makes the exit code 0 although failed is set, such as
                              "--exit-zero"; printed as above; NULL: nothing does */
    uint64_t max_findings; /* list at most this many findings: text, full: of each rule;
                              else in all. Others are counted. 0: the format's limit */
    const struct lc_thumbnails *thumbnails; /* html: of this index; NULL: none */
    bool marked;  /* begin the report so that lc_report_is_one recognises its file */
    bool unsure;  /* failed because of lc_prediction_is_unsure: the verdict says so */
    bool stopped; /* failed because of lc_prediction_stops: the verdict names the trainer
                   */
    const struct lc_prediction *prediction; /* for this index; NULL: compute one for the
                                               trainer */
    const char *paths; /* text: the shell words after `llava-check fix` that name the data
                          set, for a suggested command; NULL: suggest none */
};

/** A report format; all texts are static. */
struct lc_report_format_info {
    const char *name;
    const char *summary;  /* what it is for: one line */
    const char *suffixes; /* of its files, separated by spaces; NULL: it has none */
    bool printed;         /* it is suitable for standard output */
};

/** The report format at an index; NULL past the end. */
LC_API const struct lc_report_format_info *lc_report_format_at(size_t index);

/**
 * Write a report.
 *
 * @param to  stays open; it is flushed and its errors are reported
 *
 * Errors:  LC_ERR_USAGE (no such format or trainer), LC_ERR_IO (writing failed: disk
 *          full, closed pipe), LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_report_write(const struct lc_index *index,
                                      const struct lc_report_options *options, FILE *to,
                                      struct lc_error *err);

/** What training programs would do with the rows of an index: computed once, for any
 * number of reports. */
struct lc_prediction;

/**
 * Compute what a trainer would do with the rows, or what all trainers would do.
 *
 * @param trainer  its name; NULL: that of the first file's dialect
 * @param all      also compute it for all other trainers, which reports then compare
 * @param out      set on success
 *
 * Owner:   the caller, lc_prediction_free, before the index is closed.
 * Errors:  LC_ERR_USAGE (no such trainer), LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_prediction_new(const struct lc_index *index, const char *trainer,
                                        bool all, struct lc_prediction **out,
                                        struct lc_error *err);

/**
 * Compute what a trainer would do with each row by itself, if the rows are a sample of a
 * larger data set (each_alone of struct lc_check_options). Effects of other rows on a row
 * do not count, and a row that is replaced is assumed to be replaced by a sound one.
 *
 * @param trainer  its name; NULL: that of the first file's dialect
 * @param out      set on success
 *
 * Owner, errors, threads: those of lc_prediction_new.
 */
LC_API enum lc_status lc_prediction_new_of_each(const struct lc_index *index,
                                                const char *trainer,
                                                struct lc_prediction **out,
                                                struct lc_error *err);
LC_API void lc_prediction_free(struct lc_prediction *prediction);

/**
 * Whether reported findings stop the trainer, or it does not read the rows at all.
 *
 * @param view  a view of the index, which selects the findings; NULL: all
 * @param out   set on success; false for the results of lc_verify
 *
 * Errors:  LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_prediction_stops(const struct lc_prediction *prediction,
                                          const struct lc_view *view, bool *out,
                                          struct lc_error *err);

/** Whether it is unknown what the trainer does with some row; false for the results of
 * lc_verify. */
LC_API bool lc_prediction_is_unsure(const struct lc_prediction *prediction);

/** Write a report to a function instead of a stream. Errors: as lc_report_write, but
 * LC_ERR_IO and LC_ERR_STOPPED as the function says: see lc_write_fn. */
LC_API enum lc_status lc_report_write_to(const struct lc_index *index,
                                         const struct lc_report_options *options,
                                         lc_write_fn *write, void *context,
                                         struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
