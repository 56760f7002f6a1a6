#include "cli/all.h"
#include "cli/listener.h"
#include "cli/metrics.h"
#include "cli/watch.h"
#include "cli/options.h"
#include "llava_check/merge.h"
#include "llava_check/thumbnails.h"
#include "llava_check/verify.h"

#include <stdio.h>
#include <string.h>

/* Work out what trainers do because of the findings, and whether that affects the exit
 * code. Returns false after an error. */
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

/* Write the report files before printing: when the last line is printed, all files
 * exist. */
static enum lc_exit report(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files,
                           const struct lc_listener *listener)
{
    struct lc_metrics *metrics = listener ? listener->metrics : NULL;
    struct lc_results results = {.index = index, .view = lc_view_open(index, settings)};
    enum lc_exit code = LC_EXIT_ERROR;
    bool good;

    if (results.view && predict(settings, &results)) {
        lc_metrics_results(metrics, &results);
        good =
            lc_thumbnails_make(index, results.view, settings, files, &results.thumbnails);
        /* one report that cannot be written must not prevent the others */
        good &= lc_report_files_write(&results, settings, files);
        if (settings->all_sets)
            lc_all_head(settings->all_sets, settings);
        if (!settings->quiet)
            good &= lc_print_report(&results, settings, lc_printed_format(settings),
                                    settings->words[0]);
        if (good)
            code = lc_exit_code(&results, settings);
        if (settings->all_sets &&
            !lc_all_add(settings->all_sets, settings, listener, &results,
                        lc_results_fail(&results, settings)))
            code = LC_EXIT_ERROR;
    }
    lc_thumbnails_free(results.thumbnails);
    lc_prediction_free(results.prediction);
    lc_view_free(results.view);
    return code;
}

/* Report the outcome of a run. */
static enum lc_exit report_outcome(enum lc_status status, const struct lc_index *index,
                                   const struct lc_settings *settings,
                                   struct lc_report_file *files,
                                   const struct lc_listener *listener,
                                   const struct lc_error *error)
{
    lc_interrupt_end();
    lc_bar_end(listener->bar);
    if (status == LC_OK) {
        lc_say_caveat(index, settings);
        return report(index, settings, files, listener);
    }
    lc_complain_about(lc_subject_of(settings, error), error);
    lc_listener_list_sets(listener);
    if (settings->all_sets && status != LC_ERR_STOPPED)
        lc_all_add(settings->all_sets, settings, listener, NULL, true);
    return status == LC_ERR_STOPPED ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

/* A function that reads the data set: a check, a verification, a merge or a watch. */
typedef enum lc_status job_fn(const struct lc_settings *settings,
                              struct lc_listener *listener, struct lc_index **index,
                              struct lc_error *error);

static enum lc_status check_paths(const struct lc_settings *settings,
                                  struct lc_listener *listener, struct lc_index **index,
                                  struct lc_error *error)
{
    const struct lc_check_options options = lc_listener_options(listener, settings);

    return lc_check(&options, index, error);
}

/* Print which part cannot be merged, and why. */
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
        .against = settings->against,
    };

    return lc_verify(&options, index, error);
}

static enum lc_exit carry_out(job_fn *job, const struct lc_settings *settings);

/* Whether the reports of all data sets can be written; if not, print an error. */
static bool check_files_of_all(struct lc_all *all, const struct lc_settings *settings)
{
    struct lc_report_file files[LC_MAX_REPORTS] = {{.format = NULL}};
    struct lc_settings one;
    bool good = true;

    for (; all->count < all->total && good && all->total > 1; all->count++) {
        good = lc_all_next(all, settings, settings->words, &one) &&
               lc_report_files_check(&one, files);
        lc_report_files_drop(files, settings->report_count);
    }
    all->count = 0;
    return good;
}

/* Report PATH itself, if it is a data set. */
static enum lc_exit finish_path(const struct lc_index *index,
                                const struct lc_settings *settings, struct lc_all *all,
                                struct lc_report_file *files,
                                const struct lc_listener *listener)
{
    struct lc_report_file own[LC_MAX_REPORTS] = {{.format = NULL}};
    enum lc_exit code = LC_EXIT_ERROR;
    struct lc_error none = {0};
    struct lc_settings one;

    if (!lc_all_next(all, settings, settings->words, &one))
        return code;
    if (all->total < 2)
        return report_outcome(LC_OK, index, &one, files, listener, &none);
    if (lc_report_files_check(&one, own))
        code = report_outcome(LC_OK, index, &one, own, listener, &none);
    lc_report_files_drop(own, settings->report_count);
    return code;
}

/* Report PATH itself, if it is a data set; then check the data sets below it one after
 * another, and list all of them. The worst exit code counts. */
static enum lc_exit finish_all(enum lc_status status, const struct lc_index *index,
                               const struct lc_settings *settings,
                               struct lc_report_file *files,
                               const struct lc_listener *listener)
{
    const struct lc_list *paths = &listener->sets.paths;
    struct lc_all all = {.total = paths->count + (status == LC_OK)};
    enum lc_exit worst = LC_EXIT_CLEAN, code;

    bool good = check_files_of_all(&all, settings);

    if (good && status == LC_OK) {
        worst = finish_path(index, settings, &all, files, listener);
    } else {
        lc_interrupt_end();
        lc_bar_end(listener->bar);
    }
    for (size_t i = 0; i < paths->count && worst < LC_EXIT_SIGNAL && good; i++) {
        struct lc_settings one;

        code = lc_all_next(&all, settings, (const char *const *)&paths->items[i], &one)
                   ? carry_out(check_paths, &one)
                   : LC_EXIT_ERROR;
        worst = code > worst ? code : worst;
    }
    if (good && worst < LC_EXIT_SIGNAL)
        good = lc_all_end(&all, settings, files);
    lc_all_clear(&all);
    if (!good)
        return LC_EXIT_ERROR;
    return worst;
}

/* Whether there are several data sets to check one after another, or --all was given and
 * PATH is the only one, which is then listed like several. */
static bool is_one_of_several(enum lc_status status, const struct lc_settings *settings,
                              const struct lc_listener *listener)
{
    if (!settings->all || settings->is_one_of_all || listener->sets.failed)
        return false;
    return listener->sets.paths.count ? status == LC_OK || status == LC_ERR_USAGE
                                      : status == LC_OK;
}

/* Read the data set, showing progress, until done or a signal arrives; then report. */
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
    code = is_one_of_several(status, settings, &listener)
               ? finish_all(status, index, settings, files, &listener)
               : report_outcome(status, index, settings, files, &listener, &error);
    if (!lc_metrics_end(listener.metrics, code) && code < LC_EXIT_SIGNAL)
        code = LC_EXIT_ERROR;
    lc_report_files_drop(files, settings->report_count);
    lc_listener_clear(&listener);
    lc_index_close(index);
    return code;
}

enum lc_exit lc_cmd_check(const struct lc_settings *settings)
{
    if (settings->part && (!settings->index || settings->no_index || settings->all))
        return lc_complain("--part requires --index DIR, for the results of the part%s",
                           settings->all ? ", and not --all" : "");
    return lc_all_is_misused(settings) ? LC_EXIT_ERROR : carry_out(check_paths, settings);
}

/* Whether --download, --manifest or --against is combined with another of them, or with
 * an option that is about an index; if so, print an error. */
static bool records_are_misused(const struct lc_settings *settings)
{
    static const enum lc_option_id others[] = {LC_OPTION_INDEX, LC_OPTION_IMAGES,
                                               LC_OPTION_ALLOW_OUTSIDE};
    const char *option = settings->download   ? "--download"
                         : settings->manifest ? "--manifest"
                                              : "--against";
    int count =
        settings->download + (settings->manifest != NULL) + (settings->against != NULL);
    const char *other = NULL;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (settings->given[others[i]].origin == LC_ORIGIN_COMMAND)
            other = lc_option_at(others[i])->name;
    if (!count)
        return false;
    if (count > 1)
        lc_complain("%s cannot be used with --%s: verify one after the other", option,
                    settings->against ? "against" : "manifest");
    else if (other)
        lc_complain("%s cannot be used with --%s, which is about an index", option,
                    other);
    return other || count > 1;
}

enum lc_exit lc_cmd_merge(const struct lc_settings *settings)
{
    struct lc_settings own = *settings;

    if (!settings->index)
        return lc_complain("merge requires --index DIR, for the merged results");
    own.parts = settings->words;
    own.parts_count = settings->word_count;
    own.words = &own.index; /* the path that reports name and suggested commands use */
    own.word_count = 1;
    return carry_out(merge, &own);
}

/* A signal ends the watch; the results are still reported. */
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
