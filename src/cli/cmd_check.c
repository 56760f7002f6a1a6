#include "cli/cli.h"
#include "llava_check/thumbnails.h"
#include "llava_check/verify.h"

#include <stdio.h>

struct listener {
    struct lc_bar *bar;
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

/* Write the report files, then print: what is asked for as a file is there when the last
 * line is read. */
static enum lc_exit report(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files)
{
    struct lc_view *view = lc_view_open(index, settings);
    struct lc_thumbnails *thumbnails = NULL;
    enum lc_exit code = LC_EXIT_ERROR;
    bool good;

    if (!view)
        return LC_EXIT_ERROR;
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
    code = finish(status, index, settings, files, &listener, &error);
    lc_report_files_drop(files, settings->report_count);
    lc_index_close(index);
    return code;
}

enum lc_exit lc_cmd_check(const struct lc_settings *settings)
{
    return carry_out(check, settings);
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
