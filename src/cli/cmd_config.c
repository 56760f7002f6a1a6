/* llava-check config: the values in force, where each comes from, and who may set it */
#include "base/printable.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#define FOLDERS "per-folder-ignores"
#define NAME_WIDTH 20
#define VALUE_WIDTH 24
#define SOURCE_WIDTH 26
#define TRUST_WIDTH 20
#define HELP_INDENT 6
#define HELP_WIDTH 80

/* The value in force if none is given. */
static const char *default_of(const struct lc_option *option)
{
    if (option->kind == LC_KIND_FLAG)
        return "false";
    switch (option->id) {
    case LC_OPTION_DIALECT:
        return "detected";
    case LC_OPTION_TRAINER:
        return "by dialect";
    case LC_OPTION_SELECT:
        return "all";
    case LC_OPTION_SHOW:
        return "warning";
    case LC_OPTION_FAIL_ON:
        return "error";
    case LC_OPTION_FORMAT:
        return "text";
    case LC_OPTION_INDEX_MODE:
        return "metadata";
    case LC_OPTION_COLOR:
    case LC_OPTION_PROGRESS:
        return "auto";
    default:
        return NULL;
    }
}

/* ---- text ---- */

/* Print a name in its column, or blanks. */
static void print_name(const char *name)
{
    printf("%-*s", NAME_WIDTH, name);
}

/* Print a part of a cell; *used is the number of columns that the cell already fills. */
static void print_part(const char *text, size_t *used)
{
    lc_print_text(text, stdout);
    *used += strlen(text);
}

static void end_cell(size_t used, size_t width)
{
    printf("%*s", used < width ? (int)(width - used) : 2, "");
}

/* Print where a value comes from ("raw/llava-check.yaml:3"), how far that is trusted, and
 * the least trusted origin that may set it. */
static void print_source(const struct lc_settings *settings, enum lc_origin origin,
                         size_t line, enum lc_origin least)
{
    const char *file = settings->files[origin].path;
    size_t used = 0;

    print_part(file ? file : lc_origin_name(origin), &used);
    if (file)
        used += (size_t)printf(":%zu", line);
    end_cell(used, SOURCE_WIDTH);
    printf("%-*s%s\n", TRUST_WIDTH, lc_origin_trust(origin), lc_origin_name(least));
}

static void print_option(const struct lc_settings *settings,
                         const struct lc_option *option)
{
    const struct lc_given *given = &settings->given[option->id];
    const char *usual = default_of(option);
    size_t used = 0;

    print_name(option->name);
    if (given->origin == LC_ORIGIN_DEFAULT)
        print_part(usual ? usual : "-", &used);
    for (size_t i = 0; i < given->texts.count; i++) {
        if (i)
            print_part(", ", &used);
        print_part(given->texts.items[i], &used);
    }
    end_cell(used, VALUE_WIDTH);
    print_source(settings, given->origin, given->line, option->origin);
}

static void print_folders(const struct lc_settings *settings)
{
    for (size_t i = 0; i < settings->folder_count || !i; i++) {
        size_t used = 0;

        print_name(i ? "" : FOLDERS);
        if (settings->folder_count) {
            print_part(settings->folders[i].pattern, &used);
            used += (size_t)printf(": ");
            print_part(settings->folders[i].rules, &used);
        } else {
            print_part("-", &used);
        }
        end_cell(used, VALUE_WIDTH);
        print_source(settings, settings->folders_origin, settings->folders_line,
                     LC_FOLDERS_ORIGIN);
    }
}

/* Print the settings files, the most trusted first. */
static void print_files(const struct lc_settings *settings)
{
    bool any = false;

    for (size_t i = LC_ORIGIN_COUNT; i-- > 0;) {
        const struct lc_settings_file *file = &settings->files[i];

        if (!file->path)
            continue;
        any = true;
        print_name(file->is_read ? "settings from" : "not read");
        lc_print_text(file->path, stdout);
        printf(" (%s)", lc_origin_name((enum lc_origin)i));
        printf("%s%s\n", file->note && !file->is_read ? ": " : "",
               file->note ? file->note : "");
    }
    if (!any) {
        print_name("settings from");
        puts("no file");
    }
}

static void print_text(const struct lc_settings *settings)
{
    const struct lc_option *option;

    print_files(settings);
    putchar('\n');
    print_name("setting");
    printf("%-*s%-*s%-*s%s\n", VALUE_WIDTH, "value", SOURCE_WIDTH, "from", TRUST_WIDTH,
           "trust", "settable from");
    for (size_t i = 0; (option = lc_option_at(i)); i++)
        if (lc_option_is_setting(option))
            print_option(settings, option);
    print_folders(settings);
}

/* ---- JSON ---- */

static void print_source_json(const struct lc_settings *settings, enum lc_origin origin,
                              size_t line, enum lc_origin least)
{
    printf(",\"from\":\"%s\",\"trust\":\"%s\",\"settable_from\":\"%s\"",
           lc_origin_name(origin), lc_origin_trust(origin), lc_origin_name(least));
    if (!settings->files[origin].path)
        return;
    fputs(",\"file\":", stdout);
    lc_print_json(settings->files[origin].path, stdout);
    printf(",\"line\":%zu", line);
}

static void print_option_json(const struct lc_settings *settings,
                              const struct lc_option *option)
{
    const struct lc_given *given = &settings->given[option->id];
    const char *usual = default_of(option);
    bool list = option->flags & LC_FLAG_REPEAT, bare = option->kind == LC_KIND_FLAG;
    bool given_here = given->origin != LC_ORIGIN_DEFAULT;

    bare |= option->kind == LC_KIND_NUMBER;
    printf("\"%s\":{\"value\":%s", option->name, list ? "[" : "");
    for (size_t i = 0; i < given->texts.count; i++) {
        fputs(i ? "," : "", stdout);
        if (bare)
            fputs(given->texts.items[i], stdout);
        else
            lc_print_json(given->texts.items[i], stdout);
    }
    if (!given_here && usual && !bare)
        lc_print_json(usual, stdout);
    else if (!given_here && !list)
        fputs(usual ? usual : "null", stdout);
    fputs(list ? "]" : "", stdout);
    print_source_json(settings, given->origin, given->line, option->origin);
    fputs("}", stdout);
}

/* Print the settings files, the most trusted first. */
static void print_files_json(const struct lc_settings *settings)
{
    bool any = false;

    fputs("{\"files\":[", stdout);
    for (size_t i = LC_ORIGIN_COUNT; i-- > 0;) {
        const struct lc_settings_file *file = &settings->files[i];

        if (!file->path)
            continue;
        fputs(any ? ",\n{\"file\":" : "\n{\"file\":", stdout);
        any = true;
        lc_print_json(file->path, stdout);
        printf(",\"from\":\"%s\",\"trust\":\"%s\",\"read\":%s,\"note\":",
               lc_origin_name((enum lc_origin)i), lc_origin_trust((enum lc_origin)i),
               file->is_read ? "true" : "false");
        lc_print_json(file->note ? file->note : "", stdout);
        fputs("}", stdout);
    }
    fputs(any ? "\n]" : "]", stdout);
}

static void print_json(const struct lc_settings *settings)
{
    const struct lc_option *option;

    print_files_json(settings);
    fputs(",\"settings\":{", stdout);
    for (size_t i = 0; (option = lc_option_at(i)); i++) {
        if (!lc_option_is_setting(option))
            continue;
        fputs(i ? ",\n" : "\n", stdout);
        print_option_json(settings, option);
    }
    fputs(",\n\"" FOLDERS "\":{\"value\":[", stdout);
    for (size_t i = 0; i < settings->folder_count; i++) {
        fputs(i ? ",{\"pattern\":" : "{\"pattern\":", stdout);
        lc_print_json(settings->folders[i].pattern, stdout);
        fputs(",\"rule\":", stdout);
        lc_print_json(settings->folders[i].rules, stdout);
        fputs("}", stdout);
    }
    fputs("]", stdout);
    print_source_json(settings, settings->folders_origin, settings->folders_line,
                      LC_FOLDERS_ORIGIN);
    puts("}\n}}");
}

void lc_config_help(FILE *to)
{
    static const char *const where[LC_ORIGIN_COUNT] = {
        [LC_ORIGIN_DATA] = "any llava-check.yaml, even one in the data set",
        [LC_ORIGIN_TREE] =
            "one in the working directory, or above it in the same repository",
        [LC_ORIGIN_NAMED] = "the file given with --config, and the command line",
    };
    const struct lc_option *option;

    fputs("\nWhich settings file may set which option:\n", to);
    for (int origin = LC_ORIGIN_DATA; origin <= LC_ORIGIN_NAMED; origin++) {
        char names[512] = "";
        size_t used = 0;

        for (size_t i = 0; (option = lc_option_at(i)); i++)
            if (option->origin == (enum lc_origin)origin && lc_option_is_setting(option))
                used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                         used ? ", " : "", option->name);
        if (origin == LC_FOLDERS_ORIGIN)
            snprintf(names + used, sizeof(names) - used, ", " FOLDERS);
        fprintf(to, "  %s: %s\n%*s", lc_origin_name((enum lc_origin)origin),
                where[origin], HELP_INDENT, "");
        lc_print_wrapped(names, HELP_INDENT, HELP_INDENT, HELP_WIDTH, to);
    }
}

enum lc_exit lc_cmd_config(const struct lc_settings *settings)
{
    if (settings->format && strcmp(settings->format, "json") == 0)
        print_json(settings);
    else
        print_text(settings);
    return LC_EXIT_CLEAN;
}
