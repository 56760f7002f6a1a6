/* reach.h - which rows a finding affects; private to the files of effects.h */
#ifndef LC_REPORT_MODEL_REACH_H
#define LC_REPORT_MODEL_REACH_H

#include "report/model/effects.h"

/** An effect while rows are marked: the row's file is not loaded, whatever else is wrong
 * with the row. */
#define LC_NOT_LOADED (LC_EFFECT_REFUSED + 1)

/** The rows that a finding about a row or file affects. */
enum lc_reach {
    LC_REACH_IMAGES,    /* rows with images */
    LC_REACH_TURNS,     /* rows with turns */
    LC_REACH_ELSEWHERE, /* rows with turns in a column other than messages, if the program
                           reads both columns */
    LC_REACH_COLUMNS,   /* the number of the above, which are about two columns */
    LC_REACH_ALL,       /* all rows of its file */
    LC_REACH_ROW,       /* its row */
};

/** What a trainer reads of rows of a dialect. */
struct lc_reading {
    bool no_images;  /* their images are not read: findings about them do not count */
    bool no_media;   /* nor do findings about the keys and placeholders of their media */
    bool only_parts; /* nor do these, in rows whose parts name no image */
    struct lc_rule_effect unread; /* no_images: what happens to these rows instead */
};

/** What a trainer does with a rows file. */
struct lc_file_effects {
    uint64_t first_row;
    bool is_array;                  /* it is loaded whatever its name */
    struct lc_reading reading;      /* of its rows, except for those in another dialect */
    uint8_t lost[LC_REACH_COLUMNS]; /* effect of a column that is not read on these rows,
                                       or FINE */
    bool loses[LC_REACH_COLUMNS];   /* there are such rows */
    uint8_t unpaired; /* effect on its rows without rejected_response, or FINE */
    uint8_t found;    /* the effects on its rows, a bit each: 1 << enum lc_effect */
};

/** Whether an effect counts more than another effect on the same row. Programs leave rows
 * out before they look at anything else in them, so nothing else can happen to such
 * rows. */
bool lc_effect_outranks(uint8_t effect, uint8_t other);

enum lc_reach lc_reach_of(const struct lc_finding_record *finding);

/** Whether a finding keeps its whole file from being loaded: the file is gone, or is not
 * JSON, which loaders read all at once. There are two exceptions: half of a surrogate
 * pair, which fails only later, and a column with two names, which only affects the rows
 * that use one of them. */
bool lc_finding_keeps_out(const struct lc_finding_record *finding);

/** Whether a finding is about a row's images, or about the number of their placeholders.
 * It does not matter to a trainer that does not read their column. */
bool lc_finding_is_about_media(const struct lc_finding_record *finding);

/** Whether a finding is about a row that is not valid JSON. */
bool lc_finding_is_about_broken_row(const struct lc_finding_record *finding);

/** The file that has a row. There are files. */
const struct lc_file_effects *lc_effects_file_of(const struct lc_effects *effects,
                                                 uint64_t row);

/** What the trainer reads of a row. There are files. */
const struct lc_reading *lc_effects_reading_of(const struct lc_effects *effects,
                                               uint64_t row);

/** Whether the trainer reads none of the media of a row, so that findings about them do
 * not count. There are files. */
bool lc_effects_reads_no_media(const struct lc_effects *effects, uint64_t row);

/** Find what is needed for the effects of findings, once the effects on all rows are
 * known. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_effects_finish(struct lc_effects *effects,
                                               const struct lc_index *index,
                                               struct lc_error *err);

#endif
