/* Checks of archives: their damage and their contents */
#include "base/printable.h"
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

/* Quote the name of the archive: "'a.tar.gz'". */
static const char *quote_name(const struct lc_archive_facts *archive, char out[240])
{
    return lc_text_quote(archive->name, out, 240);
}

/* The groups of faults of an archive that are reported together. */
enum group { TRUNCATED, DAMAGED, CHECKSUM, NO_END, AMBIGUOUS };

static enum group group_of(struct lc_span fault)
{
    static const struct {
        const char *fault;
        enum group group;
    } groups[] = {
        {"truncated", TRUNCATED},      {"bad checksum", CHECKSUM},
        {"bad length", CHECKSUM},      {"no end", NO_END},
        {"half an end", NO_END},       {"continues", AMBIGUOUS},
        {"trailing bytes", AMBIGUOUS}, {"ambiguous", AMBIGUOUS},
    };

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (lc_span_is(fault, groups[i].fault))
            return groups[i].group;
    return DAMAGED;
}

/* The case of a fault, by what readers that stream the archive do with it. */
static enum lc_case_index case_of(const struct lc_archive_facts *archive)
{
    struct lc_span fault = archive->fault, detail = archive->detail;

    switch (group_of(fault)) {
    case TRUNCATED:
        if (memmem(detail.text, detail.size, "trailer", 7))
            return LC_CASE_ARC801_TRAILER;
        return memmem(detail.text, detail.size, "header", 6) &&
                       !memmem(detail.text, detail.size, "gzip", 4)
                   ? LC_CASE_ARC801_HEADER
                   : LC_CASE_ARC801_ANY;
    case DAMAGED:
        if (lc_span_is(fault, "unsupported"))
            return LC_CASE_ARC802_FORM;
        return lc_span_is(fault, "bad header") &&
                       !memmem(detail.text, detail.size, "extension", 9)
                   ? LC_CASE_ARC802_HEADER
                   : LC_CASE_ARC802_ANY;
    case NO_END:
        return lc_span_is(fault, "half an end") ? LC_CASE_ARC804_HALF
                                                : LC_CASE_ARC804_ANY;
    case AMBIGUOUS:
        return lc_span_is(fault, "continues")        ? LC_CASE_ARC805_CONTINUES
               : lc_span_is(fault, "trailing bytes") ? LC_CASE_ARC805_TRAILING
                                                     : LC_CASE_ARC805_ANY;
    case CHECKSUM:
        break;
    }
    return LC_CASE_ARC803_ANY;
}

/* Report a fault of a group. */
static void report_fault(const struct lc_rule *rule, const struct lc_facts *facts,
                         enum group group, struct lc_findings *out)
{
    const struct lc_archive_facts *archive = facts->archive;
    struct lc_finding *finding;
    char name[240], detail[200], times[40] = "";

    if (!archive || archive->about != LC_ARCHIVE_ABOUT_FAULT ||
        group_of(archive->fault) != group)
        return;
    if (archive->count > 1)
        snprintf(times, sizeof(times), " (%llu times)",
                 (unsigned long long)archive->count);
    finding =
        lc_emit(out, rule, "%s: after %llu member%s, %.*s%s", quote_name(archive, name),
                (unsigned long long)archive->members, archive->members == 1 ? "" : "s",
                (int)(archive->detail.size < sizeof(detail) ? archive->detail.size
                                                            : sizeof(detail)),
                archive->detail.text, times);
    lc_finding_case(finding, case_of(archive));
}

void lc_check_ARC801(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    report_fault(rule, facts, TRUNCATED, out);
}

void lc_check_ARC802(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    report_fault(rule, facts, DAMAGED, out);
}

void lc_check_ARC803(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    report_fault(rule, facts, CHECKSUM, out);
}

void lc_check_ARC804(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    report_fault(rule, facts, NO_END, out);
}

void lc_check_ARC805(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    report_fault(rule, facts, AMBIGUOUS, out);
}

void lc_check_ARC806(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_archive_facts *archive = facts->archive;
    char name[240];

    if (!archive || archive->about != LC_ARCHIVE_ABOUT_UNSAFE)
        return;
    lc_emit(out, rule, "%s: %llu member%s, such as %.*s", quote_name(archive, name),
            (unsigned long long)archive->count, archive->count == 1 ? "" : "s",
            (int)archive->detail.size, archive->detail.text);
}

void lc_check_ARC807(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_archive_facts *archive = facts->archive;
    struct lc_finding *finding;
    char name[240], quote[240], other[256] = "is in it again", example[240];
    char differ[60] = "";

    if (!archive || archive->about != LC_ARCHIVE_ABOUT_REPEATED)
        return;
    if (archive->differ)
        snprintf(differ, sizeof(differ), ", %llu of them with other bytes",
                 (unsigned long long)archive->differ);
    if (!archive->is_same)
        snprintf(other, sizeof(other), "%s has too",
                 lc_text_quote(archive->other, quote, sizeof(quote)));
    finding =
        lc_emit(out, rule, "%s: %llu image%s, such as %s, which %s%s",
                quote_name(archive, name), (unsigned long long)archive->count,
                archive->count == 1 ? " is repeated" : "s are repeated",
                lc_text_quote(archive->example, example, sizeof(example)), other, differ);
    if (finding && !archive->differ)
        finding->severity = LC_SEVERITY_INFO;
}

void lc_check_ARC808(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_archive_facts *archive = facts->archive;
    struct lc_finding *finding;
    char name[240], example[240], more[60] = "";

    if (!archive || archive->about != LC_ARCHIVE_ABOUT_MISSING)
        return;
    if (archive->count > 1)
        snprintf(more, sizeof(more), " and %llu more",
                 (unsigned long long)(archive->count - 1));
    finding = lc_emit(
        out, rule,
        "%s%s is missing in the series of %s; %llu image%s of %llu row%s %s in no "
        "archive",
        quote_name(archive, name), more,
        lc_text_quote(archive->example, example, sizeof(example)),
        (unsigned long long)archive->images, archive->images == 1 ? "" : "s",
        (unsigned long long)archive->rows, archive->rows == 1 ? "" : "s",
        archive->images == 1 ? "is" : "are");
    if (finding && !archive->images)
        finding->severity = LC_SEVERITY_WARNING;
}

void lc_check_ARC809(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_archive_facts *archive = facts->archive;
    char name[240];

    if (!archive || archive->about != LC_ARCHIVE_ABOUT_UNUSED)
        return;
    lc_emit(out, rule, "%s: none of its %llu members", quote_name(archive, name),
            (unsigned long long)archive->members);
}
