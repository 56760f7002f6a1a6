/* Reads a settings file event by event, and resolves its values */
#include "cli/config_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DEPTH 64

/* ---- events ---- */

bool lc_config_is_of_data(const struct lc_config_reader *r)
{
    return r->config->origin == LC_ORIGIN_DATA;
}

/* From now on, complaints are about this line. */
static void set_line(struct lc_config_reader *r, size_t line)
{
    snprintf(r->place, sizeof(r->place), "%.4000s: line %zu", r->config->path, line + 1);
    lc_complain_at(r->place, r->config->origin == LC_ORIGIN_NAMED);
}

bool lc_config_refuse(struct lc_config_reader *r, size_t line, const char *why)
{
    r->noted.broken = true;
    r->noted.line = line + 1;
    set_line(r, line);
    if (!lc_config_is_of_data(r))
        lc_complain("%s", why);
    return false;
}

size_t lc_config_line(const struct lc_config_reader *r)
{
    return r->event.start_mark.line;
}

/* Report that the parser found invalid YAML, or failed. libyaml's messages quote nothing
 * from the file. */
static void refuse_yaml(struct lc_config_reader *r)
{
    char why[256];

    if (!r->parser.problem) { /* libyaml sets a problem for every syntax error */
        lc_complain("out of memory");
    } else if (ferror(r->file)) {
        lc_complain_at(NULL, true);
        lc_complain("%s: cannot read the settings file: %s", r->config->path,
                    strerror(errno));
    } else {
        snprintf(why, sizeof(why), "invalid YAML: %s", r->parser.problem);
        lc_config_refuse(r, r->parser.problem_mark.line, why);
    }
}

bool lc_config_next(struct lc_config_reader *r)
{
    if (r->has_event)
        yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->parser, &r->event);
    if (!r->has_event) {
        refuse_yaml(r);
        return false;
    }
    set_line(r, lc_config_line(r));
    if (r->event.type == YAML_ALIAS_EVENT && !lc_config_is_of_data(r)) {
        lc_complain("YAML aliases are not supported");
        return false;
    }
    return true;
}

const char *lc_config_text(const struct lc_config_reader *r)
{
    const char *text;

    if (r->event.type != YAML_SCALAR_EVENT)
        return NULL;
    text = (const char *)r->event.data.scalar.value;
    return strlen(text) == r->event.data.scalar.length ? text : NULL;
}

bool lc_config_is_no_text(const struct lc_config_reader *r)
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

bool lc_setting_is_path(const struct lc_option *option)
{
    return option->kind == LC_KIND_DIR || option->kind == LC_KIND_FILE;
}

/* The offset of the path in a value: after "FORMAT:" in a value of --report. */
static size_t path_of(const struct lc_option *option, const char *value)
{
    size_t name =
        option->id == LC_OPTION_REPORT ? strspn(value, "abcdefghijklmnopqrstuvwxyz") : 0;

    return name && value[name] == ':' ? name + 1 : 0;
}

char *lc_config_resolve(const struct lc_config_reader *r, const struct lc_option *option,
                        const char *value)
{
    size_t name = lc_setting_is_path(option) ? path_of(option, value) : 0;
    bool relative = lc_setting_is_path(option) && value[name] != '/';
    char *out = NULL;

    if (asprintf(&out, "%.*s%s%s", (int)name, value, relative ? r->config->folder : "",
                 value + name) >= 0)
        return out;
    lc_complain("out of memory");
    return NULL;
}

bool lc_config_stays(const struct lc_config_reader *r, const struct lc_option *option,
                     const char *value, const char *resolved, bool *out)
{
    size_t name = path_of(option, value);

    *out = !r->config->real || !lc_setting_is_path(option);
    if (*out || value[name] == '/')
        return true;
    return lc_path_stays(r->config->real, resolved + name, out);
}

bool lc_config_set(struct lc_config_reader *r, const struct lc_option *option,
                   const char *resolved)
{
    const struct lc_source source = {r->config->origin, r->key_line};
    /* a command that has the option, because the report formats depend on it */
    const char *command = lc_option_is_of(option, "check") ? "check" : "report";

    return lc_settings_set(command, option, resolved, source, r->out);
}

bool lc_config_skip(struct lc_config_reader *r)
{
    size_t depth = 0;

    for (;;) {
        switch (r->event.type) {
        case YAML_MAPPING_START_EVENT:
        case YAML_SEQUENCE_START_EVENT:
            if (++depth > MAX_DEPTH)
                return lc_config_refuse(r, lc_config_line(r), "nested too deeply");
            break;
        case YAML_MAPPING_END_EVENT:
        case YAML_SEQUENCE_END_EVENT:
            depth--;
            break;
        default:
            break;
        }
        if (!depth)
            return true;
        if (!lc_config_next(r))
            return false;
    }
}
