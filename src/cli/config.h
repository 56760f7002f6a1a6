/* config.h - settings files; private to config*.c */
#ifndef LC_CLI_CONFIG_H
#define LC_CLI_CONFIG_H

#include "cli/cli.h"

#include <stdio.h>

/** Ends the note on a file that is not read, or not completely. */
#define LC_CONFIG_NAME_IT "; to use it, pass it with --config"

/** A settings file. */
struct lc_config {
    const char *path;   /* as messages show it */
    const char *folder; /* base of the paths in it: "", or ends with a slash */
    const char *real;   /* real path of its folder, which paths in it may not leave; NULL:
                           they may lead anywhere */
    enum lc_origin origin;
};

/**
 * Open a settings file that was found rather than named.
 *
 * Anybody may have put it there, so it is opened only if it is a regular file that
 * belongs to this user or root; if it is a link, its target must be in the same folder.
 *
 * @param out  set to NULL if it must not be read
 * @param why  set to the reason in that case: "it is not a regular file"; static
 * @return false after an error was printed
 */
bool lc_config_open_found(const struct lc_config *config, FILE **out, const char **why);

/** Open a file that the user named. NULL after an error was printed. */
FILE *lc_config_open_named(const char *path);

/**
 * Read settings.
 *
 * A file in the data cannot make a run fail: settings that are invalid or that it may not
 * set are noted and not used. Any other file must be valid as a whole.
 *
 * @param file  stays open
 * @param out   receives the values; must be discarded if the file is not read
 * @param note  its is_read and note are set
 * @return false after an error was printed
 */
bool lc_config_load(const struct lc_config *config, FILE *file, const char *command,
                    struct lc_settings *out, struct lc_settings_file *note);

/**
 * Whether a path stays in a folder when its links are followed. Components that do not
 * exist yet may not contain "..". A .git folder does not count as part of the folder.
 *
 * @param folder  a real path
 * @param path    in the form in which it is opened
 * @param out     set
 * @return false after an error was printed: the check failed
 */
bool lc_path_stays(const char *folder, const char *path, bool *out);

/** Whether a real path is a folder, or below it. */
bool lc_path_is_below(const char *folder, const char *path);

/** Shorten a path to its parent folder; returns false at the top, or if it has no
 * parent. */
bool lc_path_go_up(char *path);

#endif
