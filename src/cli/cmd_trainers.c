#include "base/near.h"
#include "base/printable.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#define NAME_WIDTH 16 /* width of a trainer's name */
#define INDENT 2
#define WHAT_INDENT 10 /* after a rule's code */
#define NUMBER_SIZE 16 /* "4,294,967,295" */

/* Format a number with commas. */
static const char *grouped(unsigned number, char out[NUMBER_SIZE])
{
    char digits[NUMBER_SIZE];
    size_t size = (size_t)snprintf(digits, sizeof(digits), "%u", number), used = 0;

    for (size_t i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

/* Name the rows files that a trainer loads: ".json, and .jsonl that a mixture names". */
static const char *name_forms(size_t trainer)
{
    bool json = lc_trainer_loads(trainer, false, false);

    if (lc_trainer_loads_shards(trainer))
        return "shards of WebDataset";
    if (lc_trainer_loads(trainer, true, false))
        return json ? ".json and .jsonl" : ".jsonl";
    if (lc_trainer_loads(trainer, true, true))
        return json ? ".json, and .jsonl that a mixture names"
                    : ".jsonl that a mixture names";
    return ".json";
}

/* Name the dialects that a trainer reads: "llava, sharegpt". */
static void name_dialects(size_t trainer, char *out, size_t size)
{
    struct lc_dialect_info dialect;
    size_t used = 0;
    bool all;

    out[0] = '\0';
    for (size_t i = 0; lc_dialect_at(i, &dialect) && used < size; i++)
        if (lc_trainer_dialect_effect(trainer, dialect.name, &all).effect ==
            LC_EFFECT_FINE)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     dialect.name);
}

/* Format "11,177 of 11,338 rows, 2,683 of 2,840 cases, on 2026-11-30". */
static void format_agreement(size_t trainer, char *out, size_t size)
{
    const struct lc_agreement *a = lc_trainer_agreement(trainer);
    char numbers[4][NUMBER_SIZE];

    if (!a)
        snprintf(out, size, "never compared with a real run");
    else
        snprintf(out, size, "%s of %s rows, %s of %s cases, on %s",
                 grouped(a->rows_agree, numbers[0]), grouped(a->rows, numbers[1]),
                 grouped(a->cases_agree, numbers[2]), grouped(a->cases, numbers[3]),
                 a->date);
}

/* ---- text ---- */

static void print_fact(const char *label, const char *text)
{
    printf("  %-10s", label);
    lc_print_wrapped(text, INDENT + 10, INDENT + 10, 80, stdout);
}

static void print_in_list(size_t index, const struct lc_trainer_info *trainer)
{
    char text[256];

    printf("%s%s: %s\n", index ? "\n" : "", trainer->name, trainer->title);
    print_fact("program", trainer->source);
    print_fact("files", name_forms(index));
    name_dialects(index, text, sizeof(text));
    print_fact("dialects", text);
    format_agreement(index, text, sizeof(text));
    print_fact("agreement", text);
}

static void print_effect(const struct lc_rule_effect *effect)
{
    if (!effect->what)
        return;
    lc_print_indented(effect->what, WHAT_INDENT);
    lc_print_indented(effect->source, WHAT_INDENT);
}

/* Print what a trainer does with a rule's findings, followed by the cases that end
 * differently. */
static void print_rule(const struct lc_rule_info *rule, size_t trainer)
{
    struct lc_rule_effect effect = lc_rule_effect_on(rule->code, "", trainer);
    const struct lc_case_info *which;

    printf("  %s  %s: %s\n", rule->code, lc_effect_name(effect.effect), rule->summary);
    print_effect(&effect);
    for (size_t i = 0; (which = lc_rule_case_at(rule->code, i)); i++) {
        if (!lc_case_differs(rule->code, which->name, trainer, &effect))
            continue;
        printf("%*s%s, if %s: %s\n", WHAT_INDENT - 2, "", lc_effect_name(effect.effect),
               which->name, which->summary);
        print_effect(&effect);
    }
}

static void print_dialects(size_t trainer)
{
    struct lc_dialect_info dialect;
    bool all;

    for (size_t i = 0; lc_dialect_at(i, &dialect); i++) {
        struct lc_rule_effect effect =
            lc_trainer_dialect_effect(trainer, dialect.name, &all);

        if (effect.effect == LC_EFFECT_FINE) {
            printf("  %-10s its own\n", dialect.name);
            continue;
        }
        printf("  %-10s %s%s\n", dialect.name, lc_effect_name(effect.effect),
               all ? "" : ", for rows that name media");
        lc_print_indented(effect.what, INDENT + 11);
        lc_print_indented(effect.source, INDENT + 11);
    }
}

static void print_agreement(size_t trainer)
{
    const struct lc_agreement *agreement = lc_trainer_agreement(trainer);
    char text[256], number[NUMBER_SIZE];

    format_agreement(trainer, text, sizeof(text));
    lc_print_indented(text, INDENT);
    if (!agreement)
        return;
    snprintf(text, sizeof(text), "predicted fine, but not trained as written: %s",
             grouped(agreement->false_fine, number));
    lc_print_indented(text, INDENT);
}

static void print_length(size_t trainer)
{
    const struct lc_length_info *length = lc_trainer_length(trainer);
    char number[NUMBER_SIZE];

    if (!length)
        return;
    printf("\nRows of more than %s tokens\n  %s\n", grouped(length->limit, number),
           lc_effect_name(length->effect.effect));
    print_effect(&length->effect);
}

static void explain(size_t index, const struct lc_trainer_info *trainer)
{
    const struct lc_rule_info *rule;
    const char *text;

    printf("%s: %s\n\nProgram\n", trainer->name, trainer->title);
    lc_print_indented(trainer->source, INDENT);
    puts("\nAssumed");
    for (size_t i = 0; (text = lc_trainer_assumption(index, i)); i++)
        lc_print_indented(text, INDENT);
    puts("\nAgreement with real runs");
    print_agreement(index);
    puts("\nRows files that it loads");
    lc_print_indented(name_forms(index), INDENT);
    print_length(index);
    puts("\nWhat it does with dialects");
    print_dialects(index);
    puts("\nWhat it does, by rule");
    for (size_t i = 0; (rule = lc_rule_at(i)); i++)
        print_rule(rule, index);
}

/* ---- JSON ---- */

static void print_member(const char *key, const char *text)
{
    printf("\"%s\":", key);
    lc_print_json(text, stdout);
}

static void print_effect_json(const struct lc_rule_effect *effect)
{
    print_member("effect", lc_effect_name(effect->effect));
    if (effect->what) {
        putchar(',');
        print_member("what", effect->what);
        putchar(',');
        print_member("source", effect->source);
    }
}

static void print_files_json(size_t trainer)
{
    static const char *const names[] = {"json", "jsonl", "mixed jsonl", "shards"};
    const bool loads[] = {
        lc_trainer_loads(trainer, false, false), lc_trainer_loads(trainer, true, false),
        lc_trainer_loads(trainer, true, true), lc_trainer_loads_shards(trainer)};
    bool any = false;

    fputs(",\n\"files\":[", stdout);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!loads[i])
            continue;
        printf("%s\"%s\"", any ? "," : "", names[i]);
        any = true;
    }
    putchar(']');
}

static void print_assumptions_json(size_t trainer)
{
    const char *text;

    fputs(",\n\"assumed\":[", stdout);
    for (size_t i = 0; (text = lc_trainer_assumption(trainer, i)); i++) {
        fputs(i ? "," : "", stdout);
        lc_print_json(text, stdout);
    }
    putchar(']');
}

static void print_dialects_json(size_t trainer)
{
    struct lc_dialect_info dialect;
    bool all;

    fputs(",\n\"dialects\":[", stdout);
    for (size_t i = 0; lc_dialect_at(i, &dialect); i++) {
        struct lc_rule_effect effect =
            lc_trainer_dialect_effect(trainer, dialect.name, &all);

        fputs(i ? ",\n{" : "\n{", stdout);
        print_member("dialect", dialect.name);
        if (effect.effect != LC_EFFECT_FINE)
            printf(",\"rows\":\"%s\"", all ? "all" : "with media");
        putchar(',');
        print_effect_json(&effect);
        putchar('}');
    }
    fputs("\n]", stdout);
}

static void print_agreement_json(size_t trainer)
{
    const struct lc_agreement *a = lc_trainer_agreement(trainer);

    if (a)
        printf(",\n\"agreement\":{\"date\":\"%s\",\"cases\":%u,\"cases_agree\":%u,"
               "\"rows\":%u,\"rows_agree\":%u,\"false_fine\":%u}",
               a->date, a->cases, a->cases_agree, a->rows, a->rows_agree, a->false_fine);
}

static void print_length_json(size_t trainer)
{
    const struct lc_length_info *length = lc_trainer_length(trainer);

    if (!length)
        return;
    printf(",\n\"length\":{\"limit\":%u,", length->limit);
    print_effect_json(&length->effect);
    putchar('}');
}

static void print_effects_json(size_t trainer)
{
    const struct lc_rule_info *rule;
    const struct lc_case_info *which;

    fputs(",\n\"effects\":[", stdout);
    for (size_t r = 0; (rule = lc_rule_at(r)); r++) {
        struct lc_rule_effect effect = lc_rule_effect_on(rule->code, "", trainer);

        printf("%s\n{\"rule\":\"%s\",", r ? "," : "", rule->code);
        print_effect_json(&effect);
        putchar('}');
        for (size_t i = 0; (which = lc_rule_case_at(rule->code, i)); i++) {
            if (!lc_case_differs(rule->code, which->name, trainer, &effect))
                continue;
            printf(",\n{\"rule\":\"%s\",\"case\":\"%s\",", rule->code, which->name);
            print_effect_json(&effect);
            putchar('}');
        }
    }
    fputs("\n]", stdout);
}

static void print_json(size_t index, const struct lc_trainer_info *trainer, bool whole)
{
    putchar('{');
    print_member("name", trainer->name);
    putchar(',');
    print_member("title", trainer->title);
    putchar(',');
    print_member("program", trainer->source);
    print_files_json(index);
    print_assumptions_json(index);
    print_dialects_json(index);
    print_length_json(index);
    print_agreement_json(index);
    if (whole)
        print_effects_json(index);
    putchar('}');
}

/* ---- the command ---- */

static enum lc_exit complain_of_name(const char *word)
{
    const char *near = lc_trainer_near(word);

    if (near)
        return lc_complain("unknown trainer '%s'; did you mean '%s'?", word, near);
    return lc_complain("unknown trainer '%s'; 'llava-check trainers' lists them", word);
}

enum lc_exit lc_cmd_trainers(const struct lc_settings *settings)
{
    const char *name = settings->word_count ? settings->words[0] : NULL;
    bool each = name && strcmp(name, LC_ALL_TRAINERS) == 0;
    bool json = settings->format && strcmp(settings->format, "json") == 0, any = false;
    const struct lc_trainer_info *trainer;

    for (size_t i = 0; (trainer = lc_trainer_at(i)); i++) {
        if (name && !each && strcmp(name, trainer->name) != 0)
            continue;
        if (json) {
            fputs(any ? ",\n" : "{\"trainers\":[\n", stdout);
            print_json(i, trainer, name != NULL);
        } else if (name) {
            fputs(any ? "\n" : "", stdout);
            explain(i, trainer);
        } else {
            print_in_list(i, trainer);
        }
        any = true;
    }
    if (!any)
        return complain_of_name(name);
    if (json)
        puts("\n]}");
    return LC_EXIT_CLEAN;
}
