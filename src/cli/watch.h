/* watch.h - watch PATH: check a data set while it is downloaded or unpacked */
#ifndef LC_CLI_WATCH_H
#define LC_CLI_WATCH_H

#include "cli/listener.h"

/**
 * Check a data set again and again, until nothing of it has changed for as long as the
 * settings say, or a signal arrives. Each round reads only what is new.
 *
 * @param out  set on success, to the results of the last round
 *
 * Errors: those of lc_check; in rounds before the last, only LC_ERR_MEMORY and
 *         LC_ERR_INDEX. LC_ERR_STOPPED if a signal came before a round was finished.
 */
enum lc_status lc_watch(const struct lc_settings *settings, struct lc_listener *listener,
                        struct lc_index **out, struct lc_error *error);

#endif
