/* metrics.h - --metrics FILE: the state of a run in Prometheus' text format */
#ifndef LC_CLI_METRICS_H
#define LC_CLI_METRICS_H

#include "cli/cli.h"

/** All calls accept NULL. */
struct lc_metrics;

/**
 * Begin to write metrics, if settings name a file for them.
 *
 * @param out  set on success; NULL: no metrics are wanted
 * @return false after an error was printed: the file cannot be written, or the file there
 *         is not a metrics file
 *
 * Owner: the caller, lc_metrics_end; settings must outlive it.
 */
bool lc_metrics_new(const struct lc_settings *settings, struct lc_metrics **out);

/** Record how far the run is; the file is written every few seconds. */
void lc_metrics_progress(struct lc_metrics *metrics, const struct lc_progress *progress);

/** Record a number that the run chose for itself, such as the number of workers. */
void lc_metrics_choice(struct lc_metrics *metrics, const char *what, const char *choice);

/** Record the results of a run that was finished. */
void lc_metrics_results(struct lc_metrics *metrics, const struct lc_results *results);

/** Write the file for the last time, and free the metrics. Returns false after an error
 * was printed. */
bool lc_metrics_end(struct lc_metrics *metrics, enum lc_exit code);

#endif
