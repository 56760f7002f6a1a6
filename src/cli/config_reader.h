/* config_reader.h - a settings file while it is read; private to config_*.c */
#ifndef LC_CLI_CONFIG_READER_H
#define LC_CLI_CONFIG_READER_H

#include "cli/config.h"
#include "cli/options.h"

#include <yaml.h>

/* the one setting that is not an option */
#define LC_FOLDERS "per-folder-ignores"
#define LC_FOLDERS_ID LC_OPTION_COUNT

/** How the settings of a file were used, by enum lc_option_id. For a file outside the
 * data only `refused` is used: anything invalid in it is an error. */
struct lc_config_noted {
    bool used[LC_OPTION_COUNT + 1];
    bool refused[LC_OPTION_COUNT + 1]; /* the file may not set it at all, or not to this
                                          value */
    bool invalid[LC_OPTION_COUNT + 1];
    size_t unknown;
    bool broken; /* not a settings file at all; line is set */
    size_t line;
};

struct lc_config_reader {
    const struct lc_config *config;
    const char *command;
    struct lc_settings *out;
    FILE *file;
    yaml_parser_t parser;
    yaml_event_t event; /* the current event */
    bool has_event;
    struct lc_config_noted noted;
    size_t key_line;       /* of the current setting, from 1 */
    char place[4096 + 64]; /* prefix of complaints */
};

bool lc_config_is_of_data(const struct lc_config_reader *r);

/** The line of the current event, from 0. */
size_t lc_config_line(const struct lc_config_reader *r);

/* Functions that return bool return false to stop reading: after an error was printed, or
 * after a file in the data was noted as broken. */

/** Read the next event. */
bool lc_config_next(struct lc_config_reader *r);

/** Skip the current value, including nested values. */
bool lc_config_skip(struct lc_config_reader *r);

/** Reject the file as not being a settings file. For a file in the data this is noted,
 * and is not an error. Returns false. */
bool lc_config_refuse(struct lc_config_reader *r, size_t line, const char *why);

/** The text of the current scalar; NULL if it is not a scalar, or contains a NUL. */
const char *lc_config_text(const struct lc_config_reader *r);

/** Whether YAML defines the current scalar as something other than a string. */
bool lc_config_is_no_text(const struct lc_config_reader *r);

/** Whether an option's value is a path. */
bool lc_setting_is_path(const struct lc_option *option);

/** Return a value with its path relative to the working directory; the caller frees it.
 * NULL after an error was printed. */
char *lc_config_resolve(const struct lc_config_reader *r, const struct lc_option *option,
                        const char *value);

/** Set *out to whether the path in a value stays in the folder of the settings file. A
 * file that the user has not named must not open or write anything elsewhere. Returns
 * false after an error was printed. */
bool lc_config_stays(const struct lc_config_reader *r, const struct lc_option *option,
                     const char *value, const char *resolved, bool *out);

/** Set an option to a value whose path is already resolved. */
bool lc_config_set(struct lc_config_reader *r, const struct lc_option *option,
                   const char *resolved);

/** Read a key and its value from a file in the data; a setting that may not be used is
 * noted. */
bool lc_config_describe(struct lc_config_reader *r);

/** Write the note on the file: the settings not used, and for a file in the data also
 * those used. */
bool lc_config_note(const struct lc_config_reader *r, struct lc_settings_file *out);

#endif
