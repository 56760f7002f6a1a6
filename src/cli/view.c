/* Selection and baseline: how the findings are viewed. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static bool is_of_command_line(const struct lc_settings *settings, enum lc_option_id id)
{
    return settings->given[id].origin == LC_ORIGIN_COMMAND;
}

const char *lc_printed_format(const struct lc_settings *settings)
{
    const struct lc_given *given = settings->given;

    if (settings->statistics &&
        given[LC_OPTION_STATISTICS].origin >= given[LC_OPTION_FORMAT].origin)
        return "counts";
    return settings->format ? settings->format : "text";
}

/* Before a run, check whether the baseline can be written. */
static bool check_target(const char *path, const struct lc_settings *settings)
{
    struct lc_target target = {.path = path, .kind = LC_TARGET_BASELINE};

    return lc_target_check(&target, settings);
}

bool lc_view_check(const struct lc_settings *settings)
{
    const char *path = settings->baseline;
    struct lc_error error = {0};

    if (settings->statistics && settings->format &&
        settings->given[LC_OPTION_STATISTICS].origin ==
            settings->given[LC_OPTION_FORMAT].origin) {
        lc_complain("--statistics and --format cannot be combined");
        return false;
    }
    if (settings->write_baseline && is_of_command_line(settings, LC_OPTION_BASELINE)) {
        lc_complain("--write-baseline and --baseline cannot be combined");
        return false;
    }
    if (settings->prune_baseline && (!path || settings->write_baseline)) {
        lc_complain(
            path ? "--prune-baseline is not needed: --write-baseline already prunes"
                 : "--prune-baseline requires --baseline");
        return false;
    }
    if (settings->write_baseline)
        return check_target(settings->write_baseline, settings);
    if (settings->prune_baseline && !check_target(path, settings))
        return false;
    if (!path || lc_baseline_check(path, &error) == LC_OK)
        return true;
    lc_complain_about(path, &error);
    return false;
}

/* Write the baseline and print a note with its counts. */
static bool write_baseline(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_selection *selection)
{
    struct lc_baseline_options options = {
        .size = sizeof(options),
        .path = settings->write_baseline ? settings->write_baseline : settings->baseline,
        .lowest = settings->show < settings->fail_on ? settings->show : settings->fail_on,
        .add = settings->write_baseline != NULL,
    };
    struct lc_target target = {.path = options.path, .kind = LC_TARGET_BASELINE};
    struct lc_baseline_counts counts;
    struct lc_error error = {0};
    char note[4096 + 128];
    bool good;

    if (!lc_target_check(&target, settings) || !lc_target_open(&target))
        return false;
    good = lc_baseline_write(index, selection, &options, target.file, &counts, &error) ==
           LC_OK;
    if (!good)
        lc_complain_about(options.path, &error);
    good = good && lc_target_finish(&target, settings);
    lc_target_drop(&target);
    if (!good)
        return false;
    selection->baseline = options.path;
    snprintf(note, sizeof(note), "%.4000s: %llu entries kept, %llu added, %llu removed",
             options.path, (unsigned long long)counts.kept,
             (unsigned long long)counts.added, (unsigned long long)counts.removed);
    if (!settings->quiet)
        lc_say("note: ", note);
    return true;
}

/* Print a note if --max-findings truncates a list; text and full reports say so
 * themselves. */
static void note_max_findings(const struct lc_view *view,
                              const struct lc_settings *settings)
{
    static const char *const others[] = {"text", "full", "counts", "stats"};
    const struct lc_view_counts *counts = lc_view_counts(view);
    const char *format = lc_printed_format(settings);
    bool listed = true;
    uint64_t all = 0;
    char note[128];

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        listed &= strcmp(format, others[i]) != 0;
    for (int s = (int)settings->show; s <= LC_SEVERITY_ERROR; s++)
        all += counts->findings[s];
    if (!settings->max_findings || all <= settings->max_findings || settings->quiet ||
        (!listed && !settings->report_count))
        return;
    snprintf(note, sizeof(note), "--max-findings: %llu of %llu findings are listed",
             (unsigned long long)settings->max_findings, (unsigned long long)all);
    lc_say("note: ", note);
}

struct lc_view *lc_view_open(const struct lc_index *index,
                             const struct lc_settings *settings)
{
    struct lc_selection selection = lc_settings_selection(settings);
    struct lc_view *view = NULL;
    struct lc_error error = {0};

    if ((settings->write_baseline || settings->prune_baseline) &&
        !write_baseline(index, settings, &selection))
        return NULL;
    if (lc_view_new(index, &selection, &view, &error) == LC_OK) {
        note_max_findings(view, settings);
        return view;
    }
    if (error.subject == LC_SUBJECT_BASELINE)
        lc_complain_about(selection.baseline, &error);
    else
        lc_complain_about(settings->words[0], &error);
    return NULL;
}
