/* text.h - what the parts of the text report share; private to src/report */
#ifndef LC_REPORT_TEXT_H
#define LC_REPORT_TEXT_H

#include "report/report.h"

enum lc_style {
    LC_STYLE_ERROR,
    LC_STYLE_WARNING,
    LC_STYLE_INFO,
    LC_STYLE_GOOD,
    LC_STYLE_BOLD,
    LC_STYLE_DIM,
};

/** A rule that found something. */
struct lc_group {
    const struct lc_rule_info *rule;
    enum lc_severity severity; /* the worst of its findings */
    uint64_t count;            /* findings that are shown or counted */
    uint64_t examples;
    struct lc_buffer text;  /* the examples' lines */
    struct lc_buffer cause; /* what the last example has in common with others */
};

/** A text report being written. */
struct lc_text_writer {
    const struct lc_report *report;
    FILE *to;
    struct lc_group *groups;
    size_t group_count;
    uint64_t examples; /* at most so many of each rule */
    uint64_t refused;  /* rows files that Python's json does not load */
    uint32_t last_refused;
};

/** The codes that begin a style and end it; empty without colour. */
const char *lc_text_on(const struct lc_text_writer *w, enum lc_style style);
const char *lc_text_off(const struct lc_text_writer *w);

/** "" for 1, or "s". */
const char *lc_text_plural(uint64_t count);

/* The data set in a few lines; what to do next; the verdict. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_head(const struct lc_text_writer *w,
                                          struct lc_error *err);
void lc_text_hints(const struct lc_text_writer *w);
LC_MUST_CHECK enum lc_status lc_text_withheld(const struct lc_text_writer *w,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_text_verdict(const struct lc_text_writer *w,
                                             struct lc_error *err);

/* The same first lines and verdict when the data was verified. Errors as above. */
LC_MUST_CHECK enum lc_status lc_text_verify_head(const struct lc_text_writer *w,
                                                 struct lc_error *err);
void lc_text_verify_verdict(const struct lc_text_writer *w);

/** "3 errors, 1 note": the findings of levels from high down to low, joined. */
void lc_text_counts(const struct lc_text_writer *w, int high, int low);

#endif
