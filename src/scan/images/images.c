#include "scan/images/images.h"

#include "scan/common/depth.h"
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
#include <unistd.h>

/* Images to read are passed to a worker in batches of 4, and images whose facts are
 * reused in batches of 32, because looking at one takes less time than passing it on. The
 * first jobs have one image each, because they show how fast the storage is. */
#define BATCH_IMAGES 32
#define BATCH_COST 32 /* cost limit of a batch */
#define READ_COST 8   /* cost of an image that is read */
#define FIRST_JOBS 256

struct image_result {
    struct lc_cached_image cached;
    bool skipped; /* not to be looked at */
    struct lc_archived_image archived;
    bool is_archived;            /* archived is set: the image is not a file */
    bool reused;                 /* the file is unchanged and was not read */
    struct lc_image_facts facts; /* path points into lc_rows.paths */
    struct lc_file_facts file;
    struct lc_hash content;
    size_t findings;
    size_t hint; /* of a missing image, in a part: offset in the job's hints */
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

/* Buffers for decoding images and for describing missing ones: one for each worker, used
 * with a slot of the depth. */
struct image_tools {
    struct lc_image_scratch *decoders;
    struct lc_missing_scratch *missing;
};

struct images_stage {
    struct lc_run *run;
    const struct lc_images_input *input;
    const struct lc_links *links; /* as in the input */
    struct lc_folder *folder;
    struct lc_missing missing;
    struct lc_depth *depth;
    struct image_tools *tools;       /* by slot */
    pthread_mutex_t large;           /* held while a large image is processed */
    uint32_t next;                   /* the reader's position */
    uint64_t reused;                 /* the collector's */
    struct lc_tally tally;           /* the collector's */
    struct lc_image_cache *archived; /* the reader's, for images in archives */
};

/* What each thread has for itself. */
struct image_scratch {
    struct lc_buffer bytes;
    struct lc_buffer hint;    /* of the last missing image, for the merge of parts */
    struct lc_buffer nearest; /* its description */
    struct lc_depth_read read;
    unsigned slot; /* the slot it had last */
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
    lc_buffer_clear(&scratch->bytes);
    lc_buffer_clear(&scratch->hint);
    lc_buffer_clear(&scratch->nearest);
    free(scratch);
}

static enum lc_status scratch_new(void *stage, void **out, struct lc_error *err)
{
    (void)stage;
    *out = calloc(1, sizeof(struct image_scratch));
    return *out ? LC_OK : lc_fail_memory(err);
}

static enum lc_status tools_new(struct images_stage *stage, struct lc_error *err)
{
    unsigned workers = stage->run->workers;
    enum lc_status status = LC_OK;

    stage->tools = calloc(workers, sizeof(*stage->tools));
    if (!stage->tools)
        return lc_fail_memory(err);
    for (unsigned i = 0; i < workers && status == LC_OK; i++) {
        status = lc_missing_scratch_new(&stage->missing, &stage->tools[i].missing, err);
        if (status == LC_OK)
            status = lc_image_scratch_new(&stage->tools[i].decoders, err);
    }
    return status;
}

static void tools_free(struct images_stage *stage)
{
    for (unsigned i = 0; stage->tools && i < stage->run->workers; i++) {
        lc_image_scratch_free(stage->tools[i].decoders);
        lc_missing_scratch_free(stage->tools[i].missing);
    }
    free(stage->tools);
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
    unsigned most = base->number < FIRST_JOBS ? 1 : BATCH_COST, cost = 0;

    job->first = stage->next;
    job->count = 0;
    while (job->count < left && job->count < BATCH_IMAGES && cost < most) {
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

/* Get the bytes of an image from the caller; return false if the image is a file. */
static bool get_image(const struct lc_check_options *options, struct image_result *result,
                      uint64_t max_bytes, struct lc_image_bytes *out)
{
    struct lc_image_facts *facts = &result->facts;
    int found = options->get_image(options->user, facts->path.text, out);

    if (found == LC_IMAGE_IS_FILE)
        return false;
    facts->os_errno = found;
    facts->result = facts->os_errno == ENOENT ? LC_READ_MISSING
                    : facts->os_errno         ? LC_READ_FAILED
                    : out->size > max_bytes   ? LC_READ_TOO_LARGE
                                              : LC_READ_OK;
    if (facts->result == LC_READ_MISSING)
        facts->os_errno = 0;
    if (!facts->os_errno)
        result->file = (struct lc_file_facts){.size = out->size};
    return true;
}

/* Describe a missing image. The text is copied, because others use the tools before it is
 * needed. In a part of a data set, keep what the merge needs to describe it. */
static enum lc_status describe_missing(const struct images_stage *stage,
                                       const struct image_tools *tools,
                                       struct image_scratch *scratch,
                                       struct lc_image_facts *facts, struct lc_error *err)
{
    struct lc_missing_facts missing;
    const char *text = NULL;
    enum lc_status status = lc_missing_look(tools->missing, facts->path, &missing, err);

    if (status == LC_OK)
        status = lc_missing_look_at_more(tools->missing, facts->path, &missing, err);
    if (status == LC_OK)
        status = lc_missing_describe(tools->missing, facts->path, &missing, &text, err);
    scratch->nearest.size = 0;
    if (status == LC_OK && text)
        status = lc_buffer_add(&scratch->nearest, text, strlen(text) + 1, err);
    facts->nearest = status == LC_OK && text ? scratch->nearest.data : NULL;
    scratch->hint.size = 0;
    if (status == LC_OK && stage->run->part.count)
        status = lc_missing_encode(&missing, &scratch->hint, err);
    return status;
}

/* Read a file of the image root. *held is set to the amount of memory reserved for it. */
static enum lc_status read_image(const struct images_stage *stage,
                                 struct image_scratch *scratch,
                                 struct image_result *result, uint64_t max_bytes,
                                 uint64_t *held, struct lc_error *err)
{
    struct lc_image_facts *facts = &result->facts;
    const char *path = facts->path.text; /* ends with NUL */
    int fd = -1;
    enum lc_status status;

    facts->os_errno = lc_run_bring(stage->run, stage->input->root, path);
    if (facts->os_errno) {
        facts->result = facts->os_errno == EACCES ? LC_READ_NOT_ALLOWED : LC_READ_FAILED;
        return LC_OK;
    }
    status = lc_folder_open_file(stage->folder, path, &fd, &result->file, &facts->result,
                                 &facts->os_errno, err);
    if (status == LC_OK && facts->result == LC_READ_OK) {
        if (max_bytes < LC_MAX_FILE_BYTES && result->file.size <= max_bytes)
            *held = lc_depth_reserve(stage->depth, &scratch->read, result->file.size);
        status = lc_folder_read_file(fd, max_bytes, &scratch->bytes, &result->file,
                                     &facts->result, &facts->os_errno, err);
    }
    if (fd >= 0)
        close(fd);
    lc_run_return(stage->run, stage->input->root, path);
    return status;
}

/* Hash and inspect an image's bytes. If they are unchanged, they are not decoded
 * again. */
static enum lc_status inspect(const struct image_tools *tools,
                              struct image_result *result,
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
    return lc_image_inspect(tools->decoders, bytes->data, bytes->size, &limits,
                            &result->facts.info, err);
}

/* Finish an image that was read, or could not be read, while holding a slot. */
static enum lc_status judge(const struct images_stage *stage,
                            struct image_scratch *scratch, struct image_result *result,
                            const struct lc_image_bytes *bytes, uint64_t max_memory,
                            struct lc_error *err)
{
    struct lc_image_facts *facts = &result->facts;
    bool is_missing = facts->result == LC_READ_MISSING && !facts->outside &&
                      !stage->run->options->get_image;
    const struct image_tools *tools;
    enum lc_status status = LC_OK;

    if (facts->result != LC_READ_OK && !is_missing)
        return LC_OK;
    scratch->slot = lc_depth_enter(stage->depth, scratch->slot);
    tools = &stage->tools[scratch->slot];
    if (is_missing)
        status = describe_missing(stage, tools, scratch, facts, err);
    else
        status = inspect(tools, result, bytes, max_memory, err);
    if (max_memory == lc_image_limits_default.max_memory)
        lc_image_scratch_trim(tools->decoders);
    lc_depth_leave(stage->depth, scratch->slot);
    return status;
}

/* Read, hash and inspect one file within limits. */
static enum lc_status measure_file(const struct images_stage *stage,
                                   struct image_scratch *scratch,
                                   struct image_result *result, uint64_t max_bytes,
                                   uint64_t max_memory, struct lc_error *err)
{
    uint64_t held = 0;
    struct lc_image_bytes bytes;
    enum lc_status status;

    lc_depth_begin(stage->depth, &scratch->read);
    scratch->bytes.size = 0;
    status = read_image(stage, scratch, result, max_bytes, &held, err);
    lc_depth_end(stage->depth, &scratch->read, scratch->bytes.size);
    bytes = (struct lc_image_bytes){scratch->bytes.data, scratch->bytes.size, NULL};
    if (status == LC_OK)
        status = judge(stage, scratch, result, &bytes, max_memory, err);
    if (scratch->bytes.capacity > lc_depth_kept_bytes(stage->depth))
        lc_buffer_clear(&scratch->bytes);
    lc_depth_release(stage->depth, held);
    return status;
}

/* Hash and inspect one image from the caller within limits. */
static enum lc_status measure_bytes(const struct images_stage *stage,
                                    struct image_scratch *scratch,
                                    struct image_result *result, uint64_t max_bytes,
                                    uint64_t max_memory, struct lc_error *err)
{
    const struct lc_check_options *options = stage->run->options;
    struct lc_image_facts *facts = &result->facts;
    struct lc_image_bytes bytes = {0};
    bool is_file;
    enum lc_status status;

    if (options->io_depth) /* otherwise as many threads as workers call it */
        lc_depth_begin(stage->depth, &scratch->read);
    is_file = !get_image(options, result, max_bytes, &bytes);
    if (options->io_depth)
        lc_depth_end(stage->depth, &scratch->read, bytes.size);
    if (is_file)
        return measure_file(stage, scratch, result, max_bytes, max_memory, err);
    status = judge(stage, scratch, result, &bytes, max_memory, err);
    if (options->put_image && !facts->os_errno && facts->result != LC_READ_MISSING)
        options->put_image(options->user, &bytes);
    return status;
}

static enum lc_status measure_within(const struct images_stage *stage,
                                     struct image_scratch *scratch,
                                     struct image_result *result, uint64_t max_bytes,
                                     uint64_t max_memory, struct lc_error *err)
{
    /* the first attempt may have set some members */
    result->facts.info = (struct lc_image_info){0};
    result->content = (struct lc_hash){0};
    return (stage->run->options->get_image ? measure_bytes : measure_file)(
        stage, scratch, result, max_bytes, max_memory, err);
}

/* Get the facts of a file without opening it. */
static bool stat_file(const struct images_stage *stage, struct image_scratch *scratch,
                      const char *path, struct lc_file_facts *out)
{
    bool is_there;

    lc_depth_begin(stage->depth, &scratch->read);
    is_there = lc_folder_stat(stage->folder, path, out);
    lc_depth_end(stage->depth, &scratch->read, 0);
    return is_there;
}

/* Reuse the facts of a file that is unchanged according to its size, times and inode. */
static bool reuse(const struct images_stage *stage, struct image_scratch *scratch,
                  struct image_result *result)
{
    const struct lc_cached_image *cached = &result->cached;
    struct lc_image_facts *facts = &result->facts;

    if (!cached->is_cached || stage->run->options->get_image)
        return false;
    if (cached->is_current)
        result->file = cached->file;
    else if (!cached->has_trusted_times ||
             stage->run->options->index_mode != LC_INDEX_METADATA ||
             !stat_file(stage, scratch, facts->path.text, &result->file) ||
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
    result->reused = reuse(stage, scratch, result);
    if (!result->reused && result->is_archived) { /* an unreadable member */
        facts->result = result->archived.result;
        facts->os_errno = result->archived.os_errno;
        facts->nearest = result->archived.why;
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
    pthread_mutex_unlock(&stage->large);
    return status;
}

static enum lc_status check_image(struct images_stage *stage,
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
    result->facts.is_member = stage->input->archived.are_all;
    if (!result->facts.is_member)
        result->facts.outside = lc_path_outside(result->facts.path);
    scratch->hint.size = 0;
    result->skipped =
        options->no_images ||
        (!result->is_archived && !lc_run_has_image(stage->run, result->facts.path));
    if (result->skipped)
        return LC_OK;
    if (!result->facts.outside ||
        (options->allow_outside && lc_path_openable(result->facts.path)))
        status = measure(stage, scratch, result, err);
    else if (!options->get_image && lc_path_foreign(result->facts.path))
        result->facts.absent =
            !lc_folder_stat(stage->folder, result->facts.path.text, &result->file);
    result->hint = job->hints.size;
    result->hint_size = scratch->hint.size;
    if (status == LC_OK)
        status = lc_buffer_add(&job->hints, scratch->hint.data, scratch->hint.size, err);
    if (result->archived.is_elsewhere && result->facts.opened &&
        result->facts.result == LC_READ_MISSING)
        result->skipped = true; /* the merge will know whether an archive contains it */
    else if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_IMAGE, &facts, &job->findings, err);
    result->findings = job->findings.count - from;
    return status;
}

static void check_job(void *argument, void *scratch, struct lc_job *base)
{
    struct image_job *job = (struct image_job *)base;
    enum lc_status status = LC_OK;

    lc_findings_reset(&job->findings);
    job->hints.size = 0;
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = check_image(argument, scratch, job, i, &base->error);
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
        stage->run->options->get_image) /* not a file that could be known again */
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
    if (run->part.count && result->is_archived && result->archived.result != LC_READ_OK)
        record.detail =
            lc_image_result_text(result->archived.result, result->archived.why);
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
    stage->run->reused = stage->reused;
    stage->run->files_at_once = lc_depth_wanted(stage->depth);
    return lc_run_progress(stage->run, LC_STAGE_IMAGES, job->first + job->count,
                           lc_links_images(stage->links), err);
}

/* Report how many files were read at once, if more than are decoded at once. */
static void report_depth(const struct lc_run *run, struct lc_depth *depth)
{
    char number[16];

    if (run->options->io_depth || lc_depth_peak(depth) == run->workers)
        return;
    snprintf(number, sizeof(number), "%u", lc_depth_peak(depth));
    lc_run_report_choice(run, "files read at once", number);
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
        .work = check_job,
        .collect = collect,
    };
    static const struct lc_more_files none;
    struct images_stage stage = {
        .run = run,
        .input = input,
        .links = input->links,
    };
    enum lc_status status = lc_folder_open(input->root, &stage.folder, err);

    if (status == LC_OK && input->archived.get)
        status = lc_image_cache_empty(&stage.archived, err);
    pthread_mutex_init(&stage.large, NULL);
    /* in a part, the description of a missing image depends on files alone */
    lc_missing_begin(&stage.missing, input->links, stage.folder,
                     run->part.count ? &none : &input->archived.files);
    if (status == LC_OK)
        status = lc_tally_begin(&stage.tally, run, input->links, faulty, err);
    if (status == LC_OK)
        status = lc_depth_new(run->workers, run->options->io_depth, LC_SHARED_FILE_BYTES,
                              &stage.depth, err);
    if (status == LC_OK)
        status = tools_new(&stage, err);
    if (status == LC_OK)
        status = lc_pipeline_run_deep(&ops, &stage, stage.depth, err);
    if (status == LC_OK)
        report_depth(run, stage.depth);
    if (status == LC_OK)
        report_reused(&stage);
    if (input->archived.end)
        input->archived.end(input->archived.user);
    if (status == LC_OK)
        status = lc_tally_end(&stage.tally, err);
    lc_tally_clear(&stage.tally);
    lc_image_cache_close(stage.archived);
    tools_free(&stage);
    lc_depth_free(stage.depth);
    lc_missing_end(&stage.missing);
    pthread_mutex_destroy(&stage.large);
    lc_folder_close(stage.folder);
    return status;
}
