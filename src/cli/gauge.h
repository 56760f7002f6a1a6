/* gauge.h - how far a run is, how fast and how long still: numbers into a line of text */
#ifndef LC_CLI_GAUGE_H
#define LC_CLI_GAUGE_H

#include "llava_check/check.h"

#include <stdbool.h>
#include <stddef.h>

#define LC_GAUGE_SAMPLES 16
#define LC_GAUGE_LINE 512 /* bytes that each of the lines fits into */

/** How far it was at a time. */
struct lc_sample {
    double time;
    uint64_t done;
    uint64_t bytes;
};

/** Zero is one that has seen nothing. Times are seconds of a clock that only goes on. */
struct lc_gauge {
    struct lc_progress now;
    double time;                  /* of now */
    double began;                 /* the run */
    double spent[LC_STAGE_COUNT]; /* in stages that are over, and in this one */
    double told;                  /* when lc_gauge_is_due was true last */
    bool started;
    struct lc_sample samples[LC_GAUGE_SAMPLES]; /* of the last seconds of the stage */
    size_t sample_count;
};

/** Take what was told at a time. */
void lc_gauge_take(struct lc_gauge *gauge, const struct lc_progress *progress,
                   double time);

/** Whether so many seconds have passed since this was true, or since the run began. */
bool lc_gauge_is_due(struct lc_gauge *gauge, double interval);

/** One line with a bar, of less than width columns: what does not fit is left out. */
void lc_gauge_bar(const struct lc_gauge *gauge, size_t width, char *out);

/** The same as a sentence: "images: 45%, 900 of 2,000, …". */
void lc_gauge_sentence(const struct lc_gauge *gauge, char *out);

/** The same as a JSON object (docs/progress.md); over: the run has ended. */
void lc_gauge_json(const struct lc_gauge *gauge, bool over, char *out);

/** How long each stage took: "rows 0.1 s, images 2.3 s; 2.4 s in all". */
void lc_gauge_times(const struct lc_gauge *gauge, char *out);

#endif
