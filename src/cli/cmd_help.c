#include "cli/options.h"
#include "llava_check/version.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define SUMMARY_AT 32 /* column of a format's summary */
#define NAMES_AT 13   /* column of the options' names in the overview */

enum lc_exit lc_cmd_version(const struct lc_settings *settings)
{
    struct lc_library library;

    (void)settings;
    printf("llava-check %s\n", lc_version());
    for (size_t i = 0; lc_library_at(i, &library); i++)
        printf("  %-13s %s\n", library.name, library.version);
    return LC_EXIT_CLEAN;
}

/* "--trainer NAME" */
static void name_option(const struct lc_option *option, char *out, size_t size)
{
    snprintf(out, size, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
}

/* Print only the names of the options in a group, as many on a line as fit. */
static void print_names(enum lc_group group)
{
    const struct lc_option *option;
    size_t at = NAMES_AT;

    printf("  %-*s", NAMES_AT - 2, lc_group_name(group));
    for (size_t i = 0; (option = lc_option_at(i)); i++) {
        char name[48], letter[8] = "";
        size_t width;

        if (option->group != group)
            continue;
        name_option(option, name, sizeof(name));
        if (option->letter)
            snprintf(letter, sizeof(letter), "-%c, ", option->letter);
        width = strlen(letter) + strlen(name);
        if (at > NAMES_AT && at + 2 + width > WIDTH) {
            printf("\n%*s", NAMES_AT, "");
            at = NAMES_AT;
        }
        printf("%s%s%s", at > NAMES_AT ? "  " : "", letter, name);
        at += width + (at > NAMES_AT ? 2 : 0);
    }
    putchar('\n');
}

static void print_overview(void)
{
    const struct lc_command *command;

    puts("llava-check PATH [options]     checks a visual-instruction data set\n"
         "PATH is a folder with rows (.json, .jsonl) and images, or a rows file.\n\n"
         "Commands:");
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        printf("  %-12s", command->name);
        lc_print_padded(command->usage, 20, stdout);
        printf("  %s\n", command->summary);
    }
    puts("\nOptions ('llava-check help COMMAND' describes each):");
    for (int group = 0; group < LC_GROUP_COUNT; group++)
        print_names((enum lc_group)group);
    puts("\n'llava-check help CODE' explains a rule. Exit codes: 0 clean, 1 findings,\n"
         "2 usage error or unfinished run, 130 stopped by Ctrl-C (progress is kept).");
}

/* The width of the longest option name, so that all help texts are aligned. */
static int names_width(void)
{
    const struct lc_option *option;
    size_t most = 0;

    for (size_t i = 0; (option = lc_option_at(i)); i++) {
        char name[48];

        name_option(option, name, sizeof(name));
        most = strlen(name) > most ? strlen(name) : most;
    }
    return (int)most;
}

static void print_option(const struct lc_option *option)
{
    char name[48], letter[8] = "   ";
    int used;

    name_option(option, name, sizeof(name));
    if (option->letter)
        snprintf(letter, sizeof(letter), "-%c,", option->letter);
    used = printf("  %s %-*s  ", letter, names_width(), name);
    lc_print_wrapped(option->help, (size_t)used, (size_t)used, WIDTH, stdout);
}

static void print_group(const char *command, enum lc_group group)
{
    const struct lc_option *option;
    bool any = false;

    for (size_t i = 0; (option = lc_option_at(i)); i++) {
        if (option->group != group || !lc_option_is_of(option, command))
            continue;
        if (!any)
            printf("\n%s:\n", lc_group_name(group));
        any = true;
        print_option(option);
    }
}

static void print_command(const struct lc_command *command)
{
    bool options = strcmp(command->name, "help") != 0;

    printf("llava-check %s%s%s%s\n\n  %s\n", command->name, *command->usage ? " " : "",
           command->usage, options ? " [options]" : "", command->summary);
    for (int group = 0; group < LC_GROUP_COUNT; group++)
        print_group(command->name, (enum lc_group)group);
    if (command->help)
        command->help(stdout);
}

void lc_formats_help(FILE *to)
{
    const struct lc_report_format_info *format;

    fputs("\nReport formats, and the file suffixes that select them:\n", to);
    for (size_t i = 0; (format = lc_report_format_at(i)); i++) {
        fprintf(to, "  %-8s  %-18s  ", format->name,
                format->suffixes ? format->suffixes : "");
        lc_print_wrapped(format->summary, SUMMARY_AT, SUMMARY_AT, WIDTH, to);
    }
    fputs("\n--report FILE selects the format by suffix. With --report FORMAT:FILE the\n"
          "file may have any name: --report json:/dev/stderr.\n",
          to);
}

enum lc_exit lc_cmd_help(const struct lc_settings *settings)
{
    const char *word = settings->word_count ? settings->words[0] : NULL;
    const struct lc_command *command = word ? lc_command_named(word) : NULL;
    const char *near;

    if (!word)
        print_overview();
    else if (command)
        print_command(command);
    else if (lc_rule_find(word))
        return lc_cmd_rules(settings);
    else if ((near = lc_command_near(word)) || (near = lc_rule_near(word)))
        return lc_complain("'%s' is neither a command nor a rule; did you mean '%s'?",
                           word, near);
    else
        return lc_complain(
            "'%s' is neither a command nor a rule; see 'llava-check --help'", word);
    return LC_EXIT_CLEAN;
}
