#include "base/shell.h"
#include "cli/options.h"
#include "llava_check/thumbnails.h"
#include "llava_check/verify.h"

#include <stdio.h>
#include <string.h>

#define LISTED_SETS 20 /* of hundreds of data sets the first are enough */

/* Several data sets below the path that was to be checked. */
struct found_sets {
    struct lc_list paths;
    struct lc_buffer lines; /* commands that check one; each ends with NUL */
    bool failed;
};

struct listener {
    struct lc_bar *bar;
    struct found_sets sets;
    bool quiet;
    bool verbose;
};

static void on_progress(void *user, const struct lc_progress *progress)
{
    const struct listener *listener = user;

    lc_bar_show(listener->bar, progress);
}

static void on_notice(void *user, const char *line)
{
    const struct listener *listener = user;

    if (listener->quiet)
        return;
    lc_bar_wipe();
    lc_say("note: ", line);
}

/* What was chosen, one thing a line. */
static void on_choice(void *user, const char *what, const char *choice)
{
    const struct listener *listener = user;
    char head[32];

    if (listener->quiet || !listener->verbose)
        return;
    snprintf(head, sizeof(head), "%s: ", what);
    lc_bar_wipe();
    lc_say(head, choice);
}

/* "3 rows files, 1.2 MB" */
static enum lc_status add_size(struct lc_buffer *line, const struct lc_found_set *set)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double size = (double)set->bytes;
    size_t unit = 0;

    while (size >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        size /= 1000;
        unit++;
    }
    return lc_buffer_printf(line, NULL, "   # %llu file%s, %.*f %s",
                            (unsigned long long)set->files, set->files == 1 ? "" : "s",
                            unit > 0, size, units[unit]);
}

static void on_set(void *user, const struct lc_found_set *set)
{
    struct found_sets *sets = &((struct listener *)user)->sets;
    enum lc_status status = lc_buffer_printf(&sets->lines, NULL, "llava-check ");

    if (!lc_list_add(&sets->paths, set->path, strlen(set->path)))
        sets->failed = true;
    if (status == LC_OK)
        status = lc_shell_add(&sets->lines, set->path, NULL);
    if (status == LC_OK)
        status = add_size(&sets->lines, set);
    if (status == LC_OK)
        status = lc_buffer_add(&sets->lines, "", 1, NULL);
    sets->failed |= status != LC_OK;
}

/* List the commands that check one data set each. */
static void list_sets(const struct found_sets *sets)
{
    const char *line = sets->lines.data;
    char more[48];

    for (size_t i = 0; i < sets->paths.count && i < LISTED_SETS && !sets->failed; i++) {
        lc_say("  ", line);
        line += strlen(line) + 1;
    }
    if (sets->paths.count > LISTED_SETS) {
        snprintf(more, sizeof(more), "… and %zu more", sets->paths.count - LISTED_SETS);
        lc_say("  ", more);
    }
}

/* Set what the trainer makes of the findings, where that decides about the exit code;
 * false after an error. */
static bool ask_trainer(const struct lc_index *index, const struct lc_view *view,
                        const struct lc_settings *settings, struct lc_settings *out)
{
    struct lc_error error = {0};
    enum lc_status status = LC_OK;

    if (settings->trainer)
        status = lc_report_stops(index, view, settings->trainer, &out->is_trainer_stopped,
                                 &error);
    if (status == LC_OK && settings->fail_on_unknown)
        status = lc_report_is_unsure(index, settings->trainer, &out->is_effect_unknown,
                                     &error);
    if (status != LC_OK)
        lc_complain_about(settings->words[0], &error);
    return status == LC_OK;
}

/* Write the report files, then print: what is asked for as a file is there when the last
 * line is read. */
static enum lc_exit report(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files)
{
    struct lc_settings own = *settings;
    struct lc_view *view = lc_view_open(index, settings);
    struct lc_thumbnails *thumbnails = NULL;
    enum lc_exit code = LC_EXIT_ERROR;
    bool good;

    if (!view)
        return LC_EXIT_ERROR;
    if (!ask_trainer(index, view, settings, &own)) {
        lc_view_free(view);
        return LC_EXIT_ERROR;
    }
    settings = &own;
    good = lc_thumbnails_make(index, view, settings, files, &thumbnails);
    /* a report that cannot be written does not hide the others */
    good &= lc_report_files_write(index, view, thumbnails, settings, files);
    if (!settings->quiet)
        good &= lc_print_report(index, view, thumbnails, settings,
                                lc_printed_format(settings), settings->words[0]);
    if (good)
        code = lc_exit_code(view, settings);
    lc_thumbnails_free(thumbnails);
    lc_view_free(view);
    return code;
}

/* What of that which the user named an error is about. */
static const char *subject_of(const struct lc_settings *settings,
                              const struct lc_error *error)
{
    if (error->subject == LC_SUBJECT_IMAGES && settings->images)
        return settings->images;
    if (error->subject == LC_SUBJECT_INDEX && settings->index)
        return settings->index;
    if (error->subject == LC_SUBJECT_VIDEOS && settings->videos)
        return settings->videos;
    return settings->words[error->path];
}

/* Report the outcome of a run. */
static enum lc_exit finish(enum lc_status status, const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files, const struct listener *listener,
                           const struct lc_error *error)
{
    lc_interrupt_end();
    lc_bar_end(listener->bar);
    if (status == LC_OK) {
        lc_say_caveat(index, settings);
        return report(index, settings, files);
    }
    lc_complain_about(subject_of(settings, error), error);
    list_sets(&listener->sets);
    return status == LC_ERR_STOPPED ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

/* What reads the data set: a check or a verification. */
typedef enum lc_status job_fn(const struct lc_settings *settings,
                              struct listener *listener, struct lc_index **index,
                              struct lc_error *error);

static enum lc_status check(const struct lc_settings *settings, struct listener *listener,
                            struct lc_index **index, struct lc_error *error)
{
    const struct lc_check_options options = {
        .size = sizeof(options),
        .paths = settings->words,
        .path_count = settings->word_count,
        .images = settings->images,
        .videos = settings->videos,
        .dialect = settings->dialect,
        .no_images = settings->no_images,
        .index = settings->index,
        .no_index = settings->no_index,
        .index_mode = settings->recheck ? LC_INDEX_IGNORE : settings->index_mode,
        .allow_outside = settings->allow_outside,
        .threads = settings->threads,
        .user = listener,
        .on_progress = on_progress,
        .on_choice = on_choice,
        .on_notice = on_notice,
        .is_stopped = lc_interrupt_came,
        .on_set = settings->is_one_of_all ? NULL : on_set,
    };

    return lc_check(&options, index, error);
}

static enum lc_status verify(const struct lc_settings *settings,
                             struct listener *listener, struct lc_index **index,
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
        .on_progress = on_progress,
        .on_choice = on_choice,
        .is_stopped = lc_interrupt_came,
    };

    return lc_verify(&options, index, error);
}

static enum lc_exit carry_out(job_fn *job, const struct lc_settings *settings);

/* Check data sets one after another, after PATH itself if it is one. The worst exit code
 * counts, that of PATH too. */
static enum lc_exit check_each(const struct found_sets *sets,
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
    struct listener listener = {.quiet = settings->quiet, .verbose = settings->verbose};
    struct lc_index *index = NULL;
    struct lc_error error = {0};
    enum lc_status status;
    enum lc_exit code;

    if (!lc_report_files_check(settings, files) || !lc_view_check(settings))
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
    lc_report_files_drop(files, settings->report_count);
    lc_list_clear(&listener.sets.paths);
    lc_buffer_clear(&listener.sets.lines);
    lc_index_close(index);
    return code;
}

/* Whether --all is used with what one run has only one of; says so. */
static bool all_is_misused(const struct lc_settings *settings)
{
    const char *other = settings->report_count     ? "--report"
                        : settings->index          ? "--index"
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
    return all_is_misused(settings) ? LC_EXIT_ERROR : carry_out(check, settings);
}

enum lc_exit lc_cmd_verify(const struct lc_settings *settings)
{
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
        code = report(index, settings, files);
    } else {
        code = lc_complain_about(settings->words[0], &error);
    }
    lc_report_files_drop(files, settings->report_count);
    lc_index_close(index);
    return code;
}
