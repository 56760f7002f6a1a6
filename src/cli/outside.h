/* outside.h - ensures that nothing is written into the folders that are checked */
#ifndef LC_CLI_OUTSIDE_H
#define LC_CLI_OUTSIDE_H

#include "cli/cli.h"

/** A place where something is to be written. */
struct lc_result_place {
    const char *path;
    bool is_folder;     /* a folder that is written into; otherwise a file */
    bool may_be_beside; /* the place may be beside a rows file that the user named, even
                           if that folder is the image root */
};

/** Return an input of a result, a rows file or a folder, by index; NULL past the end. */
typedef const char *lc_input_fn(const void *user, size_t index, bool *is_folder);

/** Whether a place is in none of the folders that the user named. Returns false after an
 * error was printed. */
bool lc_is_outside_named(const struct lc_result_place *place,
                         const struct lc_settings *settings);

/** Whether a place is in none of the folders that were found. Returns false after an
 * error was printed. */
bool lc_is_outside_inputs(const struct lc_result_place *place,
                          const struct lc_settings *settings, lc_input_fn *input,
                          const void *user);

#endif
