/* listener.h - what a check reports while it runs: progress, notices, data sets found */
#ifndef LC_CLI_LISTENER_H
#define LC_CLI_LISTENER_H

#include "base/buffer.h"
#include "cli/cli.h"

/** The data sets found below a path that was to be checked. */
struct lc_found_sets {
    struct lc_list paths;
    struct lc_buffer lines; /* commands that check one each; each ends with NUL */
    bool failed;
};

/** Receives the reports of a run. */
struct lc_listener {
    struct lc_bar *bar;
    struct lc_metrics *metrics; /* NULL: none */
    struct lc_found_sets sets;
    bool quiet;
    bool verbose;
    const char *const *parts; /* only for a merge */
    char *image_root;         /* as chosen, with its hit rate; NULL: not chosen yet */
    char *video_root;
};

void lc_listener_clear(struct lc_listener *listener);

/** The options of a check that reports to a listener; both must outlive it. */
struct lc_check_options lc_listener_options(struct lc_listener *listener,
                                            const struct lc_settings *settings);

/* Functions for other runs: they report progress, notices, and what was chosen, one
 * choice per line. `user` is a listener. */
void lc_listener_notice(void *user, const char *line);
void lc_listener_progress(void *user, const struct lc_progress *progress);
void lc_listener_choice(void *user, const char *what, const char *choice);

/** If there are several data sets, print commands that check one each. */
void lc_listener_list_sets(const struct lc_listener *listener);

/** Return which of the things that the user named an error is about. */
const char *lc_subject_of(const struct lc_settings *settings,
                          const struct lc_error *error);

#endif
