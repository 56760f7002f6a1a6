/* writer.h - what the reports for people on a terminal share; private to src/report */
#ifndef LC_REPORT_TEXT_WRITER_H
#define LC_REPORT_TEXT_WRITER_H

#include "report/model/report.h"

enum lc_style {
    LC_STYLE_ERROR,
    LC_STYLE_WARNING,
    LC_STYLE_INFO,
    LC_STYLE_GOOD,
    LC_STYLE_BOLD,
    LC_STYLE_DIM,
    LC_STYLE_PLACE,
};

/** A rule with findings that are shown. */
struct lc_group {
    const struct lc_rule_info *rule;
    enum lc_severity severity;    /* the worst of its findings */
    struct lc_rule_effect effect; /* the worst effect on the trainer */
    bool has_effect;
    uint64_t count; /* findings that are shown or only counted */
    uint64_t examples;
    struct lc_buffer text;  /* the examples' lines */
    struct lc_buffer cause; /* the cause that the last example may share with others */
};

/** A report for people that is being written. */
struct lc_text_writer {
    const struct lc_report *report;
    FILE *to; /* wraps lines to fit a terminal */
    struct lc_group *groups;
    size_t group_count;
    uint64_t examples; /* maximum number of examples per rule */
    uint64_t fixable;  /* number of shown findings with a safe fix, except these: */
    uint64_t perhaps;  /* fixed if the image root has the file: not looked for yet */
    uint64_t unsafe;   /* number of shown findings with an unsafe fix */
};

/**
 * Begin to write.
 *
 * Owner:  the caller, lc_text_end, also on failure.
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_text_begin(const struct lc_report *report,
                                           struct lc_text_writer *out,
                                           struct lc_error *err);

/** End and free, also after an error. Returns status, or LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_text_end(struct lc_text_writer *w, enum lc_status status,
                                         struct lc_error *err);

/**
 * Find the groups, the worst first: by level, then by what the trainer does, then by
 * number. Also prepare the lines of the examples.
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_text_groups(struct lc_text_writer *w,
                                            struct lc_error *err);

/** Print the first lines of a group: level, code, name, number, effect, and what the rule
 * finds. */
void lc_text_group_head(const struct lc_text_writer *w, const struct lc_group *group);

/** Append a finding's place, in its own style, and what was found. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_line(const struct lc_text_writer *w,
                                          const struct lc_finding_record *finding,
                                          struct lc_buffer *out, struct lc_error *err);

/** Return the codes that begin or end a style; empty without colour. */
const char *lc_text_on(const struct lc_text_writer *w, enum lc_style style);
const char *lc_text_off(const struct lc_text_writer *w);

/** The style of a level. */
enum lc_style lc_text_style(enum lc_severity severity);

/** "" for 1, or "s". */
const char *lc_text_plural(uint64_t count);

/* Print the data set in a few lines. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_head(const struct lc_text_writer *w,
                                          struct lc_error *err);

/** Print what to do next, as commands; the groups must be known. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_next(const struct lc_text_writer *w,
                                          struct lc_error *err);

/** Print the last lines: the baseline, what the trainer does, and the verdict. Errors:
 * LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_verdict(const struct lc_text_writer *w,
                                             struct lc_error *err);

/** Print what all trainers would do, if they are compared. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_trainers(const struct lc_text_writer *w,
                                              struct lc_error *err);

/* Print the first lines, and the part of the verdict about files, when the data was
 * verified. Errors as above. */
LC_MUST_CHECK enum lc_status lc_text_verify_head(const struct lc_text_writer *w,
                                                 struct lc_error *err);
void lc_text_verify_verdict(const struct lc_text_writer *w, bool failed);

/* The same when files were compared with records of their download. */
LC_MUST_CHECK enum lc_status lc_text_proof_head(const struct lc_text_writer *w,
                                                struct lc_error *err);
void lc_text_proof_verdict(const struct lc_text_writer *w, bool failed);

/** Print "3 errors, 1 note": the findings on the levels from high down to low. */
void lc_text_counts(const struct lc_text_writer *w, int high, int low);

#endif
