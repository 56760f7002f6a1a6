/* all.h - --all: several data sets that are checked one after another */
#ifndef LC_CLI_ALL_H
#define LC_CLI_ALL_H

#include "cli/cli.h"
#include "llava_check/sets.h"

struct lc_listener;

/** The outcome of a data set, and the texts that it points to. */
struct lc_all_set {
    struct lc_set_outcome outcome;
    char *path, *dialects, *images, *videos;
};

/** The data sets below a path. */
struct lc_all {
    size_t total;
    struct lc_all_set *sets; /* the data sets that were checked */
    size_t count, capacity;
    char *reports[LC_MAX_REPORTS]; /* report files of the next data set */
};

/**
 * Make the settings of the next data set, whose reports go to numbered files.
 *
 * Returns false after an error was printed.
 */
bool lc_all_next(struct lc_all *all, const struct lc_settings *settings,
                 const char *const *path, struct lc_settings *one);

/** Print which data set is reported next, if reports are for people. */
void lc_all_head(const struct lc_all *all, const struct lc_settings *settings);

/** Record the outcome of a data set; results is NULL if it could not be checked. Returns
 * false after an error was printed. */
bool lc_all_add(struct lc_all *all, const struct lc_settings *settings,
                const struct lc_listener *listener, const struct lc_results *results,
                bool is_failed);

/** Print the list of all data sets, and write it to the report files. Returns false after
 * an error was printed. */
bool lc_all_end(struct lc_all *all, const struct lc_settings *settings,
                struct lc_report_file *files);

void lc_all_clear(struct lc_all *all);

/** Whether --all is combined with an option that only makes sense for a single run; if
 * so, print an error. */
bool lc_all_is_misused(const struct lc_settings *settings);

#endif
