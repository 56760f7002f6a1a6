#include "report/model/adjusted.h"

#include <string.h>

/* The phrase for each adjustment, and its cause if the caller has no name for it. */
static const struct {
    const char *how;
    const char *phrase;
    const char *by;
} names[LC_ADJUSTED_MOST] = {
    [LC_ADJUSTED_IGNORE] = {"ignored", "ignored by", "--ignore"},
    [LC_ADJUSTED_SELECT] = {"not-selected", "left out by", "--select"},
    [LC_ADJUSTED_OFF] = {"off", "turned off by", "--severity"},
    [LC_ADJUSTED_FOLDERS] = {"ignored-in-folders", "ignored in folders by",
                             "per-folder-ignores"},
    [LC_ADJUSTED_BASELINE] = {"known", "known in", "the baseline"},
    [LC_ADJUSTED_LEVEL] = {"lowered", "lowered by", "--severity"},
    [LC_ADJUSTMENT_COUNT] = {"passed", "let pass by", "--exit-zero"},
};

/* Copy a name, replacing characters that a format or terminal could interpret. */
static void set_name(struct lc_adjusted *adjusted, const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._";
    size_t size = strlen(name);

    if (size >= sizeof(adjusted->by))
        size = sizeof(adjusted->by) - 1;
    for (size_t i = 0; i < size; i++)
        adjusted->by[i] = '_';
    for (size_t i = 0; i < size; i++)
        if (strchr(plain, name[i]))
            adjusted->by[i] = name[i];
    adjusted->by[size] = '\0';
}

/* Count the findings that would fail the run without --exit-zero. */
static void count_passed(const struct lc_report *report, uint64_t out[3])
{
    const struct lc_report_options *options = report->options;
    const uint64_t *findings = lc_report_findings(report);

    for (int s = (int)options->fail_on; s <= LC_SEVERITY_ERROR; s++)
        if (options->failed && options->passed_by)
            out[s] = findings[s];
}

size_t lc_adjusted_list(const struct lc_report *report,
                        struct lc_adjusted out[LC_ADJUSTED_MOST])
{
    const struct lc_report_options *options = report->options;
    const struct lc_view_counts *counts = lc_view_counts(report->view);
    size_t count = 0;

    for (size_t i = 0; i < LC_ADJUSTED_MOST; i++) {
        struct lc_adjusted *adjusted = &out[count];
        bool selection = i < LC_ADJUSTMENT_COUNT;
        const char *by = selection ? options->adjusted_by[i] : options->passed_by;

        *adjusted = (struct lc_adjusted){.how = names[i].how, .phrase = names[i].phrase};
        if (selection)
            memcpy(adjusted->counts, counts->adjusted[i], sizeof(adjusted->counts));
        else
            count_passed(report, adjusted->counts);
        if (by)
            set_name(adjusted, by);
        else
            snprintf(adjusted->by, sizeof(adjusted->by), "%s", names[i].by);
        count += adjusted->counts[0] || adjusted->counts[1] || adjusted->counts[2];
    }
    return count;
}

bool lc_adjusted_any(const struct lc_report *report, enum lc_severity lowest)
{
    struct lc_adjusted list[LC_ADJUSTED_MOST];
    size_t count = lc_adjusted_list(report, list);

    for (size_t i = 0; i < count; i++)
        for (int s = (int)lowest; s <= LC_SEVERITY_ERROR; s++)
            if (list[i].counts[s])
                return true;
    return false;
}

bool lc_adjusted_needs_verdict(const struct lc_report *report)
{
    const struct lc_report_options *options = report->options;
    const uint64_t *findings = lc_report_findings(report);
    uint64_t listed = 0;
    bool unlisted = options->show > LC_SEVERITY_WARNING && findings[LC_SEVERITY_WARNING];

    for (int s = (int)options->show; s <= LC_SEVERITY_ERROR; s++)
        listed += findings[s];
    unlisted |= options->max_findings && listed > options->max_findings;
    return unlisted || lc_adjusted_any(report, LC_SEVERITY_INFO);
}

/* "1 error, 2 warnings and 3 notes" */
static enum lc_status add_counts(const uint64_t counts[3], struct lc_buffer *out,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;
    char count[LC_COUNT_SIZE];
    int left = 0, added = 0;

    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        left += counts[s] > 0;
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO && status == LC_OK; s--) {
        if (!counts[s])
            continue;
        status = lc_buffer_printf(
            out, err, "%s%s %s%s",
            !added++    ? ""
            : left == 1 ? " and "
                        : ", ",
            lc_format_count(counts[s], count),
            s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
            counts[s] == 1 ? "" : "s");
        left--;
    }
    return status;
}

enum lc_status lc_adjusted_sentence(const struct lc_report *report, struct lc_buffer *out,
                                    struct lc_error *err)
{
    struct lc_adjusted list[LC_ADJUSTED_MOST];
    size_t count = lc_adjusted_list(report, list);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < count && status == LC_OK; i++) {
        status = lc_buffer_printf(out, err, "%s", i ? ", " : "");
        if (status == LC_OK)
            status = add_counts(list[i].counts, out, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, " %s %s", list[i].phrase, list[i].by);
    }
    return status;
}

void lc_adjusted_json(const struct lc_report *report, struct lc_jw *json)
{
    struct lc_adjusted list[LC_ADJUSTED_MOST];
    size_t count = lc_adjusted_list(report, list);

    lc_jw_array(json, LC_JW_COMPACT);
    for (size_t i = 0; i < count; i++) {
        lc_jw_object(json, LC_JW_COMPACT);
        lc_jw_key_name(json, "how", list[i].how);
        lc_jw_key_name(json, "by", list[i].by);
        for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
            lc_jw_key_number(json, lc_severity_name((enum lc_severity)s),
                             list[i].counts[s]);
        lc_jw_end(json);
    }
    lc_jw_end(json);
}
