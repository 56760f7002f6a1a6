#include "base/near.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 86
#define INDENT 2
#define WHAT_INDENT 18 /* after the trainers' names */

/* Print a text in lines of at most WIDTH columns, each indented. */
static void print_wrapped(const char *text, int indent)
{
    size_t capacity = WIDTH - (size_t)indent, used = 0;

    while (*text) {
        size_t word = strcspn(text, " ");

        if (used && used + 1 + word > capacity) {
            putchar('\n');
            used = 0;
        }
        printf("%*s%.*s", used ? 1 : indent, "", (int)word, text);
        used += word + (used > 0);
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_effect(const struct lc_rule_effect *effect)
{
    if (!effect->what)
        return;
    print_wrapped(effect->what, WHAT_INDENT);
    print_wrapped(effect->source, WHAT_INDENT);
}

/* What each trainer does with what a rule finds; cases that end differently follow. */
static void print_effects(const struct lc_rule_info *rule)
{
    const struct lc_trainer_info *trainer;
    const struct lc_case_info *which;

    for (size_t i = 0; (trainer = lc_trainer_at(i)); i++) {
        struct lc_rule_effect usual = lc_rule_effect_on(rule->code, "", i);

        printf("  %-15s %s\n", trainer->name, lc_effect_name(usual.effect));
        print_effect(&usual);
        for (size_t k = 0; (which = lc_rule_case_at(rule->code, k)); k++) {
            struct lc_rule_effect effect = lc_rule_effect_on(rule->code, which->name, i);
            struct lc_rule_effect whole = lc_rule_effect_on(
                rule->code, lc_rule_case_whole(rule->code, which->name), i);

            if (effect.effect == whole.effect && effect.what == whole.what)
                continue;
            printf("  %-15s %s, if %s\n", "", lc_effect_name(effect.effect), which->name);
            print_effect(&effect);
        }
    }
}

static void print_cases(const struct lc_rule_info *rule)
{
    const struct lc_case_info *which;

    if (lc_rule_case_at(rule->code, 0))
        puts("\nCases that trainers may treat differently");
    for (size_t k = 0; (which = lc_rule_case_at(rule->code, k)); k++)
        printf("  %-21s %s\n", which->name, which->summary);
}

/* Codes and names by turns. */
static const char *rule_name(const void *user, size_t index)
{
    const struct lc_rule_info *rule = lc_rule_at(index / 2);

    (void)user;
    if (!rule)
        return NULL;
    return index % 2 ? rule->name : rule->code;
}

const char *lc_rule_near(const char *word)
{
    return lc_nearest_name(word, strlen(word), rule_name, NULL);
}

enum lc_exit lc_complain_of_rule(const char *word)
{
    const char *near = lc_rule_near(word);

    if (near)
        return lc_complain("unknown rule '%s'; did you mean '%s'?", word, near);
    return lc_complain("unknown rule '%s'; 'llava-check rules' lists them", word);
}

static enum lc_exit explain(const char *code)
{
    const struct lc_rule_info *rule = lc_rule_find(code);

    if (!rule)
        return lc_complain_of_rule(code);
    printf("%s %s (%s)\n\n", rule->code, rule->name, lc_severity_name(rule->severity));
    puts("What it finds");
    print_wrapped(rule->summary, INDENT);
    puts("\nWhy it matters");
    print_wrapped(rule->why, INDENT);
    puts("\nHow to fix it");
    print_wrapped(rule->fix, INDENT);
    if (*rule->source) {
        puts("\nSource");
        print_wrapped(rule->source, INDENT);
    }
    print_cases(rule);
    puts("\nWhat trainers do");
    print_effects(rule);
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
