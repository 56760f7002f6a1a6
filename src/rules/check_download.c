/* Rules about files that have records of their download */
#include "rules/rules.h"

#include "base/checksum.h"
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define QUOTE 200

/* "2026-03-01 09:30:00 UTC" */
static const char *format_time(int64_t ns, char *out, size_t size)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;

    if (!gmtime_r(&seconds, &utc) || !strftime(out, size, "%Y-%m-%d %H:%M:%S UTC", &utc))
        return "an unknown time";
    return out;
}

/* Add a finding. In a check, which compares no bytes, it is at most a warning. NULL if
 * memory is exhausted. */
static struct lc_finding *add_finding(struct lc_findings *out, const struct lc_rule *rule,
                                      const struct lc_download_facts *download,
                                      const char *text)
{
    char quote[QUOTE];
    struct lc_finding *finding = lc_emit(
        out, rule, "%s: %s", lc_text_quote(download->path, quote, sizeof(quote)), text);

    if (finding && download->is_glance && finding->severity == LC_SEVERITY_ERROR)
        finding->severity = LC_SEVERITY_WARNING;
    return finding;
}

void lc_check_HUB901(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_download_facts *download = facts->download;
    char is[17], was[17], when[64], later[96] = "", quote[QUOTE];

    lc_text_quote(download->path, quote, sizeof(quote));
    if (download->fault == LC_DOWNLOAD_SIZE) {
        lc_emit(out, rule, "%s: %llu bytes, recorded %llu", quote,
                (unsigned long long)download->size,
                (unsigned long long)download->recorded_size);
        return;
    }
    if (download->fault != LC_DOWNLOAD_DIFFERS)
        return;
    lc_checksum_hex(download->is, 6, is);
    lc_checksum_hex(download->was, 6, was);
    if (download->recorded_ns != LC_CLOCK_EARLIEST &&
        download->modified_ns > download->recorded_ns)
        snprintf(later, sizeof(later), "; modified %s, after it was recorded",
                 format_time(download->modified_ns, when, sizeof(when)));
    lc_emit(out, rule, "%s: its %s is %s…, recorded %s…%s", quote, download->algorithm,
            is, was, later);
}

void lc_check_HUB902(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_download_facts *download = facts->download;
    struct lc_finding *finding;
    char quote[QUOTE];

    if (download->fault == LC_DOWNLOAD_MISSING)
        add_finding(out, rule, download, "no such file");
    if (download->fault != LC_DOWNLOAD_ABSENT)
        return;
    finding =
        lc_emit(out, rule,
                "records of the download: %llu file%s of the commit not downloaded, "
                "such as %s",
                (unsigned long long)download->count, download->count == 1 ? "" : "s",
                lc_text_quote(download->path, quote, sizeof(quote)));
    if (finding)
        finding->severity = LC_SEVERITY_INFO;
}

void lc_check_HUB903(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->download->fault == LC_DOWNLOAD_UNFINISHED)
        add_finding(out, rule, facts->download, facts->download->detail);
}

void lc_check_HUB904(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_download_facts *download = facts->download;
    char quote[QUOTE], when[64];

    if (download->fault == LC_DOWNLOAD_OUTDATED)
        lc_emit(out, rule,
                "records of the download: %llu file%s modified since, such as %s at %s",
                (unsigned long long)download->count, download->count == 1 ? "" : "s",
                lc_text_quote(download->path, quote, sizeof(quote)),
                format_time(download->modified_ns, when, sizeof(when)));
}

void lc_check_HUB905(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_download_facts *download = facts->download;
    char quote[QUOTE];

    if (download->fault == LC_DOWNLOAD_UNRECORDED)
        lc_emit(out, rule, "records of the download: none of %llu file%s, such as %s",
                (unsigned long long)download->count, download->count == 1 ? "" : "s",
                lc_text_quote(download->path, quote, sizeof(quote)));
}

void lc_check_HUB906(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_download_facts *download = facts->download;
    bool is_unread = download->fault == LC_DOWNLOAD_UNREAD;
    struct lc_finding *finding = NULL;

    if (is_unread || download->fault == LC_DOWNLOAD_UNUSABLE)
        finding = add_finding(out, rule, download, download->detail);
    if (finding && is_unread) /* a verification must not pass without this file */
        finding->severity = LC_SEVERITY_ERROR;
}
