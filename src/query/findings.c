/* The findings of an index, one per line */
#include "query/finding.h"

#include "print/example.h"
#include "print/format.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OF_LINE(member) offsetof(struct lc_finding_line, member)

const struct lc_field lc_finding_fields[] = {
    {"rule", LC_FIELD_TEXT, OF_LINE(entry.rule)},
    {"name", LC_FIELD_NAME, OF_LINE(name)},
    {"severity", LC_FIELD_NAME, OF_LINE(severity)},
    {"kind", LC_FIELD_NAME, OF_LINE(kind)},
    {"case", LC_FIELD_TEXT, OF_LINE(rule_case)},
    {"message", LC_FIELD_TEXT, OF_LINE(entry.message)},
    {"file", LC_FIELD_TEXT, OF_LINE(entry.file)},
    {"row", LC_FIELD_PLACE, OF_LINE(entry.row)},
    {"line", LC_FIELD_PLACE, OF_LINE(entry.line)},
    {"column", LC_FIELD_PLACE, OF_LINE(entry.column)},
    {"offset", LC_FIELD_PLACE, OF_LINE(entry.offset)},
    {"turn", LC_FIELD_PLACE, OF_LINE(entry.turn)},
    {"id", LC_FIELD_TEXT, OF_LINE(id)},
    {"image", LC_FIELD_TEXT, OF_LINE(entry.image)},
    {"row_count", LC_FIELD_PLACE, OF_LINE(entry.row_count)},
};

const size_t lc_finding_field_count =
    sizeof(lc_finding_fields) / sizeof(lc_finding_fields[0]);

enum lc_status lc_finding_line(const struct lc_index *index,
                               const struct lc_finding_record *finding,
                               struct lc_entry_cache *cache, struct lc_finding_line *out,
                               struct lc_error *err)
{
    static const char *const kinds[] = {
        [LC_FINDING_ROW] = "row",
        [LC_FINDING_IMAGE] = "image",
        [LC_FINDING_SET] = "set",
    };
    enum lc_status status = lc_entry_of_finding(index, finding, cache, &out->entry, err);

    if (status != LC_OK)
        return status;
    out->id = finding->id.size ? finding->id : (struct lc_span){0};
    out->rule_case = finding->rule_case.size ? finding->rule_case : (struct lc_span){0};
    out->name = out->entry.info ? out->entry.info->name : NULL;
    out->severity = lc_severity_name(out->entry.severity);
    out->kind = kinds[finding->kind];
    return LC_OK;
}

enum lc_status lc_out_finding(struct lc_query_run *run,
                              const struct lc_finding_record *finding,
                              struct lc_error *err)
{
    struct lc_out *out = run->out;
    size_t from = out->bytes.size;

    lc_out_text(out, lc_severity_name((enum lc_severity)finding->severity));
    lc_out_pad(out, from, 9, false);
    lc_out_plain(out, finding->rule);
    lc_out_text(out, "  ");
    return lc_text_finding(run->index, run->query->prefix, finding, &out->bytes, err);
}

struct listing {
    struct lc_query_run *run;
    struct lc_sheet sheet;
    struct lc_entry_cache cache;
    const struct lc_rule_info **rules; /* whose findings are listed; none: all rules */
    uint64_t listed;
};

static bool is_wanted(const struct listing *listing,
                      const struct lc_finding_record *finding)
{
    size_t count = listing->run->query->rule_count;

    if (finding->severity < listing->run->query->show)
        return false;
    for (size_t i = 0; i < count; i++)
        if (lc_span_is(finding->rule, listing->rules[i]->code))
            return true;
    return !count;
}

static enum lc_status list_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_finding_line line;
    enum lc_status status;

    if (!is_wanted(listing, finding))
        return LC_OK;
    listing->listed++;
    if (lc_sheet_has(listing->sheet.format)) {
        status =
            lc_finding_line(listing->run->index, finding, &listing->cache, &line, err);
        return status == LC_OK ? lc_sheet_add(&listing->sheet, &line, err) : status;
    }
    status = lc_out_finding(listing->run, finding, err);
    lc_out_bytes(listing->run->out, "\n", 1);
    return status == LC_OK ? lc_out_flush(listing->run->out, err) : status;
}

static enum lc_status find_rules(struct listing *listing, struct lc_error *err)
{
    const struct lc_query *query = listing->run->query;

    listing->rules = calloc(query->rule_count + 1, sizeof(const struct lc_rule_info *));
    if (!listing->rules)
        return lc_fail_memory(err);
    for (size_t i = 0; i < query->rule_count; i++) {
        listing->rules[i] = lc_rule_find(query->rules[i]);
        if (!listing->rules[i])
            return lc_fail(err, LC_ERR_USAGE, 0, "unknown rule");
    }
    return LC_OK;
}

/* "12 of 345 findings" */
static void put_total(const struct listing *listing)
{
    const struct lc_summary *summary = lc_index_summary(listing->run->index);
    struct lc_out *out = listing->run->out;
    char count[LC_COUNT_SIZE];

    lc_out_text(out, listing->listed ? "\n" : "");
    lc_out_text(out, lc_format_count(listing->listed, count));
    lc_out_text(out, " of ");
    lc_out_text(out, lc_format_count(summary->findings[0] + summary->findings[1] +
                                         summary->findings[2],
                                     count));
    lc_out_text(out, " findings\n");
}

enum lc_status lc_query_run_findings(struct lc_query_run *run, struct lc_error *err)
{
    bool text = !lc_sheet_has(run->format);
    struct listing listing = {
        .run = run,
        .sheet =
            {&run->json, run->format, lc_finding_fields, lc_finding_field_count, {0}},
    };
    enum lc_status status = find_rules(&listing, err);

    if (status == LC_OK) {
        if (!text)
            lc_sheet_begin(&listing.sheet);
        status = lc_index_each_finding(run->index, list_finding, &listing, err);
    }
    if (status == LC_OK && text)
        put_total(&listing);
    status = lc_sheet_end(&listing.sheet, status);
    free(listing.rules);
    return status;
}
