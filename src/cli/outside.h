/* outside.h - a result is written into none of the folders that are checked */
#ifndef LC_CLI_OUTSIDE_H
#define LC_CLI_OUTSIDE_H

#include "cli/cli.h"

/** What a result is made from: a rows file or a folder at an index; NULL past the end. */
typedef const char *lc_input_fn(const void *user, size_t index, bool *is_folder);

/**
 * Whether a file would be in none of the folders that the user named, before the check.
 * Beside a rows file that was named is not inside of what is checked.
 *
 * @param command  its name, for messages
 *
 * @return false after an error was printed
 */
bool lc_is_outside_paths(const char *file, const char *command,
                         const struct lc_settings *settings);

/** The same of the folders that were found, after the check. */
bool lc_is_outside_inputs(const char *file, const char *command,
                          const struct lc_settings *settings, lc_input_fn *input,
                          const void *user);

#endif
