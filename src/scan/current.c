#include "scan/current.h"

#include "base/clock.h"
#include "base/map.h"
#include "scan/common/depth.h"
#include "scan/common/pipeline.h"
#include "scan/rows/earlier.h"
#include "store/folder.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_IMAGES 64
#define FIRST_IMAGES 8 /* for each of the first jobs, which show how fast files are */
#define FIRST_JOBS 256

/* An image of the index. */
struct known_image {
    size_t path;     /* offset in the job's text; ends with NUL */
    bool is_missing; /* the file did not exist */
    struct lc_file_facts file;
};

struct compare_job {
    struct lc_job job;
    size_t count;
    struct known_image images[BATCH_IMAGES];
    struct lc_buffer text;
    bool has_changed; /* one of its images has changed */
};

struct compare_stage {
    struct lc_run *run;
    const struct lc_index *index; /* used by the reader */
    struct lc_folder *folder;
    struct lc_depth *depth;
    int64_t newest_trusted_ns; /* no file with an older time can have changed unnoticed */
    uint64_t next;             /* the reader's position */
    uint64_t count;
    atomic_bool has_changed; /* a file has changed: nothing more needs to be read */
};

static struct lc_job *job_new(void)
{
    struct compare_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct compare_job *job = (struct compare_job *)base;

    if (!job)
        return;
    lc_buffer_clear(&job->text);
    free(job);
}

/* Allocate a thread's scratch: only what it measures. */
static enum lc_status scratch_new(void *stage, void **out, struct lc_error *err)
{
    (void)stage;
    *out = calloc(1, sizeof(struct lc_depth_read));
    return *out ? LC_OK : lc_fail_memory(err);
}

static void scratch_free(void *scratch)
{
    free(scratch);
}

/* ---- the reader ---- */

/* Add an image to a job. *has_changed is set if the image must be read again. */
static enum lc_status add_image(struct compare_stage *stage, struct compare_job *job,
                                bool *has_changed)
{
    struct known_image *out = &job->images[job->count];
    struct lc_image_record image = {0};
    struct lc_error *err = &job->job.error;
    enum lc_status status =
        lc_index_get_image(stage->index, (uint32_t)stage->next++, &image, err);

    if (status != LC_OK || image.state == LC_IMAGE_OUTSIDE)
        return status;
    out->is_missing = image.state == LC_IMAGE_MISSING || image.archive;
    *has_changed |= image.state == LC_IMAGE_UNREADABLE ||
                    image.state == LC_IMAGE_SKIPPED ||
                    (!out->is_missing &&
                     !(lc_clock_is_before(image.mtime_ns, stage->newest_trusted_ns) &&
                       lc_clock_is_before(image.ctime_ns, stage->newest_trusted_ns)));
    out->file = (struct lc_file_facts){image.size, image.mtime_ns, image.ctime_ns,
                                       image.inode, image.device};
    out->path = job->text.size;
    status = lc_buffer_add(&job->text, image.path.text, image.path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&job->text, "", 1, err);
    job->count += status == LC_OK;
    return status;
}

static bool fill(void *argument, struct lc_job *base)
{
    struct compare_stage *stage = argument;
    struct compare_job *job = (struct compare_job *)base;
    size_t batch = base->number < FIRST_JOBS ? FIRST_IMAGES : BATCH_IMAGES;
    enum lc_status status = LC_OK;

    job->count = 0;
    job->text.size = 0;
    job->has_changed = false;
    if (stage->next >= stage->count || atomic_load(&stage->has_changed))
        return false;
    while (job->count < batch && stage->next < stage->count && status == LC_OK &&
           !job->has_changed)
        status = add_image(stage, job, &job->has_changed);
    return true;
}

/* ---- the workers ---- */

static bool is_unchanged(const struct compare_stage *stage, const struct compare_job *job,
                         const struct known_image *image)
{
    struct lc_file_facts now = {0};

    if (!lc_folder_stat(stage->folder, job->text.data + image->path, &now))
        return image->is_missing;
    return !image->is_missing && lc_file_facts_equal(&image->file, &now);
}

static void compare_images_of_job(void *argument, void *scratch, struct lc_job *base)
{
    const struct compare_stage *stage = argument;
    struct compare_job *job = (struct compare_job *)base;

    lc_depth_begin(stage->depth, scratch);
    for (size_t i = 0; i < job->count && !job->has_changed; i++)
        job->has_changed = !is_unchanged(stage, job, &job->images[i]);
    lc_depth_end(stage->depth, scratch, 0);
}

/* ---- the collector ---- */

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct compare_stage *stage = argument;
    const struct compare_job *job = (const struct compare_job *)base;

    if (job->has_changed)
        atomic_store(&stage->has_changed, true);
    return lc_run_check_stopped(stage->run, err);
}

static enum lc_status compare_images(struct lc_run *run, const struct lc_dataset *dataset,
                                     const struct lc_index *index, bool *out,
                                     struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = scratch_new,
        .scratch_free = scratch_free,
        .fill = fill,
        .work = compare_images_of_job,
        .collect = collect,
    };
    struct compare_stage stage = {
        .run = run,
        .index = index,
        .newest_trusted_ns = lc_clock_newest_trusted_ns(lc_index_info(index)->began_ns),
        .count = lc_index_summary(index)->images_referenced,
    };
    enum lc_status status = lc_folder_open(dataset->image_root, &stage.folder, err);

    if (status == LC_OK)
        status = lc_depth_new(run->workers, run->options->io_depth, 0, &stage.depth, err);
    if (status == LC_OK)
        status = lc_pipeline_run_deep(&ops, &stage, stage.depth, err);
    *out = !atomic_load(&stage.has_changed);
    lc_depth_free(stage.depth);
    lc_folder_close(stage.folder);
    return status;
}

/* ---- rows files ---- */

static bool is_same_text(struct lc_span a, const char *b)
{
    return lc_span_equal(a, (struct lc_span){b, b ? strlen(b) : 0});
}

/* Whether a rows file is unchanged, and had the same number in the earlier run. */
static enum lc_status compare_file(struct lc_earlier *earlier,
                                   const struct lc_rows_file *file, uint32_t number,
                                   bool *out, struct lc_error *err)
{
    struct lc_map map = {0};
    uint32_t old = 0;
    enum lc_status status = lc_map_probe(file->path, &map, err);

    *out = status == LC_OK && lc_earlier_find_by_times(earlier, file, &map, &old) &&
           old == number &&
           is_same_text(lc_earlier_file(earlier, number)->sampling, file->sampling);
    return status;
}

static enum lc_status compare_files(const struct lc_run *run,
                                    const struct lc_dataset *dataset,
                                    const struct lc_index *index, bool *out,
                                    struct lc_error *err)
{
    struct lc_earlier *earlier = NULL;
    enum lc_status status = lc_earlier_new(index, run->options, &earlier, err);

    *out = earlier && lc_index_summary(index)->rows_files == dataset->file_count;
    for (uint32_t i = 0; status == LC_OK && *out && i < dataset->file_count; i++)
        status = compare_file(earlier, &dataset->files[i], i, out, err);
    lc_earlier_free(earlier);
    return status;
}

/* ---- archives ---- */

/* Archives, in the order of their names. */
struct archive_comparison {
    const struct lc_dataset *dataset;
    int64_t newest_trusted_ns;
    size_t count; /* looked at so far */
    bool are_same;
};

static enum lc_status compare_archive(void *user, uint32_t number,
                                      const struct lc_archive_record *archive,
                                      struct lc_error *err)
{
    struct archive_comparison *look = user;
    struct lc_map map = {0};

    (void)err;
    look->count++;
    if (!look->are_same)
        return LC_OK;
    look->are_same =
        number < look->dataset->archive_count &&
        is_same_text(archive->name, look->dataset->archives[number].name) &&
        lc_map_probe(look->dataset->archives[number].path, &map, NULL) == LC_OK &&
        map.size == archive->size && map.mtime_ns == archive->mtime_ns &&
        map.ctime_ns == archive->ctime_ns && map.inode == archive->inode &&
        map.device == archive->device &&
        lc_clock_is_before(archive->mtime_ns, look->newest_trusted_ns) &&
        lc_clock_is_before(archive->ctime_ns, look->newest_trusted_ns);
    return LC_OK;
}

static enum lc_status compare_archives(const struct lc_dataset *dataset,
                                       const struct lc_index *index, bool *out,
                                       struct lc_error *err)
{
    struct archive_comparison look = {
        .dataset = dataset,
        .newest_trusted_ns = lc_clock_newest_trusted_ns(lc_index_info(index)->began_ns),
        .are_same = true,
    };
    enum lc_status status = lc_index_each_archive(index, compare_archive, &look, err);

    *out = look.are_same && look.count == dataset->archive_count;
    return status;
}

enum lc_status lc_current_look(struct lc_run *run, const struct lc_dataset *dataset,
                               const struct lc_start *start, bool *out,
                               struct lc_error *err)
{
    const struct lc_index *index = lc_start_earlier_rows(start);
    const struct lc_check_options *options = run->options;
    enum lc_status status;

    *out = index && options->index_mode == LC_INDEX_METADATA && !options->no_images &&
           lc_journal_count(start->journal) == 0 &&
           is_same_text(lc_index_info(index)->name, dataset->name) &&
           is_same_text(lc_index_info(index)->image_root, dataset->image_name) &&
           is_same_text(lc_index_info(index)->image_folder, dataset->image_folder);
    if (!*out)
        return LC_OK;
    status = compare_files(run, dataset, index, out, err);
    if (status == LC_OK && *out)
        status = compare_archives(dataset, index, out, err);
    if (status == LC_OK && *out)
        status = compare_images(run, dataset, index, out, err);
    if (status == LC_OK && *out && options->on_notice)
        options->on_notice(options->user,
                           "all rows files and images are unchanged: results reused from "
                           "the index (--recheck reads them again)");
    return status;
}
