/* plan.h - fits findings into a report of limited capacity; private to src/report
 *
 * Services that show reports accept a limited number of entries. The findings of a rule
 * are listed one by one if all of them fit, else grouped by folder, else in one entry.
 * Rules with the fewest findings get detail first. Every finding is listed or counted;
 * plan.c explains the order.
 */
#ifndef LC_REPORT_MODEL_PLAN_H
#define LC_REPORT_MODEL_PLAN_H

#include "report/model/items.h"
#include "report/model/seen.h"

/** Maximum number of folders that are counted separately for a rule; the last one stands
 * for all others. */
#define LC_PLAN_FOLDERS 200

enum lc_detail {
    LC_DETAIL_NONE,    /* counted with other rules, in the last entry */
    LC_DETAIL_RULE,    /* one entry */
    LC_DETAIL_FOLDERS, /* one for each folder; or one for each of the first folders, and
                          one for the rest */
    LC_DETAIL_ALL,     /* one for each finding */
};

/** What a rule found in a folder of images, or in a rows file. */
struct lc_plan_folder {
    struct lc_span name; /* as in the index; empty: the set; NULL: all other folders */
    uint64_t count;
    struct lc_buffer examples; /* the first few, one per line, as plain text */
    unsigned example_count;
    struct lc_buffer path; /* of the first finding, as in lc_item */
    uint64_t line;
    uint64_t column;
};

/** The findings of a rule on one level. */
struct lc_rule_group {
    const struct lc_rule_info *rule;
    enum lc_severity severity;
    struct lc_rule_effect effect; /* worst effect of its findings on the trainer's rows */
    uint64_t count;
    enum lc_detail detail;
    struct lc_plan_folder *folders; /* those with the most findings first */
    size_t folder_count;
    size_t entries; /* LC_DETAIL_FOLDERS: the last entry covers the remaining folders */
    size_t folder_capacity;
};

struct lc_plan {
    const struct lc_report *report;
    struct lc_rule_group *rule_groups; /* the worst first */
    size_t rule_group_count;
    size_t capacity;
    uint64_t findings; /* findings on the levels of the plan */
    uint64_t grouped;  /* findings that have no entry of their own */
    size_t entries;
    struct lc_seen *seen;
    struct lc_item_buffers item;
};

/**
 * Plan a report.
 *
 * @param low, high  the levels that are listed
 * @param capacity   number of entries, at least 1
 *
 * Owner:   the caller, lc_plan_clear, also on failure.
 * Errors:  LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_plan_make(const struct lc_report *report,
                                          enum lc_severity low, enum lc_severity high,
                                          size_t capacity, struct lc_plan *out,
                                          struct lc_error *err);
void lc_plan_clear(struct lc_plan *plan);

/** Called for each entry. LC_OK to continue. */
typedef enum lc_status lc_item_fn(void *user, const struct lc_item *item,
                                  struct lc_error *err);

/** List the entries: first those that group findings, the worst first; then single
 * findings, in the order of reports. Errors: LC_ERR_INDEX, LC_ERR_MEMORY, and those of
 * each. */
LC_MUST_CHECK enum lc_status lc_plan_each(struct lc_plan *plan, lc_item_fn *each,
                                          void *user, struct lc_error *err);

/** Number of entries that group findings of a rule group; 0 if each is listed. */
size_t lc_rule_group_entries(const struct lc_rule_group *rule_group);

/** Count one more use of a hash and return the number of its uses so far. Called for the
 * identity of each entry when it is listed; callers may add one other hash per entry. */
uint32_t lc_plan_count_hash(struct lc_plan *plan, const struct lc_hash *hash);

/** Return the example of a folder that begins at an offset; there must be one. The next
 * example begins one byte past its end. */
struct lc_span lc_plan_example(const struct lc_plan_folder *folder, size_t from);

/** Append a sentence if findings are grouped: "740,000 of 740,009 findings …".
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_plan_note(const struct lc_plan *plan,
                                          struct lc_buffer *out, struct lc_error *err);

#endif
