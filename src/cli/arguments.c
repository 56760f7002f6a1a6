/* Parses argv into options and words */
#include "base/near.h"
#include "cli/options.h"

#include <string.h>

/* Candidates for "did you mean": the options that the command accepts. */
static const char *name_at(const void *user, size_t index)
{
    const char *command = user;
    const struct lc_option *option = lc_option_at(index);

    if (!option)
        return NULL;
    return lc_option_is_of(option, command) ? option->name : "";
}

static bool complain_of_name(const char *command, const char *argument, const char *name,
                             size_t size)
{
    const char *near = lc_nearest_name(name, size, name_at, command);

    if (near)
        lc_complain("unknown option '%s'; did you mean '--%s'?", argument, near);
    else
        lc_complain("unknown option '%s'; see 'llava-check help %s'", argument, command);
    return false;
}

/* The arguments and the position in them. */
struct cursor {
    int count;
    char **arguments;
    int at;
    const char *command;
};

/* Set an option; if value is NULL, the next argument is its value. */
static bool apply_option(struct cursor *c, const struct lc_option *option,
                         const char *value, struct lc_settings *out)
{
    const struct lc_source source = {.origin = LC_ORIGIN_COMMAND};

    if (!lc_option_is_of(option, c->command)) {
        lc_complain("'%s' does not accept --%s", c->command, option->name);
        return false;
    }
    if (!option->argument)
        return lc_settings_set(c->command, option, "true", source, out);
    if (!value && c->at + 1 < c->count)
        value = c->arguments[++c->at];
    if (!value) {
        lc_complain("--%s requires a value: %s", option->name, option->argument);
        return false;
    }
    if (!*value) {
        lc_complain("the value of --%s is empty", option->name);
        return false;
    }
    if (option->id == LC_OPTION_FORMAT && strcmp(c->command, "config") == 0)
        return lc_option_apply(c->command, option, value,
                               out); /* the format of the output, not a setting to show */
    return lc_settings_set(c->command, option, value, source, out);
}

/* --name, --name=value */
static bool read_long(struct cursor *c, struct lc_settings *out)
{
    const char *argument = c->arguments[c->at], *name = argument + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const struct lc_option *option = lc_option_named(name, size);

    if (!option)
        return complain_of_name(c->command, argument, name, size);
    if (equals && !option->argument) {
        lc_complain("--%s takes no value", option->name);
        return false;
    }
    return apply_option(c, option, equals ? equals + 1 : NULL, out);
}

/* -q, -qq, -j 2, -j2 */
static bool read_letters(struct cursor *c, struct lc_settings *out)
{
    for (const char *letter = c->arguments[c->at] + 1; *letter; letter++) {
        const struct lc_option *option = lc_option_lettered(*letter, c->command);

        if (!option) {
            lc_complain("unknown option '-%c'; see 'llava-check help %s'", *letter,
                        c->command);
            return false;
        }
        if (option->argument)
            return apply_option(c, option, letter[1] ? letter + 1 : NULL, out);
        if (!apply_option(c, option, NULL, out))
            return false;
    }
    return true;
}

bool lc_options_read(int argc, char **argv, const char *command, const char **words,
                     struct lc_settings *out)
{
    struct cursor c = {.count = argc, .arguments = argv, .command = command};
    bool only_words = false;

    out->words = words;
    out->word_count = 0;
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
