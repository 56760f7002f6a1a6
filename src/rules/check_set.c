/* Rules about the whole set */
#include "rules/rules.h"

#include <stdio.h>

/* If a picture has this many paths, most of them were probably meant to be other
 * pictures. */
#define MANY_PATHS 10

void lc_check_ROW206(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[80];

    if (facts->duplicate)
        lc_emit(out, rule, "id %s is used by %llu rows",
                lc_text_quote(facts->duplicate->id, quote, sizeof(quote)),
                (unsigned long long)facts->duplicate->count);
}

void lc_check_ROW207(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[80];

    if (facts->duplicate && facts->duplicate->images_differ)
        lc_emit(out, rule, "the rows with id %s name different images",
                lc_text_quote(facts->duplicate->id, quote, sizeof(quote)));
}

/* The text before the colon never varies, because it identifies the finding. */
void lc_check_ROW214(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_shared_ids_facts *shared = facts->shared_ids;
    char example[80], name[80], names[LC_SHARED_IDS_NAMES * 82] = "", more[40] = "";
    size_t size = 0;

    if (!shared)
        return;
    for (size_t i = 0; i < shared->files && i < LC_SHARED_IDS_NAMES; i++)
        size +=
            (size_t)snprintf(names + size, sizeof(names) - size, "%s%s", i ? ", " : "",
                             lc_text_quote(shared->names[i], name, sizeof(name)));
    if (shared->files > LC_SHARED_IDS_NAMES)
        snprintf(more, sizeof(more), " and %zu more",
                 shared->files - LC_SHARED_IDS_NAMES);
    lc_emit(out, rule, "once per file: %llu id%s, such as %s, in %s%s",
            (unsigned long long)shared->count, shared->count == 1 ? "" : "s",
            lc_text_quote(shared->example, example, sizeof(example)), names, more);
}

/* Format the place of another row. */
static const char *name_row(const struct lc_twin_facts *twin, char *out, size_t size)
{
    char quote[80];

    if (twin->file.size)
        snprintf(out, size, "row %llu of %s, line %llu", (unsigned long long)twin->row,
                 lc_text_quote(twin->file, quote, sizeof(quote)),
                 (unsigned long long)twin->line);
    else
        snprintf(out, size, "row %llu, line %llu", (unsigned long long)twin->row,
                 (unsigned long long)twin->line);
    return out;
}

void lc_check_ROW210(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char place[160];

    if (facts->twin)
        lc_emit(out, rule, "the same as %s", name_row(facts->twin, place, sizeof(place)));
}

void lc_check_SET605(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_answers_facts *answers = facts->answers;
    char place[160];

    if (answers)
        lc_emit(out, rule, "%llu rows give %llu answers; another is in %s",
                (unsigned long long)answers->rows, (unsigned long long)answers->answers,
                name_row(&answers->other, place, sizeof(place)));
}

/* Quote the other paths, at most two, and count the rest. */
static void quote_others(const struct lc_alike_facts *alike, char *out, size_t size)
{
    char quote[120], another[120] = "", more[40] = "";

    lc_text_quote(alike->others[0], quote, sizeof(quote));
    if (alike->count > 2)
        lc_text_quote(alike->others[1], another, sizeof(another));
    if (alike->count > 3)
        snprintf(more, sizeof(more), " and %llu more",
                 (unsigned long long)(alike->count - 3));
    snprintf(out, size, "%s%s%s%s", quote, *another ? ", " : "", another, more);
}

void lc_check_SET601(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char others[320];

    if (!facts->alike || facts->alike->by_case)
        return;
    quote_others(facts->alike, others, sizeof(others));
    lc_emit(out, rule, "the same bytes as %s", others);
}

void lc_check_SET602(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_unused_facts *unused = facts->unused;
    char folder[160] = "the image root", example[160];

    if (!unused)
        return;
    if (unused->folder.size)
        lc_text_quote(unused->folder, folder, sizeof(folder));
    lc_text_quote(unused->example, example, sizeof(example));
    lc_emit(out, rule, "%s: %llu unused image file%s%s, such as %s", folder,
            (unsigned long long)unused->count, unused->count == 1 ? "" : "s",
            unused->whole ? " (no row uses this folder)" : "", example);
}

void lc_check_SET603(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->alike && !facts->alike->by_case && facts->alike->count >= MANY_PATHS)
        lc_emit(out, rule, "%llu files contain the same picture",
                (unsigned long long)facts->alike->count);
}

void lc_check_SET604(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char others[320];

    if (!facts->alike || !facts->alike->by_case)
        return;
    quote_others(facts->alike, others, sizeof(others));
    lc_emit(out, rule, "differs only in case from %s", others);
}
