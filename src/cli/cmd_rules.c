#include "base/near.h"
#include "cli/cli.h"
#include "llava_check/fix.h"

#include <stdio.h>
#include <string.h>

#define INDENT 2
#define WHAT_INDENT 18 /* after the trainers' names */

static void print_effect(const struct lc_rule_effect *effect)
{
    if (!effect->what)
        return;
    lc_print_indented(effect->what, WHAT_INDENT);
    lc_print_indented(effect->source, WHAT_INDENT);
}

bool lc_case_differs(const char *code, const char *rule_case, size_t trainer,
                     struct lc_rule_effect *out)
{
    struct lc_rule_effect whole =
        lc_rule_effect_on(code, lc_rule_case_whole(code, rule_case), trainer);

    *out = lc_rule_effect_on(code, rule_case, trainer);
    return out->effect != whole.effect || out->what != whole.what;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_effect(const char *code, const char *rule_case, size_t a, size_t b)
{
    struct lc_rule_effect of_a = lc_rule_effect_on(code, rule_case, a);
    struct lc_rule_effect of_b = lc_rule_effect_on(code, rule_case, b);

    return of_a.effect == of_b.effect && is_same_text(of_a.what, of_b.what) &&
           is_same_text(of_a.source, of_b.source);
}

/* Whether two trainers do the same with all findings of a rule. */
static bool are_alike(const char *code, size_t a, size_t b)
{
    const struct lc_case_info *which;

    if (!is_same_effect(code, "", a, b))
        return false;
    for (size_t i = 0; (which = lc_rule_case_at(code, i)); i++) {
        if (!is_same_effect(code, which->name, a, b))
            return false;
    }
    return true;
}

/* Print the names of a trainer and of all that do the same with a rule's findings.
 * @return false: an earlier trainer does the same, so this one has been named */
static bool print_names(const char *code, size_t trainer)
{
    char names[512];
    size_t size = 0, count = 0, all = 0;

    for (const struct lc_trainer_info *other; (other = lc_trainer_at(all)); all++) {
        if (!are_alike(code, trainer, all))
            continue;
        if (all < trainer)
            return false;
        count++;
        size += (size_t)snprintf(names + size, sizeof(names) - size, "%s%s",
                                 size ? ", " : "", other->name);
    }
    if (count > 1 && count < all) {
        lc_print_indented(names, INDENT);
        names[0] = '\0';
    }
    printf("  %-15s ", count == all ? "all of them" : names);
    return true;
}

/* Print what each trainer does with a rule's findings, followed by the cases that end
 * differently. Trainers that do the same share a paragraph. */
static void print_effects(const struct lc_rule_info *rule)
{
    const struct lc_case_info *which;

    for (size_t i = 0; lc_trainer_at(i); i++) {
        struct lc_rule_effect usual = lc_rule_effect_on(rule->code, "", i);

        if (!print_names(rule->code, i))
            continue;
        puts(lc_effect_name(usual.effect));
        print_effect(&usual);
        for (size_t k = 0; (which = lc_rule_case_at(rule->code, k)); k++) {
            struct lc_rule_effect effect;

            if (!lc_case_differs(rule->code, which->name, i, &effect))
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

/* Whether a fix applies to a case of a rule; "" stands for findings without a case. */
static bool has_fix(const char *code, const char *rule_case,
                    const struct lc_fix_info *fix)
{
    const struct lc_fix_info *other;

    for (size_t i = 0; (other = lc_fix_of(code, rule_case, i)); i++)
        if (other == fix)
            return true;
    return false;
}

/* Print the cases that a fix applies to, unless it applies to all. Returns whether there
 * are any. */
static bool print_fixed_cases(const char *code, const struct lc_fix_info *fix, bool print)
{
    const struct lc_case_info *which;
    bool any = has_fix(code, "", fix), all = any;
    const char *between = "for the cases ";
    char text[2000] = "";

    for (size_t k = 0; (which = lc_rule_case_at(code, k)); k++) {
        bool has = has_fix(code, which->name, fix);
        size_t size = strlen(text);

        any |= has;
        all &= has;
        if (!has)
            continue;
        snprintf(text + size, sizeof(text) - size, "%s%s", between, which->name);
        between = ", ";
    }
    if (print && !all) {
        size_t size = strlen(text);

        if (has_fix(code, "", fix))
            snprintf(text + size, sizeof(text) - size, ", and findings without a case");
        lc_print_indented(text, 2 * INDENT);
    }
    return any;
}

/* Print what `llava-check fix` does about a rule. */
static void print_fixes(const char *code)
{
    const struct lc_fix_info *fix;
    bool any = false;

    for (size_t i = 0; (fix = lc_fix_at(i)); i++) {
        if (!print_fixed_cases(code, fix, false))
            continue;
        if (!any)
            puts("\nWhat llava-check fix does");
        any = true;
        printf("  %s (%s)\n", fix->name, fix->is_safe ? "safe" : "only with --unsafe");
        lc_print_indented(fix->summary, 2 * INDENT);
        (void)print_fixed_cases(code, fix, true);
    }
}

/* The note on a rule with a fix, " (fix)" or " (unsafe fix)"; "" if it has none. */
static const char *note_fix(const char *code)
{
    const struct lc_fix_info *fix;
    const char *note = "";

    for (size_t i = 0; (fix = lc_fix_at(i)); i++) {
        if (!print_fixed_cases(code, fix, false))
            continue;
        if (fix->is_safe)
            return " (fix)";
        note = " (unsafe fix)";
    }
    return note;
}

/* Codes at even indexes, names at odd ones. */
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
    lc_print_indented(rule->summary, INDENT);
    puts("\nWhy it matters");
    lc_print_indented(rule->why, INDENT);
    puts("\nHow to fix it");
    lc_print_indented(rule->fix, INDENT);
    print_fixes(rule->code);
    if (*rule->source) {
        puts("\nSource");
        lc_print_indented(rule->source, INDENT);
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
        printf("%s  %-8s %-26s %s%s\n", rule->code, lc_severity_name(rule->severity),
               rule->name, rule->summary, note_fix(rule->code));
    return LC_EXIT_CLEAN;
}
