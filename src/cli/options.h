/* options.h - access to the table of options (options.def), and the values given */
#ifndef LC_CLI_OPTIONS_H
#define LC_CLI_OPTIONS_H

#include "cli/cli.h"

enum lc_option_id {
#define LC_OPTION(id, ...) LC_OPTION_##id,
#include "cli/options.def"
#undef LC_OPTION
    LC_OPTION_COUNT
};

/** The least trusted origin that may set per-folder-ignores, which is not in the
 * table. */
#define LC_FOLDERS_ORIGIN LC_ORIGIN_TREE

/** Options under one heading. */
enum lc_group {
    LC_GROUP_INPUT,
    LC_GROUP_INDEX,
    LC_GROUP_REPORT,
    LC_GROUP_SELECTION,
    LC_GROUP_RESULT,
    LC_GROUP_RUNNING,
    LC_GROUP_COUNT
};

enum lc_option_flag {
    LC_FLAG_REPEAT = 1, /* may be given more than once */
    LC_FLAG_ALIAS = 2,  /* another name of the previous option */
};

/** An option; see options.def. */
struct lc_option {
    enum lc_option_id id;
    const char *name;
    char letter;
    const char *argument;
    enum lc_kind kind;
    const char *choices;
    const char *commands;
    enum lc_group group;
    unsigned flags;
    enum lc_origin origin; /* the least trusted origin that may set it */
    const char *help;
    const char *alone; /* why settings files may not set it; NULL: they may */
};

/** The option at an index, in the order of the table; NULL past the end. */
const struct lc_option *lc_option_at(size_t index);

/** The option with a given name of size bytes; for an alias, the option that it stands
 * for. NULL if there is none. */
const struct lc_option *lc_option_named(const char *name, size_t size);

/** The option with a given letter. A letter may mean different options to different
 * commands; if this command has none, an option of another command is returned. NULL if
 * there is none. */
const struct lc_option *lc_option_lettered(char letter, const char *command);

/** Whether a command accepts an option. */
bool lc_option_is_of(const struct lc_option *option, const char *command);

/** Whether an option is a setting: settings files may set it, and it is not an alias. */
bool lc_option_is_setting(const struct lc_option *option);

/** The name of the format at an index among those that a command prints; NULL past the
 * end. */
const char *lc_option_format(const char *command, size_t index);

/** The word for all trainers where one trainer can be named. */
#define LC_ALL_TRAINERS "all"

/** The name of a trainer or dialect (LC_KIND_x) at an index; LC_ALL_TRAINERS comes after
 * the names of trainers. NULL past the end. */
const char *lc_option_name(enum lc_kind kind, size_t index);

/** The trainer that a word may be a misspelling of; NULL if none is similar. */
const char *lc_trainer_near(const char *word);

/** A group's heading: "Input". */
const char *lc_group_name(enum lc_group group);

/** The choice at an index, which is not NUL-terminated; *size is set. NULL past the
 * end. */
const char *lc_option_choice(const struct lc_option *option, size_t index, size_t *size);

/**
 * Parse a value and store it in struct lc_settings.
 *
 * @param command  the command that runs
 * @param value    not empty; "true" or "false" for a flag. It must live as long
 *                 as the settings
 * @return false after an error was printed
 */
bool lc_option_apply(const char *command, const struct lc_option *option,
                     const char *value, struct lc_settings *out);

/** Check that a text selects rules. Returns false after an error was printed. */
bool lc_option_read_selector(const char *selector);

/** Where a value was given. */
struct lc_source {
    enum lc_origin origin;
    size_t line; /* only for a settings file */
};

/**
 * Set an option and record where its value comes from. Origins are read in order of
 * increasing trust, so a value replaces those of earlier origins.
 *
 * @param value  "true" or "false" for a flag; the items of a list may be separated by
 *               commas
 * @return false after an error was printed
 */
bool lc_settings_set(const char *command, const struct lc_option *option,
                     const char *value, struct lc_source source, struct lc_settings *out);

/** Ignore rules in a folder; codes are separated by commas. Returns false after an error
 * was printed. */
bool lc_settings_add_folder(const char *pattern, const char *codes,
                            struct lc_settings *out);

/** Grow an array so that one more item fits. Returns it, or NULL after an error was
 * printed. */
void *lc_list_grow(void *items, size_t count, size_t *capacity, size_t size);

/** Append a copy of size bytes. Returns it, or NULL after an error was printed. */
const char *lc_list_add(struct lc_list *list, const char *text, size_t size);

/** Remove and free all texts. */
void lc_list_clear(struct lc_list *list);

#endif
