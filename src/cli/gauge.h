/* gauge.h - progress of a run as a line of text: percentage, rates, time left */
#ifndef LC_CLI_GAUGE_H
#define LC_CLI_GAUGE_H

#include "llava_check/check.h"

#include <stdbool.h>
#include <stddef.h>

#define LC_GAUGE_SAMPLES 16
#define LC_GAUGE_LINE 512 /* each of the lines fits into this number of bytes */

/** Progress at a point in time. */
struct lc_sample {
    double time;
    uint64_t done;
    uint64_t bytes;
};

/** All zero is a gauge without data. Times are seconds of a monotonic clock. */
struct lc_gauge {
    struct lc_progress now;
    double time;                  /* when `now` was current */
    double began;                 /* when the run began */
    double spent[LC_STAGE_COUNT]; /* time spent in each stage so far */
    double last_due;              /* when lc_gauge_is_due last returned true */
    bool started;
    struct lc_sample samples[LC_GAUGE_SAMPLES]; /* from the last seconds of the current
                                                   stage */
    size_t sample_count;
};

/** Record the progress at a point in time. */
void lc_gauge_update(struct lc_gauge *gauge, const struct lc_progress *progress,
                     double time);

/** Whether interval seconds have passed since this last returned true, or since the
 * start. */
bool lc_gauge_is_due(struct lc_gauge *gauge, double interval);

/** Format a line with a bar, of less than width columns; what does not fit is omitted. */
void lc_gauge_bar(const struct lc_gauge *gauge, size_t width, char *out);

/** Format the progress as a sentence: "images: 45%, 900 of 2,000, …". */
void lc_gauge_sentence(const struct lc_gauge *gauge, char *out);

/** Format the progress as a JSON object (docs/progress.md); over: the run has ended. */
void lc_gauge_json(const struct lc_gauge *gauge, bool over, char *out);

/** Format how long each stage took: "rows 0.1 s, images 2.3 s; 2.4 s in all". */
void lc_gauge_times(const struct lc_gauge *gauge, char *out);

#endif
