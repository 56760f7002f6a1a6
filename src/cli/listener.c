#include "cli/listener.h"

#include "base/shell.h"
#include "cli/metrics.h"
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_SETS 20 /* enough, even if there are hundreds of data sets */

void lc_listener_progress(void *user, const struct lc_progress *progress)
{
    const struct lc_listener *listener = user;

    lc_bar_show(listener->bar, progress);
    lc_metrics_progress(listener->metrics, progress);
}

void lc_listener_notice(void *user, const char *line)
{
    const struct lc_listener *listener = user;

    if (listener->quiet)
        return;
    lc_bar_wipe();
    lc_say("note: ", line);
}

/* Keep a choice; if out of memory, it stays unknown. */
static void keep_choice(char **kept, const char *choice)
{
    free(*kept);
    *kept = strdup(choice);
}

void lc_listener_choice(void *user, const char *what, const char *choice)
{
    struct lc_listener *listener = user;
    char head[32];

    if (strcmp(what, "image root") == 0)
        keep_choice(&listener->image_root, choice);
    if (strcmp(what, "video root") == 0)
        keep_choice(&listener->video_root, choice);
    lc_metrics_choice(listener->metrics, what, choice);
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
    struct lc_found_sets *sets = &((struct lc_listener *)user)->sets;
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

void lc_listener_list_sets(const struct lc_listener *listener)
{
    const struct lc_found_sets *sets = &listener->sets;
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

void lc_listener_clear(struct lc_listener *listener)
{
    lc_list_clear(&listener->sets.paths);
    free(listener->image_root);
    free(listener->video_root);
    lc_buffer_clear(&listener->sets.lines);
}

struct lc_check_options lc_listener_options(struct lc_listener *listener,
                                            const struct lc_settings *settings)
{
    return (struct lc_check_options){
        .size = sizeof(struct lc_check_options),
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
        .part = settings->part,
        .part_count = settings->part_count,
        .user = listener,
        .on_progress = lc_listener_progress,
        .on_choice = lc_listener_choice,
        .on_notice = lc_listener_notice,
        .is_stopped = lc_interrupt_came,
        .on_set = settings->is_one_of_all ? NULL : on_set,
        .io_depth = settings->io_depth,
    };
}

const char *lc_subject_of(const struct lc_settings *settings,
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
