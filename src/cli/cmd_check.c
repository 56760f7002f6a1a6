#include "cli/listener.h"
#include "cli/metrics.h"
#include "cli/watch.h"
#include "cli/options.h"
#include "llava_check/merge.h"
#include "llava_check/thumbnails.h"
#include "llava_check/verify.h"

#include <stdio.h>
#include <string.h>

/* Work out what trainers do with the findings, and whether that decides about the exit
 * code; false after an error. */
static bool predict(const struct lc_settings *settings, struct lc_results *results)
{
    bool is_shown = settings->report_count || !settings->quiet;
    struct lc_error error = {0};
    enum lc_status status;

    if (!is_shown && !settings->trainer && !settings->fail_on_unknown)
        return true;
    status = lc_prediction_new(results->index, settings->trainer, settings->all_trainers,
                               &results->prediction, &error);
    if (status == LC_OK && settings->trainer)
        status = lc_prediction_stops(results->prediction, results->view,
                                     &results->is_trainer_stopped, &error);
    if (status != LC_OK)
        return lc_complain_about(settings->words[0], &error) == LC_EXIT_CLEAN;
    results->is_effect_unknown =
        settings->fail_on_unknown && lc_prediction_is_unsure(results->prediction);
    return true;
}

/* Write the report files, then print: what is asked for as a file is there when the last
 * line is read. */
static enum lc_exit report(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files, struct lc_metrics *metrics)
{
    struct lc_results results = {.index = index, .view = lc_view_open(index, settings)};
    enum lc_exit code = LC_EXIT_ERROR;
    bool good;

    if (results.view && predict(settings, &results)) {
        lc_metrics_results(metrics, &results);
        good =
            lc_thumbnails_make(index, results.view, settings, files, &results.thumbnails);
        /* a report that cannot be written does not hide the others */
        good &= lc_report_files_write(&results, settings, files);
        if (!settings->quiet)
            good &= lc_print_report(&results, settings, lc_printed_format(settings),
                                    settings->words[0]);
        if (good)
            code = lc_exit_code(&results, settings);
    }
    lc_thumbnails_free(results.thumbnails);
    lc_prediction_free(results.prediction);
    lc_view_free(results.view);
    return code;
}

/* Report the outcome of a run. */
static enum lc_exit finish(enum lc_status status, const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files,
                           const struct lc_listener *listener,
                           const struct lc_error *error)
{
    lc_interrupt_end();
    lc_bar_end(listener->bar);
    if (status == LC_OK) {
        lc_say_caveat(index, settings);
        return report(index, settings, files, listener->metrics);
    }
    lc_complain_about(lc_subject_of(settings, error), error);
    lc_listener_list_sets(listener);
    return status == LC_ERR_STOPPED ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

/* What reads the data set: a check or a verification. */
typedef enum lc_status job_fn(const struct lc_settings *settings,
                              struct lc_listener *listener, struct lc_index **index,
                              struct lc_error *error);

static enum lc_status check(const struct lc_settings *settings,
                            struct lc_listener *listener, struct lc_index **index,
                            struct lc_error *error)
{
    const struct lc_check_options options = lc_listener_options(listener, settings);

    return lc_check(&options, index, error);
}

/* Name a part that cannot be merged. */
static void on_problem(void *user, size_t part, const char *line)
{
    const struct lc_listener *listener = user;

    lc_bar_wipe();
    lc_complain("%s: %s", listener->parts[part], line);
}

static enum lc_status merge(const struct lc_settings *settings,
                            struct lc_listener *listener, struct lc_index **index,
                            struct lc_error *error)
{
    const struct lc_merge_options options = {
        .size = sizeof(options),
        .parts = settings->parts,
        .part_count = settings->parts_count,
        .index = settings->index,
        .allow_missing = settings->allow_missing,
        .threads = settings->threads,
        .user = listener,
        .on_progress = lc_listener_progress,
        .on_notice = lc_listener_notice,
        .on_problem = on_problem,
        .is_stopped = lc_interrupt_came,
    };

    return lc_merge(&options, index, error);
}

static enum lc_status verify(const struct lc_settings *settings,
                             struct lc_listener *listener, struct lc_index **index,
                             struct lc_error *error)
{
    const struct lc_verify_options options = {
        .size = sizeof(options),
        .paths = settings->words,
        .path_count = settings->word_count,
        .images = settings->images,
        .index = settings->index,
        .allow_outside = settings->allow_outside,
        .threads = settings->threads,
        .user = listener,
        .on_progress = lc_listener_progress,
        .on_choice = lc_listener_choice,
        .is_stopped = lc_interrupt_came,
        .io_depth = settings->io_depth,
        .download = settings->download,
        .manifest = settings->manifest,
    };

    return lc_verify(&options, index, error);
}

static enum lc_exit carry_out(job_fn *job, const struct lc_settings *settings);

/* Check data sets one after another, after PATH itself if it is one. The worst exit code
 * counts, that of PATH too. */
static enum lc_exit check_each(const struct lc_found_sets *sets,
                               const struct lc_settings *settings, bool after_path,
                               enum lc_exit before)
{
    enum lc_exit worst = before;

    for (size_t i = 0; i < sets->paths.count && worst < LC_EXIT_SIGNAL; i++) {
        struct lc_settings one = *settings;
        enum lc_exit code;

        one.words = &sets->paths.items[i];
        one.word_count = 1;
        one.is_one_of_all = true;
        if ((i || after_path) && !settings->quiet && !settings->format &&
            !settings->statistics)
            putchar('\n');
        code = carry_out(check, &one);
        worst = code > worst ? code : worst;
    }
    return worst;
}

/* Read the data set, with a bar and until a signal comes, and report. */
static enum lc_exit carry_out(job_fn *job, const struct lc_settings *settings)
{
    struct lc_report_file files[LC_MAX_REPORTS] = {{.format = NULL}};
    struct lc_listener listener = {
        .quiet = settings->quiet, .verbose = settings->verbose, .parts = settings->parts};
    struct lc_index *index = NULL;
    struct lc_error error = {0};
    enum lc_status status;
    enum lc_exit code;

    if (!lc_report_files_check(settings, files) || !lc_view_check(settings) ||
        !lc_metrics_new(settings, &listener.metrics))
        return LC_EXIT_ERROR;
    listener.bar = lc_bar_new(settings);
    lc_interrupt_begin();
    status = job(settings, &listener, &index, &error);
    if (!settings->all || listener.sets.failed || !listener.sets.paths.count) {
        code = finish(status, index, settings, files, &listener, &error);
    } else if (status == LC_ERR_USAGE) { /* there are several, and none was checked */
        lc_interrupt_end();
        lc_bar_end(listener.bar);
        code = check_each(&listener.sets, settings, false, LC_EXIT_CLEAN);
    } else {
        code = finish(status, index, settings, files, &listener, &error);
        if (status == LC_OK)
            code = check_each(&listener.sets, settings, true, code);
    }
    if (!lc_metrics_end(listener.metrics, code) && code < LC_EXIT_SIGNAL)
        code = LC_EXIT_ERROR;
    lc_report_files_drop(files, settings->report_count);
    lc_listener_clear(&listener);
    lc_index_close(index);
    return code;
}

/* Whether --all is used with what one run has only one of; says so. */
static bool all_is_misused(const struct lc_settings *settings)
{
    const char *other = settings->report_count     ? "--report"
                        : settings->index          ? "--index"
                        : settings->metrics        ? "--metrics"
                        : settings->write_baseline ? "--write-baseline"
                        : settings->prune_baseline ? "--prune-baseline"
                                                   : NULL;

    if (!settings->all || (!other && settings->word_count == 1))
        return false;
    if (other)
        lc_complain("--all cannot be used with %s: each data set has its own", other);
    else
        lc_complain("--all requires one PATH");
    return true;
}

enum lc_exit lc_cmd_check(const struct lc_settings *settings)
{
    if (settings->part && (!settings->index || settings->no_index || settings->all))
        return lc_complain("--part requires --index DIR, for the results of the part%s",
                           settings->all ? ", and not --all" : "");
    return all_is_misused(settings) ? LC_EXIT_ERROR : carry_out(check, settings);
}

/* Whether records are compared with options that are about an index; says so. */
static bool records_are_misused(const struct lc_settings *settings)
{
    static const enum lc_option_id others[] = {LC_OPTION_INDEX, LC_OPTION_IMAGES,
                                               LC_OPTION_ALLOW_OUTSIDE};
    const char *option = settings->download ? "--download" : "--manifest";
    const char *other = NULL;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (settings->given[others[i]].origin == LC_ORIGIN_COMMAND)
            other = lc_option_at(others[i])->name;
    if (!settings->download && !settings->manifest)
        return false;
    if (settings->download && settings->manifest)
        lc_complain(
            "--download cannot be used with --manifest: verify one after the other");
    else if (other)
        lc_complain("%s cannot be used with --%s, which is about an index", option,
                    other);
    return other || (settings->download && settings->manifest);
}

enum lc_exit lc_cmd_merge(const struct lc_settings *settings)
{
    struct lc_settings own = *settings;

    if (!settings->index)
        return lc_complain("merge requires --index DIR, for the merged results");
    own.parts = settings->words;
    own.parts_count = settings->word_count;
    own.words = &own.index; /* what reports name, and where the next command looks */
    own.word_count = 1;
    return carry_out(merge, &own);
}

/* A signal ends the watch, not its report. */
enum lc_exit lc_cmd_watch(const struct lc_settings *settings)
{
    enum lc_exit code = carry_out(lc_watch, settings);

    return lc_interrupt_came(NULL) && code < LC_EXIT_SIGNAL ? lc_interrupt_exit() : code;
}

enum lc_exit lc_cmd_verify(const struct lc_settings *settings)
{
    if (records_are_misused(settings))
        return LC_EXIT_ERROR;
    return carry_out(verify, settings);
}

enum lc_exit lc_cmd_report(const struct lc_settings *settings)
{
    struct lc_report_file files[LC_MAX_REPORTS] = {{.format = NULL}};
    struct lc_index *index = NULL;
    struct lc_error error = {0};
    enum lc_exit code;

    if (!lc_report_files_check(settings, files) || !lc_view_check(settings))
        return LC_EXIT_ERROR;
    if (lc_index_open(settings->words, settings->word_count, &index, &error) == LC_OK) {
        lc_say_caveat(index, settings);
        code = report(index, settings, files, NULL);
    } else {
        code = lc_complain_about(settings->words[0], &error);
    }
    lc_report_files_drop(files, settings->report_count);
    lc_index_close(index);
    return code;
}
