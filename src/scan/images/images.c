#include "scan/images/images.h"

#include "scan/common/pipeline.h"
#include "scan/images/limits.h"
#include "scan/images/missing.h"
#include "scan/images/record.h"
#include "scan/images/tally.h"
#include "store/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Images that are read are passed to a worker in batches of 4, those whose facts are
 * reused in batches of 32: looking at one takes less time than passing it on. */
#define BATCH_IMAGES 32
#define BATCH_COST 32 /* of all images of a batch */
#define READ_COST 8   /* of one that is read */

struct image_result {
    struct lc_cached_image cached;
    bool skipped; /* it is not to be looked at */
    struct lc_archived_image archived;
    bool is_archived;            /* archived is set: it is no file */
    bool reused;                 /* the file is unchanged and was not read */
    struct lc_image_facts facts; /* path points into lc_rows.paths */
    struct lc_file_facts file;
    struct lc_hash content;
    size_t findings;
    size_t hint; /* of a missing image of a part: offset in the job's hints */
    size_t hint_size;
};

struct image_job {
    struct lc_job job;
    uint32_t first; /* number of the first image */
    size_t count;
    struct image_result results[BATCH_IMAGES];
    struct lc_findings findings;
    struct lc_buffer hints;
};

struct images_stage {
    struct lc_run *run;
    const struct lc_images_input *input;
    const struct lc_links *links; /* the input's */
    struct lc_folder *folder;
    struct lc_missing missing;
    pthread_mutex_t large;           /* held while a large image is processed */
    uint32_t next;                   /* the reader's position */
    uint64_t reused;                 /* the collector's */
    struct lc_tally tally;           /* the collector's */
    struct lc_image_cache *archived; /* the reader's: of images in archives */
};

struct image_scratch {
    struct lc_image_scratch *decoders;
    struct lc_missing_scratch *missing;
    struct lc_buffer bytes;
    struct lc_buffer hint; /* of the last missing image, for the merge of parts */
};

static struct lc_job *job_new(void)
{
    struct image_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct image_job *job = (struct image_job *)base;

    if (!job)
        return;
    lc_findings_clear(&job->findings);
    lc_buffer_clear(&job->hints);
    free(job);
}

static void scratch_free(void *argument)
{
    struct image_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_image_scratch_free(scratch->decoders);
    lc_missing_scratch_free(scratch->missing);
    lc_buffer_clear(&scratch->bytes);
    lc_buffer_clear(&scratch->hint);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    struct images_stage *stage = argument;
    struct image_scratch *scratch = calloc(1, sizeof(*scratch));
    enum lc_status status;

    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    status = lc_missing_scratch_new(&stage->missing, &scratch->missing, err);
    return status == LC_OK ? lc_image_scratch_new(&scratch->decoders, err) : status;
}

/* ---- the reader ---- */

/* Whether the facts of an image are likely to be reused. */
static bool is_quick(const struct images_stage *stage,
                     const struct lc_cached_image *cached)
{
    const struct lc_check_options *options = stage->run->options;

    return options->no_images ||
           (cached->is_cached && !options->get_image &&
            (cached->is_current ||
             (cached->has_trusted_times && options->index_mode == LC_INDEX_METADATA)));
}

static bool fill(void *argument, struct lc_job *base)
{
    struct images_stage *stage = argument;
    struct image_job *job = (struct image_job *)base;
    const struct lc_archived_images *archived = &stage->input->archived;
    size_t left = lc_links_images(stage->links) - stage->next;
    unsigned cost = 0;

    job->first = stage->next;
    job->count = 0;
    while (job->count < left && job->count < BATCH_IMAGES && cost < BATCH_COST) {
        uint32_t image = stage->next++;
        struct image_result *result = &job->results[job->count++];

        lc_image_cache_next(stage->input->image_cache, lc_links_path(stage->links, image),
                            &result->cached);
        result->is_archived =
            archived->get && archived->get(archived->user, image, &result->archived);
        if (result->is_archived) {
            lc_image_cache_load(stage->archived, &result->archived.record,
                                stage->input->start_ns, &result->cached);
            result->cached.is_current = true;
        }
        cost += is_quick(stage, &result->cached) ? 1 : READ_COST;
    }
    return job->count > 0;
}

/* ---- the workers ---- */

/* Get the bytes of an image from the caller. */
static void get_image(const struct lc_check_options *options, struct image_result *result,
                      uint64_t max_bytes, struct lc_image_bytes *out)
{
    struct lc_image_facts *facts = &result->facts;

    facts->os_errno = options->get_image(options->user, facts->path.text, out);
    facts->result = facts->os_errno == ENOENT ? LC_READ_MISSING
                    : facts->os_errno         ? LC_READ_FAILED
                    : out->size > max_bytes   ? LC_READ_TOO_LARGE
                                              : LC_READ_OK;
    if (facts->result == LC_READ_MISSING)
        facts->os_errno = 0;
    if (!facts->os_errno)
        result->file = (struct lc_file_facts){.size = out->size};
}

/* Describe a missing image. In a part of a data set, keep what the merge needs to do so.
 */
static enum lc_status describe_missing(const struct images_stage *stage,
                                       struct image_scratch *scratch,
                                       struct lc_image_facts *facts, struct lc_error *err)
{
    struct lc_missing_facts missing;
    enum lc_status status = lc_missing_look(scratch->missing, facts->path, &missing, err);

    if (status == LC_OK)
        status = lc_missing_describe(scratch->missing, facts->path, &missing,
                                     &facts->nearest, err);
    scratch->hint.size = 0;
    if (status == LC_OK && stage->run->part.count)
        status = lc_missing_encode(&missing, &scratch->hint, err);
    return status;
}

/* Read a file of the image root. */
static enum lc_status read_image(const struct images_stage *stage,
                                 struct image_scratch *scratch,
                                 struct image_result *result, uint64_t max_bytes,
                                 struct lc_image_bytes *out, struct lc_error *err)
{
    struct lc_image_facts *facts = &result->facts;
    const char *path = facts->path.text; /* ends with NUL */
    enum lc_status status =
        lc_folder_read(stage->folder, path, max_bytes, &scratch->bytes, &result->file,
                       &facts->result, &facts->os_errno, err);

    *out = (struct lc_image_bytes){scratch->bytes.data, scratch->bytes.size, NULL};
    if (status == LC_OK && facts->result == LC_READ_MISSING && !facts->outside)
        return describe_missing(stage, scratch, facts, err);
    return status;
}

/* Hash and inspect an image's bytes. Those that it had before are not decoded again. */
static enum lc_status inspect(struct image_scratch *scratch, struct image_result *result,
                              const struct lc_image_bytes *bytes, uint64_t max_memory,
                              struct lc_error *err)
{
    struct lc_image_limits limits = lc_image_limits_default;

    limits.max_memory = max_memory;
    result->content = lc_hash_bytes(bytes->data, bytes->size);
    if (result->cached.is_cached && result->cached.file.size == bytes->size &&
        lc_hash_compare(&result->cached.content, &result->content) == 0) {
        result->facts.info = result->cached.info;
        return LC_OK;
    }
    return lc_image_inspect(scratch->decoders, bytes->data, bytes->size, &limits,
                            &result->facts.info, err);
}

/* Read, hash and inspect one image within limits. */
static enum lc_status measure_within(const struct images_stage *stage,
                                     struct image_scratch *scratch,
                                     struct image_result *result, uint64_t max_bytes,
                                     uint64_t max_memory, struct lc_error *err)
{
    const struct lc_check_options *options = stage->run->options;
    struct lc_image_facts *facts = &result->facts;
    struct lc_image_bytes bytes = {0};
    enum lc_status status = LC_OK;

    facts->info = (struct lc_image_info){0}; /* the first attempt may have set a part */
    result->content = (struct lc_hash){0};
    if (options->get_image)
        get_image(options, result, max_bytes, &bytes);
    else
        status = read_image(stage, scratch, result, max_bytes, &bytes, err);
    if (status == LC_OK && facts->result == LC_READ_OK)
        status = inspect(scratch, result, &bytes, max_memory, err);
    if (options->get_image && options->put_image && !facts->os_errno &&
        facts->result != LC_READ_MISSING)
        options->put_image(options->user, &bytes);
    return status;
}

/* Reuse the facts of a file that is unchanged, by its size, times and inode. */
static bool reuse(const struct images_stage *stage, struct image_result *result)
{
    const struct lc_cached_image *cached = &result->cached;
    struct lc_image_facts *facts = &result->facts;

    if (!cached->is_cached || stage->run->options->get_image)
        return false;
    if (cached->is_current)
        result->file = cached->file;
    else if (!cached->has_trusted_times ||
             stage->run->options->index_mode != LC_INDEX_METADATA ||
             !lc_folder_stat(stage->folder, facts->path.text, &result->file) ||
             !lc_cached_image_is_same_file(cached, &result->file))
        return false;
    facts->result = LC_READ_OK;
    facts->info = cached->info;
    result->content = cached->content;
    return true;
}

static enum lc_status measure(struct images_stage *stage, struct image_scratch *scratch,
                              struct image_result *result, struct lc_error *err)
{
    struct lc_image_facts *facts = &result->facts;
    unsigned sharers = lc_sharers(stage->run->workers);
    enum lc_status status;

    facts->opened = true;
    result->reused = reuse(stage, result);
    if (!result->reused && result->is_archived) { /* a member that could not be read */
        facts->result = result->archived.result;
        facts->os_errno = result->archived.os_errno;
    }
    if (result->reused || result->is_archived)
        return LC_OK;
    status = measure_within(stage, scratch, result, LC_SHARED_FILE_BYTES / sharers,
                            LC_SHARED_MEMORY / sharers, err);
    if (status != LC_OK || !(facts->result == LC_READ_TOO_LARGE || facts->info.limited))
        return status;
    pthread_mutex_lock(&stage->large);
    status = measure_within(stage, scratch, result, LC_MAX_FILE_BYTES,
                            lc_image_limits_default.max_memory, err);
    if (scratch->bytes.capacity > LC_SHARED_FILE_BYTES / sharers * 2)
        lc_buffer_clear(&scratch->bytes);
    lc_image_scratch_trim(scratch->decoders);
    pthread_mutex_unlock(&stage->large);
    return status;
}

static enum lc_status work_image(struct images_stage *stage,
                                 struct image_scratch *scratch, struct image_job *job,
                                 size_t i, struct lc_error *err)
{
    const struct lc_check_options *options = stage->run->options;
    struct image_result *result = &job->results[i];
    struct lc_facts facts = {.image = &result->facts};
    size_t from = job->findings.count;
    enum lc_status status = LC_OK;

    *result = (struct image_result){.cached = result->cached,
                                    .archived = result->archived,
                                    .is_archived = result->is_archived};
    result->facts.path = lc_links_path(stage->links, job->first + (uint32_t)i);
    result->facts.outside = lc_path_outside(result->facts.path);
    scratch->hint.size = 0;
    result->skipped =
        options->no_images || !lc_run_has_image(stage->run, result->facts.path);
    if (result->skipped)
        return LC_OK;
    if (!result->facts.outside ||
        (options->allow_outside && lc_path_openable(result->facts.path)))
        status = measure(stage, scratch, result, err);
    result->hint = job->hints.size;
    result->hint_size = scratch->hint.size;
    if (status == LC_OK)
        status = lc_buffer_add(&job->hints, scratch->hint.data, scratch->hint.size, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_IMAGE, &facts, &job->findings, err);
    result->findings = job->findings.count - from;
    return status;
}

static void work(void *argument, void *scratch, struct lc_job *base)
{
    struct image_job *job = (struct image_job *)base;
    enum lc_status status = LC_OK;

    lc_findings_reset(&job->findings);
    job->hints.size = 0;
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = work_image(argument, scratch, job, i, &base->error);
}

/* ---- the collector ---- */

/* Write to the journal what this run read, in case it is interrupted. A run that reads no
 * images writes the earlier facts instead, because its index will not contain them. */
static enum lc_status write_journal(const struct images_stage *stage,
                                    const struct image_result *result,
                                    const struct lc_image_record *record,
                                    struct lc_error *err)
{
    const struct lc_images_input *input = stage->input;
    const struct lc_cached_image *cached = &result->cached;

    if (stage->run->options->no_images && cached->is_cached && !cached->in_journal)
        return lc_journal_add(input->journal, &cached->record, cached->began_ns, err);
    if (!result->facts.opened || result->facts.result != LC_READ_OK || result->reused ||
        stage->run->options->get_image) /* it is no file, which could be known again */
        return LC_OK;
    return lc_journal_add(input->journal, record, input->start_ns, err);
}

static enum lc_status collect_image(struct images_stage *stage,
                                    const struct image_job *job, size_t i,
                                    const struct lc_finding *findings,
                                    struct lc_error *err)
{
    struct lc_run *run = stage->run;
    const struct image_result *result = &job->results[i];
    uint32_t number = job->first + (uint32_t)i;
    struct lc_image_record record =
        lc_image_record_of(&result->facts, &result->file, &result->content);
    enum lc_status status = LC_OK;

    if (result->skipped)
        record.state = LC_IMAGE_SKIPPED;
    if (result->hint_size) /* for the merge of parts: see lc_missing_encode */
        record.detail =
            (struct lc_span){job->hints.data + result->hint, result->hint_size};
    if (result->is_archived || (result->reused && result->cached.is_current)) {
        const struct lc_image_record *known =
            result->is_archived ? &result->archived.record : &result->cached.record;

        record.archive = known->archive;
        record.offset = known->offset;
    }
    for (size_t k = 0; k < result->findings && status == LC_OK; k++) {
        struct lc_finding_record finding = {
            .kind = LC_FINDING_IMAGE,
            .image = number,
            .row = -1,
            .turn = -1,
        };

        record.faulty |= findings[k].severity == LC_SEVERITY_ERROR;
        status = lc_run_add_finding(run, &job->findings, &findings[k], &finding, err);
    }
    if (status == LC_OK && stage->input->journal)
        status = write_journal(stage, result, &record, err);
    stage->reused += result->reused && !(result->is_archived && result->archived.is_new);
    return status == LC_OK ? lc_tally_add(&stage->tally, number, &record, err) : status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct images_stage *stage = argument;
    const struct image_job *job = (const struct image_job *)base;
    const struct lc_finding *findings = job->findings.items;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < job->count && status == LC_OK; i++) {
        status = collect_image(stage, job, i, findings, err);
        findings += job->results[i].findings;
    }
    if (status != LC_OK)
        return status;
    return lc_run_progress(stage->run, LC_STAGE_IMAGES, job->first + job->count,
                           lc_links_images(stage->links), err);
}

/* Send a notice with the number of images that were not read, if any. */
static void report_reused(const struct images_stage *stage)
{
    const struct lc_check_options *options = stage->run->options;
    char line[160];

    if (!stage->reused || !options->on_notice)
        return;
    snprintf(line, sizeof(line),
             "%" PRIu64 " of %zu images are unchanged: results reused from the index "
             "(--recheck reads them again)",
             stage->reused, lc_links_images(stage->links));
    options->on_notice(options->user, line);
}

enum lc_status lc_images_check(struct lc_run *run, const struct lc_images_input *input,
                               uint8_t *faulty, struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = scratch_new,
        .scratch_free = scratch_free,
        .fill = fill,
        .work = work,
        .collect = collect,
    };
    struct images_stage stage = {
        .run = run,
        .input = input,
        .links = input->links,
    };
    enum lc_status status = lc_folder_open(input->root, &stage.folder, err);

    if (status == LC_OK)
        lc_folder_add_files(stage.folder, &input->archived.files);
    if (status == LC_OK && input->archived.get)
        status = lc_image_cache_empty(&stage.archived, err);
    pthread_mutex_init(&stage.large, NULL);
    lc_missing_begin(&stage.missing, input->links, stage.folder);
    if (status == LC_OK)
        status = lc_tally_begin(&stage.tally, run, input->links, faulty, err);
    if (status == LC_OK)
        status = lc_pipeline_run(&ops, &stage, run->workers, err);
    if (status == LC_OK)
        report_reused(&stage);
    if (status == LC_OK)
        status = lc_tally_end(&stage.tally, err);
    lc_tally_clear(&stage.tally);
    lc_image_cache_close(stage.archived);
    lc_missing_end(&stage.missing);
    pthread_mutex_destroy(&stage.large);
    lc_folder_close(stage.folder);
    return status;
}
