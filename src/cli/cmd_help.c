#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum lc_exit lc_cmd_version(const struct lc_settings *settings)
{
    (void)settings;
    printf("llava-check %s\n", lc_version());
    return LC_EXIT_CLEAN;
}

static void print_overview(void)
{
    const struct lc_command *command;

    puts("Check visual-instruction data sets in LLaVA's raw format: rows, images, and\n"
         "whether the two fit.\n\n"
         "  llava-check PATH [options]\n\n"
         "PATH is a folder with rows (.json, .jsonl) and images, or a rows file.\n\n"
         "Commands:");
    for (size_t i = 0; (command = lc_command_at(i)); i++)
        printf("  %-8s %-22s %s\n", command->name, command->usage, command->summary);
    puts("\nOptions:");
    lc_options_print("check");
    puts("\nExit codes: 0 clean, 1 findings, 2 wrong use or could not finish,"
         "\n130 stopped (Ctrl-C): what it has read is kept for the next run.");
}

void lc_formats_help(void)
{
    const struct lc_report_format_info *format;

    puts("\nFormats of reports, and the suffixes that stand for them:");
    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        printf("  %-8s  %-18s  %s\n", format->name,
               format->suffixes ? format->suffixes : "", format->summary);
    puts("\n--report FILE goes by the suffix; --report FORMAT:FILE names the format, and "
         "the\nfile may have any name: --report json:/dev/stderr.");
}

enum lc_exit lc_cmd_help(const struct lc_settings *settings)
{
    const char *word = settings->word_count ? settings->words[0] : NULL;
    const struct lc_command *command;

    if (!word) {
        print_overview();
        return LC_EXIT_CLEAN;
    }
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        if (strcmp(command->name, word) != 0)
            continue;
        printf("llava-check %s %s\n\n  %s\n\nOptions:\n", command->name, command->usage,
               command->summary);
        lc_options_print(command->name);
        if (command->help)
            command->help();
        return LC_EXIT_CLEAN;
    }
    if (lc_rule_find(word))
        return lc_cmd_rules(settings);
    return lc_complain("'%s' is neither a command nor a rule; see 'llava-check --help'",
                       word);
}
