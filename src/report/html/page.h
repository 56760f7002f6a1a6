/* page.h - what the parts of the HTML report share; private to src/report */
#ifndef LC_REPORT_HTML_PAGE_H
#define LC_REPORT_HTML_PAGE_H

#include "llava_check/rules.h"
#include "report/model/report.h"
#include "rules/rules.h"

/** A rule with findings. */
struct lc_html_rule {
    enum lc_severity severity;    /* the worst of its findings */
    struct lc_rule_effect effect; /* worst effect of its findings on the trainer */
    uint64_t count;               /* of its findings on the levels that are shown */
    uint64_t quota;               /* number of its findings that the page lists: the first
                                     ones */
};

/** A rows file or a folder of images with findings. */
struct lc_html_place {
    struct lc_span name;
    enum lc_finding_kind kind;
    uint64_t counts[3]; /* by enum lc_severity */
    uint32_t rules[LC_RULE_COUNT];
};

/** Maximum number of folders that are counted separately. */
#define LC_HTML_PLACES_MOST 4096
#define LC_HTML_PLACE_SLOTS 8192

/** An HTML report while it is written. */
struct lc_html {
    const struct lc_report *report;
    struct lc_out out;
    struct lc_jw json;                        /* writes to out */
    struct lc_html_rule rules[LC_RULE_COUNT]; /* by enum lc_rule_index */
    struct lc_html_place *places;
    size_t place_count;
    size_t place_capacity;
    uint32_t place_slots[LC_HTML_PLACE_SLOTS]; /* a hash table of indexes + 1; 0: empty */
    uint64_t shown;                            /* number of findings on the levels that
                                                  are shown */
    uint64_t listed;                           /* findings that the page lists */
    uint64_t of_each; /* maximum number of findings listed for each rule; 0: no limit */
};

/* ---- counting. Errors: LC_ERR_INDEX, LC_ERR_MEMORY ---- */

/** Count the findings by rule and by place, and decide which ones are listed. */
LC_MUST_CHECK enum lc_status lc_html_count(struct lc_html *w, struct lc_error *err);

/** Count a finding for its place. */
LC_MUST_CHECK enum lc_status lc_html_count_place(struct lc_html *w,
                                                 const struct lc_finding_record *finding,
                                                 size_t rule, struct lc_error *err);

/** Set `ranked` to the indexes of the rules with findings, the worst first. Returns their
 * number. */
size_t lc_html_rank(const struct lc_html *w, size_t ranked[LC_RULE_COUNT]);

/* ---- members of the page's JSON. Errors: LC_ERR_INDEX, LC_ERR_MEMORY ---- */

/** Write the whole JSON; docs/html-report.md. */
LC_MUST_CHECK enum lc_status lc_html_data(struct lc_html *w, struct lc_error *err);

/** Write "rules": the rules with findings, explained, with their thumbnails. */
LC_MUST_CHECK enum lc_status lc_html_rules(struct lc_html *w, struct lc_error *err);

/** Write "places" and "more_places". */
void lc_html_places(struct lc_html *w);

/** Write "image_sizes" and "aspect_ratios". */
LC_MUST_CHECK enum lc_status lc_html_sizes(struct lc_html *w, struct lc_error *err);

#endif
