/* outside.h - nothing is written into the folders that are checked */
#ifndef LC_CLI_OUTSIDE_H
#define LC_CLI_OUTSIDE_H

#include "cli/cli.h"

/** Where something is to be written. */
struct lc_result_place {
    const char *path;
    bool is_folder;     /* that is written into; otherwise a file */
    bool may_be_beside; /* a rows file that the user named, though its folder is the image
                           root */
};

/** What a result is made from: a rows file or a folder at an index; NULL past the end. */
typedef const char *lc_input_fn(const void *user, size_t index, bool *is_folder);

/** Whether a place is in none of the folders that the user named. Returns false after an
 * error was printed. */
bool lc_is_outside_named(const struct lc_result_place *place,
                         const struct lc_settings *settings);

/** Whether it is in none of the folders that were found. Returns false after an error was
 * printed. */
bool lc_is_outside_inputs(const struct lc_result_place *place,
                          const struct lc_settings *settings, lc_input_fn *input,
                          const void *user);

#endif
