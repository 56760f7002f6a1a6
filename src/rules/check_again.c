/* Rules about indexed files that are read again */
#include "rules/rules.h"

#include "base/clock.h"

#include <string.h>
#include <time.h>

#define SHORT_HASH 12

/* Whether the file could be read and its bytes differ from the indexed ones. */
static bool differs(const struct lc_again_facts *again)
{
    return again->result == LC_READ_OK && lc_hash_compare(&again->is, &again->was) != 0;
}

static bool has_same_times(const struct lc_again_facts *again)
{
    return again->now.size == again->then.size &&
           again->now.mtime_ns == again->then.mtime_ns;
}

/* "2026-03-01 09:30:00 UTC" */
static const char *format_time(int64_t ns, char *out, size_t size)
{
    time_t seconds = (time_t)(ns / 1000000000);
    const char *format = ns == LC_CLOCK_LATEST     ? "%Y or later"
                         : ns == LC_CLOCK_EARLIEST ? "%Y or earlier"
                                                   : "%Y-%m-%d %H:%M:%S UTC";
    struct tm utc;

    if (!gmtime_r(&seconds, &utc) || !strftime(out, size, format, &utc))
        return "an unknown time";
    return out;
}

/* How the bytes may have changed, judging by inode and change time. */
static const char *explain_change(const struct lc_again_facts *again)
{
    if (again->now.inode != again->then.inode || again->now.device != again->then.device)
        return "it is a different file (inode) with the same time, such as a copy";
    if (again->now.ctime_ns != again->then.ctime_ns)
        return "its inode has changed since: it may have been written and its time "
               "restored";
    return "its inode has not changed since: no program wrote it";
}

void lc_check_IDX701(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_again_facts *again = facts->again;
    char was[33], is[33];

    if (!differs(again) || !has_same_times(again))
        return;
    lc_hash_hex(&again->was, was);
    lc_hash_hex(&again->is, is);
    lc_emit(out, rule, "the hash of the bytes is %.*s…, not %.*s…; %s", SHORT_HASH, is,
            SHORT_HASH, was, explain_change(again));
}

void lc_check_IDX702(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_again_facts *again = facts->again;
    const struct lc_file_facts *then = &again->then, *now = &again->now;
    char is[64], was[64];

    if (again->result == LC_READ_CHANGED)
        lc_emit(out, rule, "it changed while it was being read");
    else if ((differs(again) || again->result == LC_READ_TOO_LARGE) &&
             now->size != then->size)
        lc_emit(out, rule, "%llu bytes, before %llu", (unsigned long long)now->size,
                (unsigned long long)then->size);
    else if (differs(again) && !has_same_times(again))
        lc_emit(out, rule, "same size, different bytes; modified %s, before %s",
                format_time(now->mtime_ns, is, sizeof(is)),
                format_time(then->mtime_ns, was, sizeof(was)));
}

void lc_check_IDX703(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_again_facts *again = facts->again;
    char seen[64];

    if (!again->rows && again->result == LC_READ_MISSING)
        lc_emit(out, rule, "no such file; last seen by the check of %s",
                format_time(again->last_seen_ns, seen, sizeof(seen)));
}

void lc_check_IDX704(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const char *const reasons[] = {
        [LC_READ_MISSING] = "no such file",
        [LC_READ_NOT_REGULAR] = "not a regular file",
        [LC_READ_NOT_ALLOWED] = "permission denied",
    };
    const struct lc_again_facts *again = facts->again;
    char seen[64], text[128];
    const char *reason = NULL;

    if (!again->rows)
        return;
    if (again->result == LC_READ_FAILED)
        reason = strerror_r(again->os_errno, text, sizeof(text));
    else if (again->result == LC_READ_MISSING || again->result == LC_READ_NOT_REGULAR ||
             again->result == LC_READ_NOT_ALLOWED)
        reason = reasons[again->result];
    if (reason)
        lc_emit(out, rule, "%s; last seen by the check of %s", reason,
                format_time(again->last_seen_ns, seen, sizeof(seen)));
}
