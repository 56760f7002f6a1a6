/* llava-check config: what is in force, and where each value is from */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#define FOLDERS "per-folder-ignores"
#define NAME_WIDTH 20
#define VALUE_WIDTH 30

/* What is in force when nothing is given. */
static const char *default_of(const struct lc_option *option)
{
    if (option->kind == LC_KIND_FLAG)
        return "false";
    switch (option->id) {
    case LC_OPTION_TRAINER:
        return LC_DEFAULT_TRAINER;
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

/* Where a value is from: "default", "raw/llava-check.yaml:3", "command line". */
static void print_source(const struct lc_settings *settings, enum lc_from from,
                         size_t line)
{
    if (from == LC_FROM_FILE) {
        lc_print_text(settings->config_path, stdout);
        printf(":%zu\n", line);
    } else {
        puts(from == LC_FROM_COMMAND ? "command line" : "default");
    }
}

/* A name in its column, or none. */
static void print_name(const char *name)
{
    printf("%-*s", NAME_WIDTH, name);
}

/* A part of a value; used is what its column holds by now. */
static void print_part(const char *text, size_t *used)
{
    lc_print_text(text, stdout);
    *used += strlen(text);
}

static void end_value(size_t used)
{
    printf("%*s", used < VALUE_WIDTH ? (int)(VALUE_WIDTH - used) : 2, "");
}

static void print_option(const struct lc_settings *settings,
                         const struct lc_option *option)
{
    const struct lc_given *given = &settings->given[option->id];
    const char *usual = default_of(option);
    size_t used = 0;

    print_name(option->name);
    if (given->from == LC_FROM_DEFAULT)
        print_part(usual ? usual : "-", &used);
    for (size_t i = 0; i < given->texts.count; i++) {
        if (i)
            print_part(", ", &used);
        print_part(given->texts.items[i], &used);
    }
    end_value(used);
    print_source(settings, given->from, given->line);
}

static void print_folders(const struct lc_settings *settings)
{
    enum lc_from from = settings->folders_line ? LC_FROM_FILE : LC_FROM_DEFAULT;

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
        end_value(used);
        print_source(settings, from, settings->folders_line);
    }
}

static void print_text(const struct lc_settings *settings)
{
    const struct lc_option *option;

    print_name("settings from");
    lc_print_text(settings->config_path ? settings->config_path : "no file", stdout);
    puts("\n");
    for (size_t i = 0; (option = lc_option_at(i)); i++)
        if (lc_option_is_setting(option))
            print_option(settings, option);
    print_folders(settings);
}

/* ---- JSON ---- */

static void print_source_json(const struct lc_settings *settings, enum lc_from from,
                              size_t line)
{
    static const char *const names[] = {"default", "file", "command line"};

    printf(",\"from\":\"%s\"", names[from]);
    if (from != LC_FROM_FILE)
        return;
    fputs(",\"file\":", stdout);
    lc_print_json(settings->config_path, stdout);
    printf(",\"line\":%zu", line);
}

static void print_option_json(const struct lc_settings *settings,
                              const struct lc_option *option)
{
    const struct lc_given *given = &settings->given[option->id];
    const char *usual = default_of(option);
    bool list = option->flags & LC_FLAG_REPEAT, bare = option->kind == LC_KIND_FLAG;
    bool given_here = given->from != LC_FROM_DEFAULT;

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
    print_source_json(settings, given->from, given->line);
    fputs("}", stdout);
}

static void print_json(const struct lc_settings *settings)
{
    const struct lc_option *option;

    fputs("{\"file\":", stdout);
    if (settings->config_path)
        lc_print_json(settings->config_path, stdout);
    else
        fputs("null", stdout);
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
    print_source_json(settings, settings->folders_line ? LC_FROM_FILE : LC_FROM_DEFAULT,
                      settings->folders_line);
    puts("}\n}}");
}

enum lc_exit lc_cmd_config(const struct lc_settings *settings)
{
    if (settings->format && strcmp(settings->format, "json") == 0)
        print_json(settings);
    else
        print_text(settings);
    return LC_EXIT_CLEAN;
}
