/* config_reader.h - a settings file being read; private to config_*.c */
#ifndef LC_CLI_CONFIG_READER_H
#define LC_CLI_CONFIG_READER_H

#include "cli/config.h"
#include "cli/options.h"

#include <yaml.h>

/* per-folder-ignores, which is no option */
#define LC_FOLDERS "per-folder-ignores"
#define LC_FOLDERS_ID LC_OPTION_COUNT

/** What became of the settings of a file, by enum lc_option_id. Only refused ones are
 * noted of a file that is not in the data: what is wrong with it is an error. */
struct lc_config_noted {
    bool used[LC_OPTION_COUNT + 1];
    bool refused[LC_OPTION_COUNT + 1]; /* the file may not set it, or not to this value */
    bool invalid[LC_OPTION_COUNT + 1];
    size_t unknown;
    bool broken; /* it is no settings file at all; the line is set */
    size_t line;
};

struct lc_config_reader {
    const struct lc_config *config;
    const char *command;
    struct lc_settings *out;
    FILE *file;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    bool has_event;
    struct lc_config_noted noted;
    size_t key_line;       /* of the present setting, from 1 */
    char place[4096 + 64]; /* of complaints */
};

bool lc_config_is_of_data(const struct lc_config_reader *r);

/** The line of the present event, from 0. */
size_t lc_config_line(const struct lc_config_reader *r);

/* Those that return bool return false where reading is to end: after an error was
 * printed, or when a file in the data is noted as broken. */

/** Go on to the next event. */
bool lc_config_next(struct lc_config_reader *r);

/** Pass over the present value, whatever it is. */
bool lc_config_skip(struct lc_config_reader *r);

/** The file is none of settings: of one in the data that is no error of the run. Returns
 * false. */
bool lc_config_refuse(struct lc_config_reader *r, size_t line, const char *why);

/** The present scalar's text; NULL when it is none, or holds a NUL. */
const char *lc_config_text(const struct lc_config_reader *r);

/** Whether YAML takes the present scalar for something other than a text. */
bool lc_config_is_no_text(const struct lc_config_reader *r);

/** Whether an option's value is a path. */
bool lc_setting_is_path(const struct lc_option *option);

/** A value with its path relative to the working directory; freed by the caller. NULL
 * after an error was printed. */
char *lc_config_resolve(const struct lc_config_reader *r, const struct lc_option *option,
                        const char *value);

/** Whether the path of a value stays where those of its file may lead: a file that the
 * user has not named opens and writes nothing elsewhere. */
bool lc_config_stays(const struct lc_config_reader *r, const struct lc_option *option,
                     const char *value, const char *resolved, bool *out);

/** Take a value whose path is resolved into the settings. */
bool lc_config_give(struct lc_config_reader *r, const struct lc_option *option,
                    const char *resolved);

/** Read a key of a file in the data, and what it is set to; what may not be used is
 * noted. */
bool lc_config_describe(struct lc_config_reader *r);

/** Note what of the file is not used, and of one in the data what is. */
bool lc_config_note(const struct lc_config_reader *r, struct lc_settings_file *out);

#endif
