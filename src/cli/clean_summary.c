/* What clean and fix print about their results */
#include "cli/clean_summary.h"

#include <stdio.h>

/* Write a number with commas. */
const char *lc_count_text(uint64_t value, char out[32])
{
    char digits[32];
    int size = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
    size_t at = 0;

    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

const char *lc_plural(uint64_t value)
{
    return value == 1 ? "" : "s";
}

static void print_reasons(const struct lc_clean *clean)
{
    const struct lc_clean_reason *reason;
    char number[32];

    for (size_t i = 0; (reason = lc_clean_reason_at(clean, i)); i++) {
        printf("    %9s  ", lc_count_text(reason->rows, number));
        if (reason->code)
            printf("%s %s%s%s: %s\n", reason->code, reason->name,
                   *reason->rule_case ? " " : "", reason->rule_case,
                   lc_effect_name(reason->effect));
        else if (reason->name)
            printf("dialect %s: %s\n", reason->name, lc_effect_name(reason->effect));
        else
            printf("longer than the trainer's token limit, or possibly longer: %s\n",
                   lc_effect_name(reason->effect));
    }
}

static void print_fixes(const struct lc_clean *clean)
{
    uint64_t unfixed = lc_clean_unfixed(clean), unsafe = lc_clean_unsafe(clean);
    const struct lc_clean_fix *fix;
    char number[32];

    for (size_t i = 0; (fix = lc_clean_fix_at(clean, i)); i++) {
        if (!i)
            puts("  fixed     as follows; a row may be counted more than once");
        printf("    %9s  %s %s: %s%s\n", lc_count_text(fix->rows, number), fix->code,
               fix->rule, fix->name, fix->is_safe ? "" : " (unsafe)");
    }
    if (unfixed)
        printf("  not fixed %s row%s: no fix applies, or the fixed row would not pass\n",
               lc_count_text(unfixed, number), lc_plural(unfixed));
    if (unsafe)
        printf("  unsafe    %s row%s could be fixed with --unsafe\n",
               lc_count_text(unsafe, number), lc_plural(unsafe));
}

void lc_print_clean_rows(const struct lc_clean *clean)
{
    const struct lc_clean_counts *counts = lc_clean_counts(clean);
    char a[32], b[32], c[32], d[32];

    printf("  rows      %s in = %s kept + %s fixed + %s dropped",
           lc_count_text(counts->rows, a), lc_count_text(counts->kept, b),
           lc_count_text(counts->fixed, c), lc_count_text(counts->dropped, d));
    if (counts->left)
        printf(" + %s not in the sample", lc_count_text(counts->left, a));
    putchar('\n');
    print_fixes(clean);
    if (counts->dropped) {
        printf("  dropped   for these reasons; a row may have several (%s)\n",
               lc_clean_trainer(clean));
        print_reasons(clean);
    }
    if (counts->between)
        printf("  repaired  %s fault%s between or around rows\n",
               lc_count_text(counts->between, a), lc_plural(counts->between));
}

/* Print "1 stops it, 3 are trained altered": what the trainer does with the rows that it
 * does not train as written. */
static void print_effects(const struct lc_clean_counts *counts)
{
    static const char *const words[] = {
        [LC_EFFECT_UNKNOWN] = "unknown",
        [LC_EFFECT_ALTERED] = "trained altered",
        [LC_EFFECT_DROPPED] = "left out",
        [LC_EFFECT_REPLACED] = "replaced",
        [LC_EFFECT_CRASH] = "stopping it",
        [LC_EFFECT_REFUSED] = "keeping it from starting",
    };
    char number[32];

    for (int e = LC_EFFECT_REFUSED; e > LC_EFFECT_FINE; e--)
        if (counts->effects[e])
            printf(", %s %s", lc_count_text(counts->effects[e], number), words[e]);
}

void lc_print_clean_checked(const struct lc_clean *clean)
{
    const struct lc_clean_counts *counts = lc_clean_counts(clean);
    const char *trainer = lc_clean_trainer(clean);
    const char *unloaded = lc_clean_unloaded(clean);
    char a[32];

    if (counts->effects[LC_EFFECT_FINE] == counts->kept + counts->fixed)
        printf("  checked   %s trains every row as written\n", trainer);
    else {
        printf("  checked   %s: %s trained as written", trainer,
               lc_count_text(counts->effects[LC_EFFECT_FINE], a));
        print_effects(counts);
        putchar('\n');
    }
    if (unloaded)
        printf("  note      %s: %s\n", trainer, unloaded);
}
