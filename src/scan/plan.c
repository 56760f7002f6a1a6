/* lc_plan: estimates what checking a data set takes, from a sample of its rows
 *
 * Rows from the beginning of some rows files are copied into temporary files and checked:
 * many without their images, to measure the speed of reading rows, and a few with images.
 */
#include "llava_check/merge.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/options.h"
#include "scan/check.h"
#include "scan/rows/sample.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLED_FILES 8
#define QUICK_BYTES ((size_t)32 << 20) /* of rows, checked without images */
#define SLOW_ROWS 1600                 /* checked with images */

/* A sample of a data set, in a folder of its own. */
struct sample {
    const struct lc_dataset *from;
    char folder[64];
    struct lc_dataset dataset; /* like the whole one, except for the paths of the files */
    char *paths[SAMPLED_FILES];
    uint64_t bytes;
};

/* When each stage began. */
struct times {
    const struct lc_check_options *options;
    int64_t began[LC_STAGE_COUNT];
};

static void note_stage(void *user, const struct lc_progress *progress)
{
    struct times *times = user;

    if (!times->began[progress->stage])
        times->began[progress->stage] = lc_clock_now(CLOCK_MONOTONIC);
}

static bool is_stopped(void *user)
{
    const struct lc_check_options *options = ((struct times *)user)->options;

    return options->is_stopped && options->is_stopped(options->user);
}

/* Copy the first rows of a file into the sample. */
static enum lc_status add_file(struct sample *sample, const struct lc_rows_file *file,
                               size_t max_rows, size_t max_bytes, struct lc_error *err)
{
    size_t number = sample->dataset.file_count;
    struct lc_map map = {0};
    FILE *to = NULL;
    enum lc_status status;

    if (asprintf(&sample->paths[number], "%s/%zu.json", sample->folder, number) < 0) {
        sample->paths[number] = NULL;
        return lc_fail_memory(err);
    }
    sample->dataset.files[number] = *file;
    sample->dataset.files[number].path = sample->paths[number];
    sample->dataset.files[number].lines = false;
    sample->dataset.file_count++;
    status = lc_map_open(file->path, &map, err);
    if (status != LC_OK)
        return status;
    to = fopen(sample->paths[number], "wex");
    status = to ? lc_rows_sample(&map, file->lines, max_rows, max_bytes, to,
                                 &sample->bytes, err)
                : lc_fail_errno(err, "create a temporary file");
    if (to && fclose(to) != 0 && status == LC_OK)
        status = lc_fail_errno(err, "write a temporary file");
    lc_map_close(&map);
    return status;
}

static void sample_clear(struct sample *sample)
{
    for (size_t i = 0; i < SAMPLED_FILES && sample->paths[i]; i++) {
        (void)unlink(sample->paths[i]);
        free(sample->paths[i]);
    }
    if (*sample->folder)
        (void)rmdir(sample->folder);
    free(sample->dataset.files);
}

/* Sample files at equal distances, up to a total of rows or bytes. */
static enum lc_status sample_new(const struct lc_dataset *dataset, size_t max_rows,
                                 size_t max_bytes, struct sample *out,
                                 struct lc_error *err)
{
    size_t count =
        dataset->file_count < SAMPLED_FILES ? dataset->file_count : SAMPLED_FILES;
    const char *temporary = getenv("TMPDIR");
    enum lc_status status = LC_OK;

    *out = (struct sample){.from = dataset, .dataset = *dataset};
    out->dataset.file_count = 0;
    out->dataset.archive_count = 0; /* a sample does not read whole archives */
    out->dataset.files = calloc(count + 1, sizeof(*out->dataset.files));
    if (!out->dataset.files)
        return lc_fail_memory(err);
    if (!temporary || *temporary != '/' || strlen(temporary) > 32)
        temporary = "/tmp";
    snprintf(out->folder, sizeof(out->folder), "%s/llava-check-XXXXXX", temporary);
    if (!mkdtemp(out->folder)) {
        *out->folder = '\0';
        return lc_fail_errno(err, "create a temporary folder");
    }
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = add_file(out, &dataset->files[i * dataset->file_count / count],
                          max_rows / count + 1, max_bytes / count + 1, err);
    return status;
}

/* Check a sample. *seconds is set to the time from the rows stage to the images stage,
 * and to that of the images stage. */
static enum lc_status check_sample(const struct lc_check_options *options,
                                   const struct sample *sample, bool no_images,
                                   struct lc_summary *out, double seconds[2],
                                   struct lc_error *err)
{
    struct times times = {.options = options};
    struct lc_check_options own = *options;
    struct lc_index *index = NULL;
    enum lc_status status;

    own.index = NULL;
    own.no_index = true;
    own.no_images |= no_images;
    own.part = own.part_count = 0;
    own.user = &times;
    own.on_progress = note_stage;
    own.on_notice = NULL;
    own.on_choice = NULL;
    own.on_set = NULL;
    own.is_stopped = is_stopped;
    status = lc_check_dataset(&own, &sample->dataset, false, &index, err);
    if (status == LC_OK)
        *out = *lc_index_summary(index);
    lc_index_close(index);
    seconds[0] =
        (double)(times.began[LC_STAGE_IMAGES] - times.began[LC_STAGE_ROWS]) / 1e9;
    seconds[1] = (double)(times.began[LC_STAGE_SET] - times.began[LC_STAGE_IMAGES]) / 1e9;
    return status;
}

static enum lc_status measure_rows(const struct lc_check_options *options,
                                   const struct lc_dataset *dataset, struct lc_plan *out,
                                   struct lc_error *err)
{
    struct lc_summary summary = {0};
    struct sample sample;
    double seconds[2];
    enum lc_status status = sample_new(dataset, SIZE_MAX / 2, QUICK_BYTES, &sample, err);

    if (status == LC_OK)
        status = check_sample(options, &sample, true, &summary, seconds, err);
    if (status == LC_OK && summary.rows) {
        out->sampled_rows = summary.rows;
        out->row_bytes_per_second = (double)sample.bytes / (seconds[0] + 1e-6);
        out->rows = (uint64_t)((double)out->row_bytes / (double)sample.bytes *
                               (double)summary.rows);
        out->images = (uint64_t)((double)out->rows * (double)summary.images_referenced /
                                 (double)summary.rows);
    }
    sample_clear(&sample);
    return status;
}

static enum lc_status measure_images(const struct lc_check_options *options,
                                     const struct lc_dataset *dataset,
                                     struct lc_plan *out, struct lc_error *err)
{
    struct lc_summary summary = {0};
    struct sample sample;
    double seconds[2];
    enum lc_status status = sample_new(dataset, SLOW_ROWS, SIZE_MAX / 2, &sample, err);

    if (status == LC_OK)
        status = check_sample(options, &sample, false, &summary, seconds, err);
    if (status == LC_OK && summary.images_referenced) {
        out->sampled_images = summary.images_referenced;
        out->images_per_second = (double)summary.images_referenced / (seconds[1] + 1e-6);
        out->image_bytes = (uint64_t)((double)out->images * (double)summary.image_bytes /
                                      (double)summary.images_referenced);
    }
    sample_clear(&sample);
    return status;
}

enum lc_status lc_plan(const struct lc_check_options *options, struct lc_plan *out,
                       struct lc_error *err)
{
    struct lc_check_options own;
    struct lc_dataset dataset = {0};
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path_count, err);

    *out = (struct lc_plan){0};
    if (status == LC_OK)
        status = lc_check_find(&own, &dataset, err);
    if (status == LC_OK && dataset.has_shards)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "plan does not read shards: 'check --part' gives each part some "
                         "of them, with about the same number of bytes");
    for (size_t i = 0; i < dataset.file_count && status == LC_OK; i++) {
        struct lc_map map = {0};

        status = lc_map_probe(dataset.files[i].path, &map, err);
        out->row_bytes += map.size;
    }
    out->files = dataset.file_count;
    out->has_archives = dataset.archive_count > 0;
    if (status == LC_OK)
        status = measure_rows(&own, &dataset, out, err);
    if (status == LC_OK && !own.no_images)
        status = measure_images(&own, &dataset, out, err);
    lc_dataset_clear(&dataset);
    return status;
}
