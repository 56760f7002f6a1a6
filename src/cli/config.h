/* config.h - settings files; private to config*.c */
#ifndef LC_CLI_CONFIG_H
#define LC_CLI_CONFIG_H

#include "cli/cli.h"

#include <stdio.h>

/** How a file that is not read as it was found can be used all the same. */
#define LC_CONFIG_NAME_IT "; to use it, pass it with --config"

/** A settings file. */
struct lc_config {
    const char *path;   /* as messages show it */
    const char *folder; /* what paths in it begin with: "" or with a slash at its end */
    const char *real; /* its folder as a real path, which paths in it do not leave; NULL:
                         they may lead anywhere */
    enum lc_origin origin;
};

/**
 * Open a file that was found, not named.
 *
 * It may be anybody's: it is read only if it is a regular file that belongs to this user
 * or root, and a link to it stays in its folder.
 *
 * @param out  NULL: it is not read
 * @param why  set then, to what is noted: "it is no regular file"; static
 * @return false after an error was printed
 */
bool lc_config_open_found(const struct lc_config *config, FILE **out, const char **why);

/** Open a file that the user named. NULL after an error was printed. */
FILE *lc_config_open_named(const char *path);

/**
 * Read settings.
 *
 * A file in the data cannot make a run fail: what it may not set, or sets wrongly, is not
 * used, and noted. Any other is read in whole or is an error.
 *
 * @param file  stays open
 * @param out   with what it says; to be thrown away when it is not read
 * @param note  is_read and note are set
 * @return false after an error was printed
 */
bool lc_config_load(const struct lc_config *config, FILE *file, const char *command,
                    struct lc_settings *out, struct lc_settings_file *note);

/**
 * Whether a path stays in a folder, wherever links on it lead; what of it is not there
 * yet may not climb. The folder of a repository's own files, .git, is not in it.
 *
 * @param folder  a real path
 * @param path    as it is opened
 * @param out     set
 * @return false after an error was printed: it could not be told
 */
bool lc_path_stays(const char *folder, const char *path, bool *out);

/** Whether a real path is a folder, or below it. */
bool lc_path_is_below(const char *folder, const char *path);

/** Cut a path to that of the folder it is in; false at the top, or when it has none. */
bool lc_path_go_up(char *path);

#endif
