/* diff.h - what formats of differences share; private to src/report */
#ifndef LC_REPORT_DIFF_DIFF_H
#define LC_REPORT_DIFF_DIFF_H

#include "diff/diff.h"
#include "llava_check/diff.h"
#include "llava_check/report.h"
#include "report/model/report.h"

/** The input and output of a report of differences. */
struct lc_diff_report {
    const struct lc_index *indexes[2]; /* a and b */
    const struct lc_diff *diff;
    const struct lc_diff_options *options;
    FILE *to;
};

/** A format of differences: one file, and a row of the table in diff.c. */
struct lc_diff_format {
    struct lc_report_format_info info;
    /* Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
    enum lc_status (*write)(const struct lc_diff_report *report, struct lc_error *err);
};

extern const struct lc_diff_format lc_diff_text;
extern const struct lc_diff_format lc_diff_json;
extern const struct lc_diff_format lc_diff_jsonl;

/** The parts in which two rows can differ. */
enum lc_row_part {
    LC_PART_TEXT = 1,         /* one of the two could not be read */
    LC_PART_IMAGES = 2,       /* the paths of the images, in order; in shards, also their
                               * bytes */
    LC_PART_CONVERSATION = 4, /* the turns, or the videos */
    LC_PART_OTHER = 8,        /* other members */
};
#define LC_PARTS 4

/** Return the name of a part by the index of its bit: "text", "images", "conversation" or
 * "other"; static. */
const char *lc_part_name(unsigned bit);

/**
 * Find the parts in which a changed row differs.
 *
 * @param parts  set to bits of enum lc_row_part. If the images differ, the conversation
 *               is compared only by its numbers of turns, words, characters and
 *               placeholders, because its hash includes the images.
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_diff_parts(const struct lc_diff_report *report,
                                           const struct lc_diff_pair *pair,
                                           unsigned *parts, struct lc_error *err);

/** Count the changed rows or images: the changes whose kinds are from first to last. */
uint64_t lc_diff_count(const struct lc_diff *diff, enum lc_change first,
                       enum lc_change last);

#endif
