#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_IMAGES,
    OPTION_VIDEOS,
    OPTION_NO_IMAGES,
    OPTION_TRAINER,
    OPTION_INDEX,
    OPTION_INDEX_MODE,
    OPTION_RECHECK,
    OPTION_NO_INDEX,
    OPTION_ALLOW_OUTSIDE,
    OPTION_THREADS,
    OPTION_REPORT,
    OPTION_FORMAT,
    OPTION_WHERE,
    OPTION_RULE,
    OPTION_SHOW,
    OPTION_FAIL_ON,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_VERSION,
};

/* An option: parser and help read this table. */
struct option {
    enum option_id id;
    const char *name;     /* without the dashes */
    char letter;          /* 0: none */
    const char *argument; /* its name in help; NULL: takes none */
    const char *commands; /* that take it, with a space around each; NULL: all */
    const char *help;
};

static const struct option options[] = {
    {OPTION_IMAGES, "images", 0, "DIR", " check verify ",
     "folder that the rows' image paths start from (default: found)"},
    {OPTION_VIDEOS, "videos", 0, "DIR", " check ",
     "folder that the rows' video paths start from (default: found)"},
    {OPTION_NO_IMAGES, "no-images", 0, NULL, " check ",
     "check rows only: look for no image or video"},
    {OPTION_TRAINER, "trainer", 't', "NAME", " check report ",
     "whose treatment of the rows is told (default: llava-next)"},
    {OPTION_INDEX, "index", 0, "DIR", " check verify ",
     "where results are kept (default: .llava-check in the data folder)"},
    {OPTION_INDEX_MODE, "index-mode", 0, "MODE", " check ",
     "read files of other times (metadata, default), or all (content)"},
    {OPTION_RECHECK, "recheck", 0, NULL, " check ",
     "read rows and images anew, whatever the index knows"},
    {OPTION_NO_INDEX, "no-index", 0, NULL, " check ", "keep no results on the disk"},
    {OPTION_ALLOW_OUTSIDE, "allow-outside", 0, NULL, " check verify ",
     "open image paths that are absolute or hold \"..\""},
    {OPTION_THREADS, "threads", 'j', "N", " check verify ",
     "worker threads (default: one for each processor)"},
    {OPTION_REPORT, "report", 'o', "FILE", " check report verify ",
     "write a report too: FILE, or FORMAT:FILE; may be repeated"},
    {OPTION_FORMAT, "format", 'f', "FORMAT", " check report index diff ",
     "what is printed: text (default), json, csv …; see 'help report'"},
    {OPTION_WHERE, "where", 'w', "COND", " index ",
     "images: only those that meet a condition; may be repeated"},
    {OPTION_RULE, "rule", 'r', "CODE", " index ",
     "findings: only those of a rule; may be repeated"},
    {OPTION_SHOW, "show", 0, "LEVEL", " check report verify index ",
     "lowest level listed: info, warning (default), error"},
    {OPTION_FAIL_ON, "fail-on", 0, "LEVEL", " check report verify ",
     "lowest level that makes the exit code 1 (default: error)"},
    {OPTION_COLOR, "color", 0, "WHEN", " check report verify diff rules ",
     "auto (default), always, never; NO_COLOR is respected"},
    {OPTION_QUIET, "quiet", 'q', NULL, " check report verify diff ",
     "print nothing but errors; the exit code tells"},
    {OPTION_HELP, "help", 'h', NULL, NULL, "show this help"},
    {OPTION_VERSION, "version", 'V', NULL, NULL, "show the version"},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static bool takes(const char *command, const struct option *option)
{
    char word[32];

    snprintf(word, sizeof(word), " %s ", command);
    return !option->commands || strstr(option->commands, word);
}

void lc_options_print(const char *command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        char text[32];

        if (!takes(command, option))
            continue;
        snprintf(text, sizeof(text), "--%s%s%s", option->name,
                 option->argument ? " " : "", option->argument ? option->argument : "");
        if (option->letter)
            printf("  -%c, %-18s %s\n", option->letter, text, option->help);
        else
            printf("      %-18s %s\n", text, option->help);
    }
}

static bool read_level(const char *text, enum lc_severity *out)
{
    for (int i = LC_SEVERITY_INFO; i <= LC_SEVERITY_ERROR; i++) {
        if (strcmp(lc_severity_name((enum lc_severity)i), text) == 0) {
            *out = (enum lc_severity)i;
            return true;
        }
    }
    lc_complain("'%s' is no level; levels are info, warning, error", text);
    return false;
}

static bool read_color(const char *text, enum lc_color *out)
{
    static const char *const names[] = {"auto", "always", "never"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], text) == 0) {
            *out = (enum lc_color)i;
            return true;
        }
    }
    lc_complain("--color takes auto, always or never, not '%s'", text);
    return false;
}

static bool read_threads(const char *text, unsigned *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < 1 || value > 512) {
        lc_complain("--threads takes a number from 1 to 512, not '%s'", text);
        return false;
    }
    *out = (unsigned)value;
    return true;
}

static bool read_report(const char *path, struct lc_settings *out)
{
    if (out->report_count == LC_MAX_REPORTS) {
        lc_complain("at most %d reports at once", LC_MAX_REPORTS);
        return false;
    }
    out->reports[out->report_count++] = path;
    return true;
}

/* Whether what an index is asked can be answered in a format. */
static bool is_answer_format(const char *name)
{
    static const char *const names[] = {"text", "json", "jsonl", "csv"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_printed_format(const char *name)
{
    const struct lc_report_format_info *format;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        if (format->printed && strcmp(format->name, name) == 0)
            return true;
    return false;
}

static bool is_diff_format(const char *name)
{
    const struct lc_report_format_info *format;

    for (size_t i = 0; (format = lc_diff_format_at(i)); i++)
        if (strcmp(format->name, name) == 0)
            return true;
    return false;
}

static bool read_format(const char *command, const char *name, struct lc_settings *out)
{
    bool diff = strcmp(command, "diff") == 0;
    char names[256] = "text, json, jsonl";

    out->format = name;
    if (strcmp(command, "index") == 0) {
        if (is_answer_format(name))
            return true;
        lc_complain("'%s' is no format of answers; formats are text, json, jsonl, csv",
                    name);
        return false;
    }
    if (diff ? is_diff_format(name) : is_printed_format(name))
        return true;
    if (!diff)
        lc_formats_list(true, names, sizeof(names));
    lc_complain("'%s' is no report format; formats are %s", name, names);
    return false;
}

/* One more of an option that may be repeated. */
static bool read_more(const char *option, const char *value, const char **values,
                      size_t *count)
{
    if (*count == LC_MAX_CONDITIONS) {
        lc_complain("at most %d times --%s", LC_MAX_CONDITIONS, option);
        return false;
    }
    values[(*count)++] = value;
    return true;
}

static bool read_rule(const char *value, struct lc_settings *out)
{
    if (!lc_rule_find(value)) {
        lc_complain("there is no rule '%s'; 'llava-check rules' lists them", value);
        return false;
    }
    return read_more("rule", value, out->rules, &out->rule_count);
}

static bool read_trainer(const char *name, struct lc_settings *out)
{
    const struct lc_trainer_info *trainer;
    char names[256] = "";

    for (size_t i = 0; (trainer = lc_trainer_at(i)); i++) {
        size_t used = strlen(names);

        if (strcmp(trainer->name, name) == 0) {
            out->trainer = trainer->name;
            return true;
        }
        snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                 trainer->name);
    }
    lc_complain("'%s' is no trainer; trainers are %s", name, names);
    return false;
}

static bool read_index_mode(const char *name, struct lc_settings *out)
{
    if (strcmp(name, "metadata") == 0)
        out->index_mode = LC_INDEX_METADATA;
    else if (strcmp(name, "content") == 0)
        out->index_mode = LC_INDEX_CONTENT;
    else
        lc_complain("'%s' is no index mode; modes are metadata, content", name);
    return strcmp(name, "metadata") == 0 || strcmp(name, "content") == 0;
}

static bool apply(const char *command, const struct option *option, const char *value,
                  struct lc_settings *out)
{
    switch (option->id) {
    case OPTION_IMAGES:
        out->images = value;
        return true;
    case OPTION_VIDEOS:
        out->videos = value;
        return true;
    case OPTION_NO_IMAGES:
        out->no_images = true;
        return true;
    case OPTION_TRAINER:
        return read_trainer(value, out);
    case OPTION_INDEX:
        out->index = value;
        return true;
    case OPTION_INDEX_MODE:
        return read_index_mode(value, out);
    case OPTION_RECHECK:
        out->recheck = true;
        return true;
    case OPTION_NO_INDEX:
        out->no_index = true;
        return true;
    case OPTION_ALLOW_OUTSIDE:
        out->allow_outside = true;
        return true;
    case OPTION_THREADS:
        return read_threads(value, &out->threads);
    case OPTION_REPORT:
        return read_report(value, out);
    case OPTION_FORMAT:
        return read_format(command, value, out);
    case OPTION_WHERE:
        return read_more("where", value, out->where, &out->where_count);
    case OPTION_RULE:
        return read_rule(value, out);
    case OPTION_SHOW:
        out->show_given = true;
        return read_level(value, &out->show);
    case OPTION_FAIL_ON:
        return read_level(value, &out->fail_on);
    case OPTION_COLOR:
        return read_color(value, &out->color);
    case OPTION_QUIET:
        out->quiet = true;
        return true;
    case OPTION_HELP:
        out->help = true;
        return true;
    case OPTION_VERSION:
        out->version = true;
        return true;
    }
    return false;
}

/* The option whose name begins like the unknown one, for a hint; or NULL. */
static const struct option *nearest(const char *name, size_t size)
{
    for (size_t common = size; common >= 3; common--)
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if (strncmp(options[i].name, name, common) == 0)
                return &options[i];
    return NULL;
}

/* Find the option of a name; its end is where '=' or NUL stands. */
static const struct option *find_name(const char *argument, const char *name, size_t size)
{
    const struct option *hint;

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strlen(options[i].name) == size && memcmp(options[i].name, name, size) == 0)
            return &options[i];
    hint = nearest(name, size);
    if (hint)
        lc_complain("unknown option '%s'; did you mean '--%s'?", argument, hint->name);
    else
        lc_complain("unknown option '%s'; see 'llava-check --help'", argument);
    return NULL;
}

static const struct option *find_letter(char letter)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].letter == letter)
            return &options[i];
    lc_complain("unknown option '-%c'; see 'llava-check --help'", letter);
    return NULL;
}

/* The arguments, and where we are in them. */
struct cursor {
    int count;
    char **arguments;
    int at;
    const char *command;
};

/* Take an option with its value, which may be NULL: the next argument is it then. */
static bool take(struct cursor *c, const struct option *option, const char *value,
                 struct lc_settings *out)
{
    if (!takes(c->command, option)) {
        lc_complain("'%s' does not take --%s", c->command, option->name);
        return false;
    }
    if (!option->argument)
        return apply(c->command, option, "", out);
    if (!value && c->at + 1 < c->count)
        value = c->arguments[++c->at];
    if (!value) {
        lc_complain("--%s needs a value: %s", option->name, option->argument);
        return false;
    }
    if (!*value) {
        lc_complain("the value of --%s is empty", option->name);
        return false;
    }
    return apply(c->command, option, value, out);
}

/* --name, --name=value */
static bool read_long(struct cursor *c, struct lc_settings *out)
{
    const char *argument = c->arguments[c->at], *name = argument + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *option = find_name(argument, name, size);

    if (!option)
        return false;
    if (equals && !option->argument) {
        lc_complain("--%s takes no value", option->name);
        return false;
    }
    return take(c, option, equals ? equals + 1 : NULL, out);
}

/* -q, -qq, -j 2, -j2 */
static bool read_letters(struct cursor *c, struct lc_settings *out)
{
    for (const char *letter = c->arguments[c->at] + 1; *letter; letter++) {
        const struct option *option = find_letter(*letter);

        if (!option)
            return false;
        if (option->argument)
            return take(c, option, letter[1] ? letter + 1 : NULL, out);
        if (!take(c, option, NULL, out))
            return false;
    }
    return true;
}

bool lc_options_read(int argc, char **argv, const char *command, const char **words,
                     struct lc_settings *out)
{
    struct cursor c = {.count = argc, .arguments = argv, .command = command};
    bool only_words = false;

    *out = (struct lc_settings){
        .show = LC_SEVERITY_WARNING,
        .fail_on = LC_SEVERITY_ERROR,
        .words = words,
    };
    for (; c.at < argc; c.at++) {
        const char *argument = argv[c.at];
        bool good;

        if (!only_words && strcmp(argument, "--") == 0) {
            only_words = true;
            continue;
        }
        if (only_words || argument[0] != '-' || !argument[1]) {
            words[out->word_count++] = argument;
            continue;
        }
        good = argument[1] == '-' ? read_long(&c, out) : read_letters(&c, out);
        if (!good)
            return false;
    }
    return true;
}
