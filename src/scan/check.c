/* lc_check: a whole run */
#include "scan/check.h"

#include "base/options.h"
#include "base/clock.h"
#include "dataset/dataset.h"
#include "scan/archives/archives.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/current.h"
#include "scan/images/images.h"
#include "scan/links.h"
#include "scan/rows/rows.h"
#include "scan/rows/unread.h"
#include "scan/set/set.h"
#include "scan/set/sorting.h"
#include "scan/start.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 4352   /* a path and some words */
#define REPORTED_FILES 8 /* the rest are only counted */

static void report_notices(const struct lc_run *run, const struct lc_dataset *dataset)
{
    const struct lc_buffer *notices = &dataset->notices;

    if (!run->options->on_notice || run->is_retry)
        return;
    for (size_t at = 0; at < notices->size; at += strlen(notices->data + at) + 1)
        run->options->on_notice(run->options->user, notices->data + at);
}

/* Report a root and how many of the sampled paths exist under it. */
static void report_root(const struct lc_run *run, const char *what, const char *root,
                        const struct lc_rate *rate)
{
    char line[LINE_SIZE];

    if (rate->sampled)
        snprintf(line, sizeof(line), "%s (%zu of %zu sampled paths found)", root,
                 rate->found, rate->sampled);
    lc_run_report_choice(run, what, rate->sampled ? line : root);
}

static void report_choices(const struct lc_run *run, const struct lc_dataset *dataset)
{
    const char *images = dataset->image_root, *videos = dataset->video_root;
    char number[32];

    for (size_t i = 0; i < dataset->file_count && i < REPORTED_FILES; i++)
        lc_run_report_choice(run, "rows file", dataset->files[i].path);
    if (dataset->file_count > REPORTED_FILES) {
        snprintf(number, sizeof(number), "and %zu more",
                 dataset->file_count - REPORTED_FILES);
        lc_run_report_choice(run, "rows file", number);
    }
    if (!run->options->no_images) {
        assert(images && videos); /* lc_dataset_find has set them */
        report_root(run, "image root", images, &dataset->image_rate);
        if (strcmp(images, videos) != 0 || dataset->video_rate.sampled)
            report_root(run, "video root", videos, &dataset->video_rate);
    }
    lc_run_report_workers(run);
}

/* A run's data on its way through the stages: scan/common/stages.h. */
struct pipeline {
    struct lc_run *run;
    const struct lc_dataset *dataset;
    const struct lc_start *start;
    const char *image_root; /* where to search for unused images; NULL: nowhere */
    struct lc_rows rows;
    struct lc_links links;
    struct lc_sorting sorting;    /* a thread beside the links and images stages */
    struct lc_archives *archives; /* NULL: none were read */
};

/* Where to search for unused images. In some runs the image root contains images of other
 * data sets or parts, which must not be reported: then nowhere. */
static const char *searched_root(const struct lc_run *run,
                                 const struct lc_dataset *dataset,
                                 const struct lc_start *start)
{
    bool reads_root = !run->options->no_images && !run->options->get_image;
    bool is_whole = !start->is_part && !run->is_each_alone && run->part.number <= 1;
    bool owns_root = !dataset->has_prefixes && !dataset->has_shards;

    return reads_root && is_whole && owns_root ? dataset->image_root : NULL;
}

static struct lc_archives_input input_of_archives(const struct pipeline *line)
{
    return (struct lc_archives_input){
        .dataset = line->dataset,
        .links = &line->links,
        .image_cache = line->start->image_cache,
        .journal = line->start->journal,
        .start_ns = line->start->start_ns,
    };
}

/* Read the shards that the rows stage would read, with their images. Part of a data set
 * whose images are known already is only read for the contents of its samples. */
static enum lc_status read_shards_ahead(struct pipeline *line,
                                        struct lc_samples **samples, struct lc_error *err)
{
    const struct lc_archives_input input = input_of_archives(line);
    bool *unread = NULL;
    enum lc_status status = lc_rows_find_unread(
        line->run, line->dataset, lc_start_earlier_rows(line->start), &unread, err);

    if (status == LC_OK)
        status = lc_archives_read_ahead(line->run, &input, unread, samples,
                                        &line->archives, err);
    free(unread);
    if (line->start->is_part) {
        lc_archives_free(line->archives);
        line->archives = NULL;
    }
    return status;
}

static enum lc_status check_rows(struct pipeline *line, struct lc_error *err)
{
    struct lc_samples *samples = NULL;
    enum lc_status status =
        line->dataset->has_shards ? read_shards_ahead(line, &samples, err) : LC_OK;

    if (status == LC_OK)
        status =
            lc_rows_check(line->run, line->dataset, lc_start_earlier_rows(line->start),
                          samples, &line->rows, err);
    lc_samples_free(samples);
    return status;
}

/* Number the images, and start to sort what the set stage needs. If the data set has
 * archives, the search for unused images waits until they are read. A part of such a data
 * set cannot store its images yet: see keep_own_images. */
static enum lc_status build_links(struct pipeline *line, struct lc_error *err)
{
    enum lc_status status;

    lc_sorting_begin(&line->sorting, &line->rows,
                     line->dataset->archive_count ? NULL : line->image_root);
    status = lc_links_build(&line->rows, &line->links, err);
    if (status == LC_OK && !line->run->shares_archives)
        status = lc_links_store(line->run, &line->rows, &line->links, err);
    return status;
}

/* Drop the images that only rows of other parts name, and store the others. A part of a
 * data set with archives knows its own images only after it has read its archives. */
static enum lc_status keep_own_images(struct pipeline *line, struct lc_error *err)
{
    struct lc_links *links = &line->links;
    size_t count = lc_links_images(links);
    bool *keep = calloc(count + 1, sizeof(*keep));
    uint32_t *numbers = calloc(count + 1, sizeof(*numbers));

    if (!keep || !numbers) {
        free(keep);
        free(numbers);
        return lc_fail_memory(err);
    }
    for (uint32_t i = 0; i < count; i++)
        keep[i] = links->first_user[i] < links->first_user[i + 1] ||
                  lc_archives_have(line->archives, i) ||
                  lc_run_has_image(line->run, lc_links_path(links, i));
    lc_links_keep(links, &line->rows, numbers, keep);
    lc_archives_renumber(line->archives, numbers, count);
    free(keep);
    free(numbers);
    return lc_links_store(line->run, &line->rows, links, err);
}

/* Read the archives, and let the search for unused images begin, which had to wait for
 * them. */
static enum lc_status read_archives(struct pipeline *line, struct lc_error *err)
{
    struct lc_run *run = line->run;
    const struct lc_start *start = line->start;
    const struct lc_archives_input input = input_of_archives(line);
    struct lc_more_files files;
    enum lc_status status;

    if (start->is_part) /* their images are reused from the index of the whole set */
        return lc_archives_copy(run, lc_image_cache_index(start->image_cache), err);
    status = lc_archives_read(run, &input, &line->archives, err);
    if (status == LC_OK && run->shares_archives)
        status = keep_own_images(line, err);
    if (status != LC_OK || !line->image_root)
        return status;
    if (run->shares_archives)
        return lc_sorting_list(&line->sorting, line->image_root, &run->covered, err);
    if (!line->dataset->archive_count)
        return LC_OK;
    files = lc_archives_images(line->archives).files;
    return lc_sorting_search(&line->sorting, line->image_root, &files, err);
}

static enum lc_status check_images(struct pipeline *line, struct lc_error *err)
{
    struct lc_images_input input = {
        .root = line->dataset->image_root,
        .links = &line->links,
        .image_cache = line->start->image_cache,
        .journal = line->start->journal,
        .start_ns = line->start->start_ns,
    };
    enum lc_status status = read_archives(line, err);

    if (status != LC_OK)
        return status;
    input.archived = lc_archives_images(line->archives);
    return lc_images_check(line->run, &input, line->rows.faulty, err);
}

/* Store the archives; then free them, the links and the paths before rows are compared,
 * which needs memory, too. */
static enum lc_status check_set(struct pipeline *line, struct lc_error *err)
{
    struct lc_run *run = line->run;
    enum lc_status status = lc_sorting_end(&line->sorting, err);

    if (status == LC_OK)
        status = lc_archives_store(line->archives, err);
    if (status == LC_OK && run->part.count)
        status = lc_archives_cover(line->archives, err);
    if (status == LC_OK && !run->is_each_alone)
        status = lc_archives_report(line->archives, line->dataset, &line->rows, err);
    lc_archives_free(line->archives);
    line->archives = NULL;
    lc_links_clear(&line->links);
    lc_paths_clear(&line->rows.paths);
    return status == LC_OK
               ? lc_set_check(run, line->dataset, &line->rows, &line->sorting.unused, err)
               : status;
}

static enum lc_status store_summary(struct pipeline *line, struct lc_error *err)
{
    return lc_run_store_summary(line->run, line->rows.faulty, err);
}

static enum lc_status run_stages(struct lc_run *run, const struct lc_dataset *dataset,
                                 const struct lc_start *start, struct lc_error *err)
{
    static const struct {
        enum lc_stage stage;
        enum lc_status (*run)(struct pipeline *line, struct lc_error *err);
    } stages[] = {
        {LC_STAGE_ROWS, check_rows},     {LC_STAGE_LINKS, build_links},
        {LC_STAGE_IMAGES, check_images}, {LC_STAGE_SET, check_set},
        {LC_STAGE_INDEX, store_summary},
    };
    struct pipeline line = {
        .run = run,
        .dataset = dataset,
        .start = start,
        .image_root = searched_root(run, dataset, start),
        .rows = {.ids.folder = run->folder,
                 .contents.folder = run->folder,
                 .questions.folder = run->folder},
    };
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages) && status == LC_OK; i++) {
        lc_run_begin_stage(run, stages[i].stage);
        status = stages[i].run(&line, err);
        if (status == LC_OK)
            status = lc_run_check_stopped(run, err);
    }
    lc_sorting_clear(&line.sorting); /* first: its thread reads rows and archives */
    lc_archives_free(line.archives);
    lc_links_clear(&line.links);
    lc_rows_clear(&line.rows);
    return status;
}

/* Finish the index. It replaces the journal, unless no images were read: then the journal
 * has facts that no index has yet. */
static enum lc_status finish_index(struct lc_run *run, struct lc_start *start,
                                   struct lc_index **out, struct lc_error *err)
{
    struct lc_index_writer *writer = run->writer;
    struct lc_journal *journal = start->journal;

    run->writer = NULL;
    if (run->options->no_images)
        return lc_index_finish(writer, NULL, out, err);
    start->journal = NULL;
    return lc_index_finish(writer, journal, out, err);
}

/* Say what a stopped run has kept and how to continue it. */
static void describe_stop(const struct lc_run *run, struct lc_error *err)
{
    const struct lc_summary *summary = &run->summary;
    const char *kept = run->options->no_index ? "nothing is kept without an index"
                                              : "run the same command again to continue";

    if (summary->images && !run->options->no_index)
        snprintf(err->message, sizeof(err->message),
                 "stopped: %llu of %llu images are done and kept; %s",
                 (unsigned long long)summary->images,
                 (unsigned long long)summary->images_referenced, kept);
    else
        snprintf(err->message, sizeof(err->message), "stopped; %s", kept);
}

/* Pass a data set that was found on to the caller. */
static void report_set(void *user, const struct lc_discovered_set *set)
{
    const struct lc_check_options *options = user;
    const struct lc_found_set found = {set->path, set->files, set->bytes};

    options->on_set(options->user, &found);
}

enum lc_status lc_check_find(const struct lc_check_options *options,
                             struct lc_dataset *out, struct lc_error *err)
{
    struct lc_dataset_options wanted = {
        .paths = options->paths,
        .count = options->path_count,
        .images = options->images,
        .videos = options->videos,
        .no_media = options->no_images,
        /* otherwise every batch of a large data set would read all archives */
        .no_archives = options->each_alone,
        .dialect = options->dialect ? lc_dialect_by_name(options->dialect) : NULL,
        .user = (void *)options,
        .on_set = options->on_set ? report_set : NULL,
    };

    if (options->dialect && !wanted.dialect)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown dialect '%.40s'", options->dialect);
    return lc_dataset_find(&wanted, out, err);
}

/* Run once. *damaged is set to whether the run failed because of the earlier index. */
static enum lc_status attempt(const struct lc_check_options *options,
                              const struct lc_dataset *dataset, bool may_reuse,
                              bool is_retry, bool *damaged, struct lc_index **out,
                              struct lc_error *err)
{
    bool is_current = false;
    struct lc_run run = {
        .options = options,
        .is_retry = is_retry,
        .is_each_alone = options->each_alone,
        .workers = lc_run_workers(options->threads),
        .part = {options->part, options->part_count},
        .covered.count = options->part_count,
    };
    struct lc_start start = {.start_ns = lc_clock_now(CLOCK_REALTIME)};
    enum lc_status status;

    run.shares_archives = run.part.count && dataset->archive_count &&
                          !options->no_images && !options->get_image;
    run.shares_shards = run.part.count && dataset->has_shards;
    report_notices(&run, dataset);
    report_choices(&run, dataset);
    status = lc_start_open(&run, dataset, &start, err);
    if (status == LC_OK && may_reuse)
        status = lc_current_look(&run, dataset, &start, &is_current, err);
    if (status == LC_OK && run.part.count)
        status = lc_part_add(&run.covered, run.part.number, err);
    if (status == LC_OK && !is_current)
        status = run_stages(&run, dataset, &start, err);
    *damaged = status == LC_ERR_INDEX && lc_image_cache_index(start.image_cache);
    if (status == LC_OK && is_current)
        *out = lc_image_cache_give(start.image_cache);
    else if (status == LC_OK)
        status = finish_index(&run, &start, out, err);
    if (status == LC_ERR_STOPPED && err)
        describe_stop(&run, err);
    lc_start_clear(&start);
    lc_part_record_clear(&run.covered);
    lc_index_abandon(run.writer); /* after the journal: it holds the lock */
    return status;
}

/* The seal of an earlier index guards its bytes, but its records are not validated before
 * they are reused. If one turns out to be damaged, it was written that way, and the run
 * starts again without that index. */
enum lc_status lc_check_dataset(const struct lc_check_options *options,
                                const struct lc_dataset *dataset, bool may_reuse,
                                struct lc_index **out, struct lc_error *err)
{
    struct lc_error first = {0};
    bool damaged = false;
    enum lc_status status =
        attempt(options, dataset, may_reuse, false, &damaged, out, &first);

    if (damaged) {
        if (options->on_notice)
            options->on_notice(options->user,
                               "the index is damaged: reading all files again");
        return attempt(options, dataset, false, true, &damaged, out, err);
    }
    if (status != LC_OK && err)
        *err = first;
    return status;
}

enum lc_status lc_check_part(const struct lc_check_options *options,
                             const struct lc_dataset *dataset,
                             const struct lc_index *whole, bool each_alone,
                             struct lc_index **out, struct lc_error *err)
{
    struct lc_check_options own = *options;
    struct lc_run run = {
        .options = &own,
        .is_each_alone = each_alone,
        .is_recheck = true,
        .workers = lc_run_workers(options->threads),
    };
    struct lc_start start = {
        .start_ns = lc_clock_now(CLOCK_REALTIME),
        .is_part = true,
    };
    enum lc_status status;

    own.no_index = true;
    status = lc_start_part(&run, dataset, whole, &start, err);
    if (status == LC_OK)
        status = run_stages(&run, dataset, &start, err);
    if (status == LC_OK)
        status = finish_index(&run, &start, out, err);
    lc_start_clear(&start);
    lc_index_abandon(run.writer);
    return status;
}

/* Fail for a part that cannot be checked. */
static enum lc_status refuse_part(const struct lc_check_options *options,
                                  struct lc_error *err)
{
    if (!options->part && !options->part_count)
        return LC_OK;
    if (options->part < 1 || options->part > options->part_count ||
        options->part_count > LC_PARTS_MAX)
        return lc_fail(err, LC_ERR_USAGE, 0, "there is no part %u of %u", options->part,
                       options->part_count);
    if (!options->index || options->no_index)
        return lc_fail(err, LC_ERR_USAGE, 0, "a part of a data set requires an index");
    return LC_OK;
}

/* Refuse options that would keep the index of an each_alone run: its rows were compared
 * with no others, so no later run could use them. */
static enum lc_status refuse_each_alone(const struct lc_check_options *options,
                                        struct lc_error *err)
{
    if (options->each_alone && !options->no_index)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "rows that are checked one by one cannot be stored in an index");
    return LC_OK;
}

enum lc_status lc_check(const struct lc_check_options *options, struct lc_index **out,
                        struct lc_error *err)
{
    struct lc_check_options own;
    struct lc_dataset dataset = {0};
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path_count, err);

    if (status == LC_OK && own.get_image && own.index_mode == LC_INDEX_METADATA)
        own.index_mode = LC_INDEX_CONTENT; /* they are not files */
    if (status == LC_OK)
        status = refuse_part(&own, err);
    if (status == LC_OK)
        status = refuse_each_alone(&own, err);
    if (status == LC_OK)
        status = lc_check_find(&own, &dataset, err);
    if (status == LC_OK)
        status = lc_check_dataset(&own, &dataset, false, out, err);
    lc_dataset_clear(&dataset);
    return status;
}
