/* llava-check.yaml: options by their long names, and per-folder-ignores */
#include "cli/config.h"
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <yaml.h>

#define MOST_BYTES ((off_t)1 << 20)
#define FOLDERS "per-folder-ignores"

/* A file being read, event by event. */
struct reader {
    const struct lc_config *config;
    const char *command;
    struct lc_settings *out;
    FILE *file;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    bool has_event;
    size_t key_line;       /* of the present setting, from 1 */
    char place[4096 + 64]; /* of complaints */
};

/* ---- events ---- */

/* Complaints are about a line from now on. */
static void set_line(struct reader *r, size_t line)
{
    snprintf(r->place, sizeof(r->place), "%.4000s: line %zu", r->config->path, line + 1);
    lc_complain_at(r->place);
}

static size_t line_of(const struct reader *r)
{
    return r->event.start_mark.line;
}

/* The parser came to something that is no YAML, or could not go on. */
static void refuse_yaml(struct reader *r)
{
    if (!r->parser.problem) { /* libyaml has one for whatever is wrong with the text */
        lc_complain("out of memory");
    } else if (ferror(r->file)) {
        lc_complain_at(NULL);
        lc_complain("%s: read the settings: %s", r->config->path, strerror(errno));
    } else {
        set_line(r, r->parser.problem_mark.line);
        lc_complain("no YAML: %s", r->parser.problem);
    }
}

/* Go on to the next event. */
static bool next(struct reader *r)
{
    if (r->has_event)
        yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->parser, &r->event);
    if (!r->has_event) {
        refuse_yaml(r);
        return false;
    }
    set_line(r, line_of(r));
    if (r->event.type == YAML_ALIAS_EVENT) {
        lc_complain("aliases are not understood here");
        return false;
    }
    return true;
}

/* The present scalar's text; NULL after an error was printed. */
static const char *scalar(const struct reader *r, const char *what)
{
    const char *text;

    if (r->event.type != YAML_SCALAR_EVENT) {
        lc_complain("%s", what);
        return NULL;
    }
    text = (const char *)r->event.data.scalar.value;
    if (strlen(text) == r->event.data.scalar.length)
        return text;
    lc_complain("a text holds a NUL");
    return NULL;
}

/* Whether YAML takes the present scalar for something other than a text. */
static bool is_no_text(const struct reader *r)
{
    static const char *const words[] = {"",    "~",  "null", "true", "false",
                                        "yes", "no", "on",   "off"};
    const char *text = (const char *)r->event.data.scalar.value;

    if (r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return !*text;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return strspn(text, "0123456789+-.") == strlen(text) && strpbrk(text, "0123456789");
}

/* ---- values ---- */

/* Whether a path leaves the folder that it is relative to. */
static bool leaves(const char *path)
{
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/' && at != path;
        if (strncmp(at, "..", 2) == 0 && (!at[2] || at[2] == '/'))
            return true;
        if (*at == '/')
            return true;
    }
    return false;
}

/* A data set may come from anybody: what lies in it does not say what is opened outside
 * of it, what is written, or that findings are no failure. */
static bool is_allowed(const struct reader *r, const struct lc_option *option,
                       const char *value)
{
    bool path = option->kind == LC_KIND_DIR || option->kind == LC_KIND_FILE;

    if (!r->config->own)
        return true;
    switch (option->id) {
    case LC_OPTION_ALLOW_OUTSIDE:
    case LC_OPTION_INDEX:
    case LC_OPTION_REPORT:
    case LC_OPTION_EXIT_ZERO:
    case LC_OPTION_QUIET:
        break;
    default:
        if (!path || !leaves(value))
            return true;
        lc_complain("'%s' leaves the data set, which this file is part of; move it to a "
                    "folder above, or name it with --config",
                    option->name);
        return false;
    }
    lc_complain(
        "'%s' is not taken from a file that is part of the data set; move it to a "
        "folder above, or name it with --config",
        option->name);
    return false;
}

/* Take a value, its path relative to the file. */
static bool take(struct reader *r, const struct lc_option *option, const char *value)
{
    const char *command =
        lc_option_is_of(option, "check") ? "check" : "report"; /* they know the formats */
    size_t name = 0;
    char *path = NULL;
    bool good;

    if (!is_allowed(r, option, value))
        return false;
    if (option->id == LC_OPTION_REPORT) { /* FORMAT:FILE */
        name = strspn(value, "abcdefghijklmnopqrstuvwxyz");
        name = name && value[name] == ':' ? name + 1 : 0;
    }
    if ((option->kind == LC_KIND_DIR || option->kind == LC_KIND_FILE) &&
        value[name] != '/') {
        if (asprintf(&path, "%.*s%s%s", (int)name, value, r->config->folder,
                     value + name) < 0)
            return lc_complain("out of memory") == LC_EXIT_CLEAN;
        value = path;
    }
    good = lc_settings_take(command, option, value, r->key_line, r->out);
    free(path);
    return good;
}

/* One value of an option, as its kind has it. */
static bool read_scalar(struct reader *r, const struct lc_option *option)
{
    const char *text =
        scalar(r, option->flags & LC_FLAG_REPEAT ? "a value is a text, or a list of texts"
                                                 : "one value is wanted here");
    bool plain = text && r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (!text)
        return false;
    if (option->kind == LC_KIND_FLAG) {
        if (plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
            return take(r, option, text);
        lc_complain("'%s' is true or false, not '%s'", option->name, text);
        return false;
    }
    if (option->kind == LC_KIND_NUMBER ? !plain : is_no_text(r)) {
        lc_complain("'%s' takes a %s, not '%s'", option->name,
                    option->kind == LC_KIND_NUMBER ? "number" : "text", text);
        return false;
    }
    return take(r, option, text);
}

static char *copy(const char *text)
{
    char *made = strdup(text);

    if (!made)
        lc_complain("out of memory");
    return made;
}

static char *join(const char *code, const char *level)
{
    char *made = NULL;

    if (asprintf(&made, "%s=%s", code, level) >= 0)
        return made;
    lc_complain("out of memory");
    return NULL;
}

/* severity: {CODE: LEVEL} */
static bool read_levels(struct reader *r, const struct lc_option *option)
{
    while (next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
        const char *text = scalar(r, "a key is a code");
        char *code = text ? copy(text) : NULL, *both = NULL;
        bool good = code && next(r) && (text = scalar(r, "a level is a text")) &&
                    (both = join(code, text)) && take(r, option, both);

        free(code);
        free(both);
        if (!good)
            return false;
    }
    return r->has_event;
}

static bool read_option(struct reader *r, const struct lc_option *option)
{
    if (r->event.type == YAML_MAPPING_START_EVENT && option->id == LC_OPTION_SEVERITY)
        return read_levels(r, option);
    if (r->event.type != YAML_SEQUENCE_START_EVENT || !(option->flags & LC_FLAG_REPEAT))
        return read_scalar(r, option);
    while (next(r) && r->event.type != YAML_SEQUENCE_END_EVENT)
        if (!read_scalar(r, option))
            return false;
    return r->has_event;
}

/* The rules of one pattern: a text or a list. */
static bool read_pattern(struct reader *r, const char *pattern)
{
    bool list = next(r) && r->event.type == YAML_SEQUENCE_START_EVENT;
    const char *codes;

    if (!r->has_event)
        return false;
    do {
        if (list && (!next(r) || r->event.type == YAML_SEQUENCE_END_EVENT))
            return r->has_event;
        codes = scalar(r, "rules are a text, or a list of texts");
        if (!codes || !lc_settings_add_folder(pattern, codes, r->out))
            return false;
    } while (list);
    return true;
}

static bool read_folders(struct reader *r)
{
    r->out->folders_line = r->key_line;
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        lc_complain("'" FOLDERS "' is a mapping of patterns to rules");
        return false;
    }
    while (next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
        const char *text = scalar(r, "a key is a pattern of paths");
        bool empty = text && !*text;
        char *pattern = text && !empty ? copy(text) : NULL;
        bool good = pattern && read_pattern(r, pattern);

        if (empty)
            lc_complain("a pattern is empty");
        free(pattern);
        if (!good)
            return false;
    }
    return r->has_event;
}

/* ---- keys ---- */

/* What may be meant by an unknown key. */
static const char *key_at(const void *user, size_t index)
{
    const struct lc_option *option = lc_option_at(index);

    (void)user;
    if (!option)
        return index == LC_OPTION_COUNT ? FOLDERS : NULL;
    return option->alone ? "" : option->name;
}

static bool refuse_key(const char *key)
{
    const struct lc_option *option = lc_option_named(key, strlen(key));
    const char *near = lc_nearest_name(key, strlen(key), key_at, NULL);

    if (option)
        lc_complain("'%s' is of the command line, and no setting: %s", key,
                    option->alone);
    else if (near && *near)
        lc_complain("unknown setting '%s'; did you mean '%s'?", key, near);
    else
        lc_complain("unknown setting '%s'; docs/configuration.md lists them", key);
    return false;
}

static bool refuse_twice(const char *key, size_t line)
{
    lc_complain("'%s' stands on line %zu already", key, line);
    return false;
}

/* A key, and what it is set to. */
static bool read_key(struct reader *r)
{
    const char *key = scalar(r, "a setting's name is a text");
    const struct lc_option *option = key ? lc_option_named(key, strlen(key)) : NULL;

    if (!key)
        return false;
    r->key_line = line_of(r) + 1;
    if (strcmp(key, FOLDERS) == 0) {
        if (r->out->folders_line)
            return refuse_twice(FOLDERS, r->out->folders_line);
        return next(r) && read_folders(r);
    }
    if (!option || option->alone)
        return refuse_key(key);
    if (r->out->given[option->id].from == LC_FROM_FILE)
        return refuse_twice(option->name, r->out->given[option->id].line);
    return next(r) && read_option(r, option);
}

static bool read_document(struct reader *r)
{
    if (!next(r) || !next(r)) /* the stream begins, the document does */
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!next(r))
        return false;
    if (r->event.type == YAML_SCALAR_EVENT && !r->event.data.scalar.length)
        return true; /* a document without anything */
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        lc_complain("settings are a mapping, such as 'fail-on: warning'");
        return false;
    }
    while (next(r) && r->event.type != YAML_MAPPING_END_EVENT)
        if (!read_key(r))
            return false;
    if (!r->has_event || !next(r) || !next(r))
        return false;
    if (r->event.type != YAML_STREAM_END_EVENT)
        lc_complain("a second YAML document");
    return r->event.type == YAML_STREAM_END_EVENT;
}

/* Open the file; one that would block, or is far too large, is refused. */
static FILE *open_file(const char *path)
{
    FILE *file = NULL;
    struct stat st;
    bool there = stat(path, &st) == 0;

    if (there && !S_ISREG(st.st_mode)) {
        lc_complain("%s: is no regular file", path);
        return NULL;
    }
    if (there && st.st_size > MOST_BYTES) {
        lc_complain("%s: is too large for settings", path);
        return NULL;
    }
    file = fopen(path, "re");
    if (!file)
        lc_complain("%s: open the settings: %s", path, strerror(errno));
    return file;
}

bool lc_config_load(const struct lc_config *config, const char *command,
                    struct lc_settings *out)
{
    struct reader reader = {.config = config, .command = command, .out = out};
    FILE *file = open_file(config->path);
    bool good;

    if (!file)
        return false;
    if (!yaml_parser_initialize(&reader.parser)) {
        fclose(file);
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    }
    reader.file = file;
    yaml_parser_set_input_file(&reader.parser, file);
    good = read_document(&reader);
    if (reader.has_event)
        yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    fclose(file);
    lc_complain_at(NULL);
    return good;
}
