/* page.h - what the parts of the HTML report share; private to src/report */
#ifndef LC_REPORT_HTML_PAGE_H
#define LC_REPORT_HTML_PAGE_H

#include "llava_check/rules.h"
#include "report/model/report.h"
#include "rules/rules.h"

/** Characters of a foreign text that are shown; what is more is counted. */
#define LC_HTML_TEXT_MOST 400

/** Findings in the table at most: the page stays one that a browser opens at once. */
#define LC_HTML_LISTED_MOST 50000

/** Findings of one rule that are shown with it. */
#define LC_HTML_EXAMPLES 5

/** Folders that are told apart. */
#define LC_HTML_PLACES_MOST 4096
#define LC_HTML_PLACE_SLOTS 8192

/** A rule that found something. */
struct lc_html_rule {
    const struct lc_rule_info *info;
    enum lc_severity severity; /* the worst of its findings */
    enum lc_severity found;    /* the same, whatever level a selection gives them */
    uint64_t count;            /* of findings that are shown */
    uint64_t quota;            /* the first of them that are in the table */
    unsigned examples;
    struct lc_buffer text; /* the examples, as HTML */
};

/** A rows file or a folder of images with findings. */
struct lc_html_place {
    struct lc_span name;
    enum lc_finding_kind kind;
    uint64_t counts[3]; /* by enum lc_severity */
    uint32_t rules[LC_RULE_COUNT];
};

/** An HTML report being written. */
struct lc_html {
    const struct lc_report *report;
    FILE *to;
    struct lc_html_rule rules[LC_RULE_COUNT]; /* by enum lc_rule_index */
    struct lc_html_place *places;
    size_t place_count;
    size_t place_room;
    uint32_t place_slots[LC_HTML_PLACE_SLOTS]; /* a hash table of indexes + 1; 0: empty */
    uint64_t shown;                            /* findings of the levels that are shown */
    uint64_t listed;                           /* of those, in the table */
    uint64_t of_each; /* the first of each rule, when not all are listed */
    struct lc_buffer text;
};

/* ---- texts; text.c ---- */

/** Write our own text, with what is markup in HTML escaped. */
void lc_html_own(FILE *to, const char *text);

/** The same for sentences: what stands between backticks is code. */
void lc_html_prose(FILE *to, const char *text);

/**
 * Write foreign text, which can become neither markup nor an order to turn text around:
 * that and what is not UTF-8 is shown as \xNN or \u{NNNN}; long text is cut visibly.
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_html_foreign(struct lc_html *w, struct lc_span text,
                                             struct lc_error *err);

/** The same as a string of JSON within HTML, quotes and all. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_html_json(struct lc_html *w, struct lc_span text,
                                          struct lc_error *err);

/** "" for 1, or "s". */
const char *lc_html_plural(uint64_t count);

/** Write a share in percent: "12.5 %"; never 0 or 100 when it is not. Returns out. */
const char *lc_html_percent(uint64_t part, uint64_t all, char out[LC_COUNT_SIZE]);

/** "error", "warning" or "note". */
const char *lc_html_level(enum lc_severity severity);

/** The index of a finding's rule; LC_RULE_COUNT when there is no such rule. */
size_t lc_html_rule_of(const struct lc_finding_record *finding);

/* ---- sections, each written whole. Errors: LC_ERR_INDEX, LC_ERR_MEMORY ---- */

/* head.c: the verdict, what the trainer does, the numbers. */
LC_MUST_CHECK enum lc_status lc_html_head(struct lc_html *w, struct lc_error *err);

/* thumbs.c: the pictures of a rule's images, when there are any. */
LC_MUST_CHECK enum lc_status lc_html_thumbs(struct lc_html *w, size_t rule,
                                            struct lc_error *err);

/* rules.c, places.c: what was found, by rule and by place. The first counts. */
LC_MUST_CHECK enum lc_status lc_html_count(struct lc_html *w, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_html_rules(struct lc_html *w, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_html_places(struct lc_html *w, struct lc_error *err);

/** Count a finding for its place. */
LC_MUST_CHECK enum lc_status lc_html_count_place(struct lc_html *w,
                                                 const struct lc_finding_record *finding,
                                                 size_t rule, struct lc_error *err);

/* data.c: what the data are like, in plots. */
LC_MUST_CHECK enum lc_status lc_html_data(struct lc_html *w, struct lc_error *err);

/* findings.c: the table, and the findings for the script. */
LC_MUST_CHECK enum lc_status lc_html_findings(struct lc_html *w, struct lc_error *err);

#endif
