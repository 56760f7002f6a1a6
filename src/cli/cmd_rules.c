#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 84

/* Print a text in lines of at most WIDTH columns, each indented. */
static void print_wrapped(const char *text)
{
    size_t used = 0;

    while (*text) {
        size_t word = strcspn(text, " ");

        if (used && used + 1 + word > WIDTH) {
            putchar('\n');
            used = 0;
        }
        used += (size_t)printf("%s%.*s", used ? " " : "  ", (int)word, text);
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static enum lc_exit explain(const char *code)
{
    const struct lc_rule_info *rule = lc_rule_find(code);

    if (!rule)
        return lc_complain("there is no rule '%s'; 'llava-check rules' lists them", code);
    printf("%s %s (%s)\n\n", rule->code, rule->name, lc_severity_name(rule->severity));
    puts("What it finds");
    print_wrapped(rule->summary);
    puts("\nWhy it hurts");
    print_wrapped(rule->why);
    puts("\nHow to mend it");
    print_wrapped(rule->mend);
    puts("\nSource");
    print_wrapped(rule->source);
    return LC_EXIT_CLEAN;
}

enum lc_exit lc_cmd_rules(const struct lc_settings *settings)
{
    const struct lc_rule_info *rule;

    if (settings->word_count)
        return explain(settings->words[0]);
    for (size_t i = 0; (rule = lc_rule_at(i)); i++)
        printf("%s  %-8s %-26s %s\n", rule->code, lc_severity_name(rule->severity),
               rule->name, rule->summary);
    return LC_EXIT_CLEAN;
}
