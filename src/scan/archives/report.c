/* Reports damage to archives, and missing archives. */
#include "scan/archives/internal.h"

#include "scan/set/stage.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MISSING 1000 /* with more numbers missing, it is not a series */

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

static enum lc_status report(struct lc_set_stage *stage,
                             const struct lc_archive_facts *facts, struct lc_error *err)
{
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};

    return lc_set_report(stage, &(struct lc_facts){.archive = facts}, &record, err);
}

/* ---- damage ---- */

/* Split off the next field of a line: a field ends with a tab, the last one with a line
 * feed. */
static struct lc_span next_field(struct lc_span *text)
{
    size_t size = 0;
    struct lc_span out = {text->text, 0};

    while (size < text->size && text->text[size] != '\t' && text->text[size] != '\n')
        size++;
    out.size = size;
    size += size < text->size;
    *text = (struct lc_span){text->text + size, text->size - size};
    return out;
}

static uint64_t number_of(struct lc_span text)
{
    uint64_t out = 0;

    for (size_t i = 0; i < text.size && text.text[i] >= '0' && text.text[i] <= '9'; i++)
        out = out * 10 + (uint64_t)(text.text[i] - '0');
    return out;
}

/* Report each kind of damage, as written by keep_damage in pass.c. */
static enum lc_status report_damage(struct lc_set_stage *stage,
                                    const struct lc_packed *packed, struct lc_error *err)
{
    struct lc_span text = {packed->damage.data, packed->damage.size};
    enum lc_status status = LC_OK;

    while (text.size && status == LC_OK) {
        struct lc_archive_facts facts = {.about = LC_ARCHIVE_ABOUT_FAULT,
                                         .name = span_of(packed->file->name)};

        facts.fault = next_field(&text);
        facts.count = number_of(next_field(&text));
        (void)next_field(&text);
        facts.members = number_of(next_field(&text));
        facts.detail = next_field(&text);
        status = report(stage, &facts, err);
    }
    return status;
}

/* ---- series ---- */

/* An archive's name, split at its number: "a/part07.tar" has "a/part" before and ".tar"
 * after the digits. */
struct numbered {
    const char *name;
    size_t before; /* bytes before the digits */
    size_t digits; /* number of digits; 0: there is no number */
    uint64_t number;
    size_t width; /* width of a number with leading zeros; else 0 */
};

static struct numbered number_in(const char *name)
{
    const char *last = strrchr(name, '/');
    size_t from = last ? (size_t)(last - name) + 1 : 0;
    size_t end = from + strcspn(name + from, ".");
    struct numbered out = {.name = name, .before = end};

    while (end > from && !isdigit((unsigned char)name[end - 1]))
        end--;
    out.before = end;
    while (out.before > from && isdigit((unsigned char)name[out.before - 1]))
        out.before--;
    out.digits = end - out.before;
    out.number = number_of((struct lc_span){name + out.before, out.digits});
    if (out.digits > 6 || (out.digits == 4 && out.number >= 1900 && out.number <= 2100))
        out.digits = 0; /* a date, a hash or a year */
    out.width = out.digits > 1 && name[out.before] == '0' ? out.digits : 0;
    return out;
}

/* Whether two names differ only in their numbers. */
static bool is_same_series(const struct numbered *a, const struct numbered *b)
{
    return a->digits && b->digits && a->before == b->before &&
           memcmp(a->name, b->name, a->before) == 0 &&
           strcmp(a->name + a->before + a->digits, b->name + b->before + b->digits) == 0;
}

static int by_series(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    size_t size = x->before < y->before ? x->before : y->before;
    int order = memcmp(x->name, y->name, size);

    if (order == 0)
        order = (x->before > y->before) - (x->before < y->before);
    if (order == 0)
        order = strcmp(x->name + x->before + x->digits, y->name + y->before + y->digits);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Count the numbers that are missing in a series of at least least names: gaps, and 1 if
 * the series begins with 2. *first is set to the first missing number. */
static uint64_t count_missing(const struct numbered *series, size_t count, size_t least,
                              uint64_t *first)
{
    uint64_t missing = 0;

    if (count >= least && series[0].number == 2) {
        *first = 1;
        missing++;
    }
    for (size_t i = 1; count >= least && i < count; i++) {
        uint64_t gap = series[i].number - series[i - 1].number;

        if (gap > 1 && !missing)
            *first = series[i - 1].number + 1;
        missing += gap > 1 ? gap - 1 : 0;
    }
    return missing <= count && missing <= MOST_MISSING ? missing : 0;
}

static enum lc_status report_series(struct lc_set_stage *stage,
                                    const struct lc_archives *archives,
                                    const struct numbered *series, size_t count,
                                    struct lc_error *err)
{
    struct lc_archive_facts facts = {
        .about = LC_ARCHIVE_ABOUT_MISSING,
        .example = span_of(series[0].name),
        .images = archives->missing_images,
        .rows = archives->missing_rows,
    };
    struct lc_buffer name = {0};
    uint64_t first = 0;
    enum lc_status status;

    /* with leading zeros, even two shards are a series */
    facts.count = count_missing(
        series, count, archives->dataset->has_shards && series[0].width ? 2 : 3, &first);
    if (!facts.count)
        return LC_OK;
    status =
        lc_buffer_printf(&name, err, "%.*s%0*llu%s", (int)series[0].before,
                         series[0].name, (int)series[0].width, (unsigned long long)first,
                         series[0].name + series[0].before + series[0].digits);
    facts.name = (struct lc_span){name.data, name.size};
    if (status == LC_OK)
        status = report(stage, &facts, err);
    lc_buffer_clear(&name);
    return status;
}

static enum lc_status report_all_series(struct lc_set_stage *stage,
                                        const struct lc_archives *archives,
                                        struct lc_error *err)
{
    struct numbered *names = calloc(archives->count + 1, sizeof(*names));
    enum lc_status status = LC_OK;
    size_t from = 0;

    if (!names)
        return lc_fail_memory(err);
    for (size_t i = 0; i < archives->count; i++)
        names[i] = number_in(archives->items[i].file->name);
    qsort(names, archives->count, sizeof(*names), by_series);
    for (size_t i = 1; i <= archives->count && status == LC_OK; i++) {
        if (i < archives->count && is_same_series(&names[i - 1], &names[i]))
            continue;
        status = report_series(stage, archives, names + from, i - from, err);
        from = i;
    }
    free(names);
    return status;
}

/* ---- members ---- */

static enum lc_status report_members(struct lc_set_stage *stage,
                                     const struct lc_archives *archives,
                                     const struct lc_packed *packed, struct lc_error *err)
{
    struct lc_archive_facts facts = {.name = span_of(packed->file->name)};
    const struct lc_run *run = archives->run;
    bool is_read = packed->state == LC_PACKED_READ || packed->state == LC_PACKED_REUSED;
    enum lc_status status = LC_OK;

    if (packed->unsafe) {
        facts.about = LC_ARCHIVE_ABOUT_UNSAFE;
        facts.count = packed->unsafe;
        facts.detail =
            (struct lc_span){packed->unsafe_example.data, packed->unsafe_example.size};
        status = report(stage, &facts, err);
    }
    /* samples of shards are checked with the rows; only the merge knows all images */
    if (packed->file->is_shard || run->part.count || run->covered.count)
        return status;
    if (status == LC_OK && packed->repeated) {
        facts.about = LC_ARCHIVE_ABOUT_REPEATED;
        facts.count = packed->repeated;
        facts.differ = packed->differ;
        facts.example = span_of(packed->example);
        facts.other = span_of(archives->items[packed->other].file->name);
        facts.is_same = &archives->items[packed->other] == packed;
        status = report(stage, &facts, err);
    }
    if (status == LC_OK && is_read && !packed->images && packed->members) {
        facts.about = LC_ARCHIVE_ABOUT_UNUSED;
        facts.members = packed->members;
        status = report(stage, &facts, err);
    }
    return status;
}

enum lc_status lc_archives_report(const struct lc_archives *archives,
                                  const struct lc_dataset *dataset, struct lc_rows *rows,
                                  struct lc_error *err)
{
    struct lc_set_stage stage = {.dataset = dataset, .rows = rows};
    enum lc_status status = LC_OK;

    if (!archives)
        return LC_OK;
    stage.run = archives->run;
    for (size_t i = 0; i < archives->count && status == LC_OK; i++)
        status = report_damage(&stage, &archives->items[i], err);
    for (size_t i = 0; i < archives->count && status == LC_OK; i++)
        status = report_members(&stage, archives, &archives->items[i], err);
    if (status == LC_OK && (archives->wanted_count || dataset->has_shards) &&
        !archives->run->covered.count)
        status = report_all_series(&stage, archives, err);
    lc_findings_clear(&stage.findings);
    return status;
}
