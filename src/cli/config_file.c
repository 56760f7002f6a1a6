/* llava-check.yaml: options under their long names, and per-folder-ignores */
#include "base/near.h"
#include "cli/config_reader.h"

#include <stdlib.h>
#include <string.h>

/* The current scalar's text; NULL after an error was printed. */
static const char *scalar(const struct lc_config_reader *r, const char *what)
{
    const char *text = lc_config_text(r);

    if (!text)
        lc_complain("%s", r->event.type == YAML_SCALAR_EVENT
                              ? "a string contains a NUL character"
                              : what);
    return text;
}

/* Set an option to a value. Paths are relative to the file; a path that leads out of its
 * folder is noted as refused. */
static bool set_value(struct lc_config_reader *r, const struct lc_option *option,
                      const char *value)
{
    char *resolved = lc_config_resolve(r, option, value);
    bool inside = true,
         good = resolved && lc_config_stays(r, option, value, resolved, &inside);

    r->noted.refused[option->id] |= !inside;
    good = good && (!inside || lc_config_set(r, option, resolved));
    free(resolved);
    return good;
}

/* Read one value, whose type must be that of its option. */
static bool read_scalar(struct lc_config_reader *r, const struct lc_option *option)
{
    const char *text = scalar(r, option->flags & LC_FLAG_REPEAT
                                     ? "expected a string or a list of strings"
                                     : "expected a single value");
    bool plain = text && r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (!text)
        return false;
    if (option->kind == LC_KIND_FLAG) {
        if (plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
            return set_value(r, option, text);
        lc_complain("'%s' must be true or false, not '%s'", option->name,
                    lc_quotable(text));
        return false;
    }
    if (option->kind == LC_KIND_NUMBER ? !plain : lc_config_is_no_text(r)) {
        lc_complain("'%s' must be a %s, not '%s'", option->name,
                    option->kind == LC_KIND_NUMBER ? "number" : "string",
                    lc_quotable(text));
        return false;
    }
    return set_value(r, option, text);
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
static bool read_levels(struct lc_config_reader *r, const struct lc_option *option)
{
    while (lc_config_next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
        const char *text = scalar(r, "expected a rule code as the key");
        char *code = text ? copy(text) : NULL, *both = NULL;
        bool good = code && lc_config_next(r) && (text = scalar(r, "expected a level")) &&
                    (both = join(code, text)) && set_value(r, option, both);

        free(code);
        free(both);
        if (!good)
            return false;
    }
    return r->has_event;
}

static bool read_option(struct lc_config_reader *r, const struct lc_option *option)
{
    if (r->event.type == YAML_MAPPING_START_EVENT && option->id == LC_OPTION_SEVERITY)
        return read_levels(r, option);
    if (r->event.type != YAML_SEQUENCE_START_EVENT || !(option->flags & LC_FLAG_REPEAT))
        return read_scalar(r, option);
    while (lc_config_next(r) && r->event.type != YAML_SEQUENCE_END_EVENT)
        if (!read_scalar(r, option))
            return false;
    return r->has_event;
}

/* Read the rules of one pattern: a text or a list. */
static bool read_pattern(struct lc_config_reader *r, const char *pattern)
{
    bool list = lc_config_next(r) && r->event.type == YAML_SEQUENCE_START_EVENT;
    const char *codes;

    if (!r->has_event)
        return false;
    do {
        if (list && (!lc_config_next(r) || r->event.type == YAML_SEQUENCE_END_EVENT))
            return r->has_event;
        codes = scalar(r, "expected a rule or a list of rules");
        if (!codes || !lc_settings_add_folder(pattern, codes, r->out))
            return false;
    } while (list);
    return true;
}

static bool read_folders(struct lc_config_reader *r)
{
    r->out->folders_origin = r->config->origin;
    r->out->folders_line = r->key_line;
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        lc_complain("'" LC_FOLDERS "' must map path patterns to rules");
        return false;
    }
    while (lc_config_next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
        const char *text = scalar(r, "expected a path pattern as the key");
        bool empty = text && !*text;
        char *pattern = text && !empty ? copy(text) : NULL;
        bool good = pattern && read_pattern(r, pattern);

        if (empty)
            lc_complain("empty path pattern");
        free(pattern);
        if (!good)
            return false;
    }
    return r->has_event;
}

/* ---- keys ---- */

/* Candidates for "did you mean" for an unknown key. */
static const char *key_at(const void *user, size_t index)
{
    const struct lc_option *option = lc_option_at(index);

    (void)user;
    if (!option)
        return index == LC_OPTION_COUNT ? LC_FOLDERS : NULL;
    return option->alone ? "" : option->name;
}

static bool refuse_key(const char *key)
{
    const struct lc_option *option = lc_option_named(key, strlen(key));
    const char *near = lc_nearest_name(key, strlen(key), key_at, NULL);

    if (option)
        lc_complain("'%s' cannot be set in a file, only on the command line: %s",
                    option->name, option->alone);
    else if (near && *near)
        lc_complain("unknown setting '%s'; did you mean '%s'?", lc_quotable(key), near);
    else
        lc_complain("unknown setting '%s'; docs/configuration.md lists them",
                    lc_quotable(key));
    return false;
}

static bool refuse_twice(const char *key, size_t line)
{
    lc_complain("'%s' is already set on line %zu", key, line);
    return false;
}

/* Read a key and its value. */
static bool read_key(struct lc_config_reader *r)
{
    const char *key = scalar(r, "expected the name of a setting");
    const struct lc_option *option = key ? lc_option_named(key, strlen(key)) : NULL;

    if (!key)
        return false;
    r->key_line = lc_config_line(r) + 1;
    if (strcmp(key, LC_FOLDERS) == 0) {
        if (r->out->folders_line)
            return refuse_twice(LC_FOLDERS, r->out->folders_line);
        return lc_config_next(r) && read_folders(r);
    }
    if (!option || option->alone)
        return refuse_key(key);
    if (option->origin > r->config->origin) {
        r->noted.refused[option->id] = true;
        return lc_config_next(r) && lc_config_skip(r);
    }
    if (r->out->given[option->id].origin == r->config->origin)
        return refuse_twice(option->name, r->out->given[option->id].line);
    return lc_config_next(r) && read_option(r, option);
}

/* ---- the file ---- */

static bool read_document(struct lc_config_reader *r)
{
    if (!lc_config_next(r) ||
        !lc_config_next(r)) /* skip the start of the stream and of the document */
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!lc_config_next(r))
        return false;
    if (r->event.type == YAML_SCALAR_EVENT && !r->event.data.scalar.length)
        return true; /* an empty document */
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        return lc_config_refuse(r, lc_config_line(r),
                                "expected settings such as 'fail-on: warning'");
    }
    while (lc_config_next(r) && r->event.type != YAML_MAPPING_END_EVENT)
        if (lc_config_is_of_data(r) ? !lc_config_describe(r) : !read_key(r))
            return false;
    if (!r->has_event || !lc_config_next(r) || !lc_config_next(r))
        return false;
    return r->event.type == YAML_STREAM_END_EVENT ||
           lc_config_refuse(r, lc_config_line(r),
                            "a settings file must be a single YAML document");
}

bool lc_config_load(const struct lc_config *config, FILE *file, const char *command,
                    struct lc_settings *out, struct lc_settings_file *note)
{
    struct lc_config_reader reader = {.config = config, .command = command, .out = out};
    bool good;

    if (!yaml_parser_initialize(&reader.parser))
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    reader.file = file;
    yaml_parser_set_input_file(&reader.parser, file);
    good = read_document(&reader);
    if (reader.has_event)
        yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    lc_complain_at(NULL, true);
    note->is_read = good;
    good |= lc_config_is_of_data(&reader) && reader.noted.broken;
    return good && lc_config_note(&reader, note);
}
