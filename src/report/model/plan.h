/* plan.h - what fits into a report of limited room; private to src/report
 *
 * A place where reports are read shows so many entries and no more. What a rule finds is
 * listed one by one where there is room for all of it, else together by folder, else in
 * one entry; the rules that found least come first to their detail, so that one million
 * missing images do not hide one broken row. Nothing is left out without being counted.
 */
#ifndef LC_REPORT_MODEL_PLAN_H
#define LC_REPORT_MODEL_PLAN_H

#include "report/model/items.h"
#include "report/model/seen.h"

/** Folders that are told apart for a rule; what is in others is told together. */
#define LC_PLAN_FOLDERS 200

enum lc_detail {
    LC_DETAIL_NONE,    /* told with others, in the last entry */
    LC_DETAIL_RULE,    /* one entry */
    LC_DETAIL_FOLDERS, /* one for each folder, or for the first ones and for the others */
    LC_DETAIL_ALL,     /* one for each finding */
};

/** What a rule found in a folder of images, or in a rows file. */
struct lc_plan_folder {
    struct lc_span name; /* of the index; empty: in the set; NULL: in other folders */
    uint64_t count;
    struct lc_buffer examples; /* the first few, a line each: plain text */
    unsigned example_count;
    struct lc_buffer path; /* of the first, as lc_item's */
    uint64_t line;
    uint64_t column;
};

/** What a rule found on one level. */
struct lc_strand {
    const struct lc_rule_info *rule;
    enum lc_severity severity;
    enum lc_severity found; /* before a selection gave it another level */
    enum lc_effect effect;  /* on the trainer's rows */
    uint64_t count;
    enum lc_detail detail;
    struct lc_plan_folder *folders; /* those of most findings first */
    size_t folder_count;
    size_t entries; /* LC_DETAIL_FOLDERS: the last one is of the folders that are left */
    size_t folder_capacity;
};

struct lc_plan {
    const struct lc_report *report;
    struct lc_strand *strands; /* the worst first */
    size_t strand_count;
    size_t room;
    uint64_t findings; /* of the levels */
    uint64_t together; /* of those, findings that have no entry of their own */
    size_t entries;
    struct lc_seen *seen;
    struct lc_item_room item;
};

/**
 * Plan a report.
 *
 * @param low, high  the levels of what is listed
 * @param room       entries, at least 1
 *
 * Owner:   the caller, lc_plan_clear, also on failure.
 * Errors:  LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_plan_make(const struct lc_report *report,
                                          enum lc_severity low, enum lc_severity high,
                                          size_t room, struct lc_plan *out,
                                          struct lc_error *err);
void lc_plan_clear(struct lc_plan *plan);

/** Called for each entry. LC_OK to go on. */
typedef enum lc_status lc_item_fn(void *user, const struct lc_item *item,
                                  struct lc_error *err);

/** List the entries: those of many findings, the worst first; then findings, in the order
 * of reports. Errors: LC_ERR_INDEX, LC_ERR_MEMORY, what each returns. */
LC_MUST_CHECK enum lc_status lc_plan_each(struct lc_plan *plan, lc_item_fn *each,
                                          void *user, struct lc_error *err);

/** How many entries are of several findings of a strand. */
size_t lc_strand_parts(const struct lc_strand *strand);

/** How often it was asked about a hash, this time included. Of each entry about its
 * identity, when it is listed, and for one other hash of the caller's at most. */
uint32_t lc_plan_times(struct lc_plan *plan, const struct lc_hash *hash);

/** The example that begins at a place of those of a folder, which has one there. The next
 * begins behind its end and one byte more. */
struct lc_span lc_plan_example(const struct lc_plan_folder *folder, size_t from);

/** Append a sentence when something is told together: "740,000 of 740,009 findings …".
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_plan_note(const struct lc_plan *plan,
                                          struct lc_buffer *out, struct lc_error *err);

#endif
