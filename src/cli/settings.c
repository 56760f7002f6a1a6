/* Merges the values of the command line and of settings files, by origin. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

void *lc_list_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity ? 2 * *capacity : 8;
    void *grown = items;

    if (count < *capacity)
        return items;
    grown = reallocarray(items, more, size);
    if (!grown)
        lc_complain("out of memory");
    else
        *capacity = more;
    return grown;
}

const char *lc_list_add(struct lc_list *list, const char *text, size_t size)
{
    void *items =
        lc_list_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    char *copy;

    if (!items)
        return NULL;
    list->items = items;
    copy = strndup(text, size);
    if (!copy) {
        lc_complain("out of memory");
        return NULL;
    }
    list->items[list->count++] = copy;
    return copy;
}

static void clear_texts(struct lc_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((char *)list->items[i]);
    list->count = 0;
}

void lc_list_clear(struct lc_list *list)
{
    clear_texts(list);
    free(list->items);
    *list = (struct lc_list){0};
}

static void clear_levels(struct lc_settings *settings)
{
    for (size_t i = 0; i < settings->level_count; i++)
        free((char *)settings->levels[i].rules);
    settings->level_count = 0;
}

bool lc_settings_begin(struct lc_settings *settings)
{
    *settings = (struct lc_settings){
        .show = LC_SEVERITY_WARNING,
        .fail_on = LC_SEVERITY_ERROR,
        .settle = 30,
        .given = calloc(LC_OPTION_COUNT, sizeof(*settings->given)),
    };
    if (!settings->given)
        lc_complain("out of memory");
    return settings->given != NULL;
}

void lc_settings_clear(struct lc_settings *settings)
{
    for (size_t i = 0; settings->given && i < LC_OPTION_COUNT; i++)
        lc_list_clear(&settings->given[i].texts);
    free(settings->given);
    clear_levels(settings);
    free(settings->levels);
    for (size_t i = 0; i < settings->folder_count; i++) {
        free((char *)settings->folders[i].pattern);
        free((char *)settings->folders[i].rules);
    }
    free(settings->folders);
    for (size_t i = 0; i < LC_ORIGIN_COUNT; i++) {
        free(settings->files[i].path);
        free(settings->files[i].note);
    }
    *settings = (struct lc_settings){0};
}

/* Return the size of the first of several codes separated by commas, and move *at to
 * it. */
static size_t first_code(const char **at)
{
    *at += strspn(*at, " ,");
    return strcspn(*at, " ,");
}

/* Set the option to each code of a list. */
static bool set_codes(const char *command, const struct lc_option *option,
                      const char *value, struct lc_settings *out)
{
    size_t size = first_code(&value);

    if (!size)
        lc_complain("the value of --%s is empty", option->name);
    for (bool any = false; size || !any; size = first_code(&value)) {
        const char *code =
            size ? lc_list_add(&out->given[option->id].texts, value, size) : NULL;

        any = true;
        if (!code || !lc_option_apply(command, option, code, out))
            return false;
        value += size;
    }
    return true;
}

/* Drop the values of less trusted origins; without LC_FLAG_REPEAT, also an earlier value
 * of the same origin. */
static void drop_less_trusted(const struct lc_option *option, struct lc_given *given,
                              enum lc_origin origin, struct lc_settings *out)
{
    if (given->origin == origin && option->flags & LC_FLAG_REPEAT)
        return;
    clear_texts(&given->texts);
    given->origin = origin;
    if (option->id == LC_OPTION_REPORT)
        out->report_count = 0;
    if (option->id == LC_OPTION_SEVERITY)
        clear_levels(out);
}

bool lc_settings_set(const char *command, const struct lc_option *option,
                     const char *value, struct lc_source source, struct lc_settings *out)
{
    struct lc_given *given = &out->given[option->id];
    const char *text;

    drop_less_trusted(option, given, source.origin, out);
    given->line = source.line;
    if (option->id == LC_OPTION_SELECT || option->id == LC_OPTION_IGNORE ||
        option->id == LC_OPTION_DROP)
        return set_codes(command, option, value, out);
    text = lc_list_add(&given->texts, value, strlen(value));
    return text && lc_option_apply(command, option, text, out);
}

bool lc_settings_add_folder(const char *pattern, const char *codes,
                            struct lc_settings *out)
{
    size_t size = first_code(&codes);

    if (!size) {
        lc_complain("no rules given for '%s'", lc_quotable(pattern));
        return false;
    }
    for (; size; size = first_code(&codes)) {
        void *items = lc_list_grow(out->folders, out->folder_count, &out->folder_capacity,
                                   sizeof(*out->folders));
        struct lc_folder_choice *choice;

        if (!items)
            return false;
        out->folders = items;
        choice = &out->folders[out->folder_count++];
        *choice = (struct lc_folder_choice){strdup(pattern), strndup(codes, size)};
        if (!choice->pattern || !choice->rules) {
            lc_complain("out of memory");
            return false;
        }
        if (!lc_option_read_selector(choice->rules))
            return false;
        codes += size;
    }
    return true;
}

struct lc_selection lc_settings_selection(const struct lc_settings *settings)
{
    const struct lc_list *select = &settings->given[LC_OPTION_SELECT].texts;
    const struct lc_list *ignore = &settings->given[LC_OPTION_IGNORE].texts;

    return (struct lc_selection){
        .size = sizeof(struct lc_selection),
        .select = select->items,
        .select_count = select->count,
        .ignore = ignore->items,
        .ignore_count = ignore->count,
        .levels = settings->levels,
        .level_count = settings->level_count,
        .folders = settings->folders,
        .folder_count = settings->folder_count,
        .baseline = settings->baseline,
    };
}

const char *lc_origin_name(enum lc_origin origin)
{
    static const char *const names[LC_ORIGIN_COUNT] = {
        [LC_ORIGIN_DEFAULT] = "default", [LC_ORIGIN_OUTSIDE] = "outside",
        [LC_ORIGIN_DATA] = "data",       [LC_ORIGIN_TREE] = "working tree",
        [LC_ORIGIN_NAMED] = "--config",  [LC_ORIGIN_COMMAND] = "command line",
    };

    return names[origin];
}

const char *lc_origin_trust(enum lc_origin origin)
{
    static const char *const trusts[LC_ORIGIN_COUNT] = {
        [LC_ORIGIN_DEFAULT] = "full",
        [LC_ORIGIN_OUTSIDE] = "none",
        [LC_ORIGIN_DATA] = "describes the data",
        [LC_ORIGIN_TREE] = "limited",
        [LC_ORIGIN_NAMED] = "full",
        [LC_ORIGIN_COMMAND] = "full",
    };

    return trusts[origin];
}
