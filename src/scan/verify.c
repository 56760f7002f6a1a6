/* lc_verify: reads every file of an index again, once, and compares the hashes */
#include "base/options.h"
#include "base/path.h"
#include "dataset/shard.h"
#include "llava_check/verify.h"
#include "scan/archives/again.h"
#include "scan/common/depth.h"
#include "scan/common/pipeline.h"
#include "scan/common/run.h"
#include "scan/open.h"
#include "scan/prove.h"
#include "store/folder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_FILES 4

/* A file of the index that is being verified. */
struct verified_file {
    uint32_t number; /* in its table */
    size_t path;     /* offset of its NUL-terminated path in the job's text */
    bool archived;   /* a member of an archive, read together with it */
    bool is_shard;   /* rows in a WebDataset shard, whose texts are hashed */
    bool outside;    /* not inside the image root */
    bool attempted;  /* it was read again, or reading it failed */
    struct lc_again_facts facts;
    size_t findings;
};

struct verify_job {
    struct lc_job job;
    size_t count;
    struct verified_file files[BATCH_FILES];
    struct lc_buffer text; /* paths */
    struct lc_findings findings;
};

struct verify_stage {
    struct lc_run run;
    const struct lc_verify_options *options;
    const struct lc_index *index; /* used only by the reader, until it has ended */
    const struct lc_summary *known;
    struct lc_folder *data;
    struct lc_folder *images;
    struct lc_depth *depth;
    uint64_t next; /* the reader's position: rows files, then images */
    /* the collector's */
    struct lc_findings findings; /* of the current image in an archive */
    struct lc_verification counts;
    uint8_t *faulty_rows; /* by row number; the two below by theirs */
    uint8_t *faulty_files;
    uint8_t *faulty_images;
    uint64_t rows_bytes; /* bytes of all rows files, according to the index */
    uint64_t rows_done;
};

struct verify_scratch {
    struct lc_hasher *hasher;
    struct lc_buffer bytes;
    struct lc_depth_read read;
};

static struct lc_job *job_new(void)
{
    struct verify_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct verify_job *job = (struct verify_job *)base;

    if (!job)
        return;
    lc_buffer_clear(&job->text);
    lc_findings_clear(&job->findings);
    free(job);
}

static void scratch_free(void *argument)
{
    struct verify_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_hasher_free(scratch->hasher);
    lc_buffer_clear(&scratch->bytes);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    struct verify_scratch *scratch = calloc(1, sizeof(*scratch));

    (void)argument;
    *out = scratch;
    if (scratch)
        scratch->hasher = lc_hasher_new();
    return scratch && scratch->hasher ? LC_OK : lc_fail_memory(err);
}

static bool has_hash(const struct lc_hash *hash)
{
    return lc_hash_compare(hash, &(struct lc_hash){{0}}) != 0;
}

/* ---- the reader ---- */

static enum lc_status get_rows_file(const struct verify_stage *stage, uint32_t number,
                                    struct verified_file *out, struct lc_span *path,
                                    struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_file(stage->index, number, &file, err);

    out->facts.rows = true;
    out->is_shard = lc_span_is(file.dialect, LC_SHARD_DIALECT);
    out->facts.was = file.content;
    out->facts.then = (struct lc_file_facts){file.size, file.mtime_ns, file.ctime_ns,
                                             file.inode, file.device};
    *path = file.name;
    return status;
}

static enum lc_status get_image(const struct verify_stage *stage, uint32_t number,
                                struct verified_file *out, struct lc_span *path,
                                struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status = lc_index_get_image(stage->index, number, &image, err);

    if (status != LC_OK)
        return status;
    out->facts.was = image.content;
    out->facts.then = (struct lc_file_facts){image.size, image.mtime_ns, image.ctime_ns,
                                             image.inode, image.device};
    *path = image.path;
    out->outside = lc_path_outside(*path);
    /* a genuine index has no hash for a path that cannot be opened */
    if (!image.archive && !lc_path_openable(*path))
        out->facts.was = (struct lc_hash){0};
    out->archived = image.archive && has_hash(&out->facts.was);
    return LC_OK;
}

static enum lc_status add_file(struct verify_stage *stage, struct verify_job *job,
                               struct lc_error *err)
{
    struct verified_file *file = &job->files[job->count];
    uint64_t files = stage->known->rows_files, number = stage->next;
    struct lc_span path = {0};
    enum lc_status status;

    *file = (struct verified_file){.path = job->text.size};
    file->number = (uint32_t)(number < files ? number : number - files);
    if (number < files)
        status = get_rows_file(stage, file->number, file, &path, err);
    else
        status = get_image(stage, file->number, file, &path, err);
    file->facts.last_seen_ns = lc_index_info(stage->index)->began_ns;
    if (status == LC_OK)
        status = lc_buffer_add(&job->text, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&job->text, "", 1, err);
    stage->next++;
    job->count++;
    return status;
}

static bool fill(void *argument, struct lc_job *base)
{
    struct verify_stage *stage = argument;
    struct verify_job *job = (struct verify_job *)base;
    uint64_t files = stage->known->rows_files;
    uint64_t all = files + stage->known->images_referenced;
    enum lc_status status = LC_OK;

    job->count = 0;
    job->text.size = 0;
    while (status == LC_OK && job->count < BATCH_FILES && stage->next < all) {
        status = add_file(stage, job, &base->error);
        if (stage->next <= files)
            break; /* a rows file is large: a job of its own */
    }
    return job->count > 0;
}

/* ---- the workers ---- */

/* Report an image that cannot be read now, as a check would. */
static enum lc_status check_readable(const struct verified_file *file,
                                     struct lc_findings *out, struct lc_error *err)
{
    struct lc_image_facts image = {
        .opened = true, .result = file->facts.result, .os_errno = file->facts.os_errno};
    struct lc_facts facts = {.image = &image};

    if (file->facts.rows ||
        (image.result != LC_READ_NOT_REGULAR && image.result != LC_READ_NOT_ALLOWED &&
         image.result != LC_READ_FAILED))
        return LC_OK;
    return lc_rules_check(LC_SCOPE_IMAGE, &facts, out, err);
}

/* Hash the rows of a shard; its images are verified separately. */
static enum lc_status hash_shard(const struct lc_folder *folder, const char *path,
                                 struct lc_hasher *hasher, struct lc_again_facts *again,
                                 struct lc_error *err)
{
    const struct lc_sample *sample = NULL;
    struct lc_shard *shard = NULL;
    int fd = -1;
    enum lc_status status = lc_folder_open_file(folder, path, &fd, &again->now,
                                                &again->result, &again->os_errno, err);

    if (status != LC_OK || again->result != LC_READ_OK) {
        if (fd >= 0)
            close(fd);
        return status;
    }
    status = lc_shard_open_file(fd, path, &shard, err);
    while (status == LC_OK) {
        status = lc_shard_next(shard, &sample, err);
        if (status != LC_OK || !sample)
            break;
        lc_shard_hash(hasher, sample);
    }
    lc_shard_close(shard);
    return status;
}

static enum lc_status verify_file(const struct verify_stage *stage,
                                  struct verify_scratch *scratch, struct verify_job *job,
                                  struct verified_file *file, struct lc_error *err)
{
    struct lc_again_facts *again = &file->facts;
    const struct lc_folder *folder = again->rows ? stage->data : stage->images;
    struct lc_facts facts = {.again = again};
    size_t from = job->findings.count;
    enum lc_status status;

    if (file->archived || !has_hash(&again->was) ||
        (file->outside && !stage->options->allow_outside))
        return LC_OK;
    file->attempted = true;
    lc_depth_begin(stage->depth, &scratch->read);
    if (file->is_shard)
        status =
            hash_shard(folder, job->text.data + file->path, scratch->hasher, again, err);
    else
        status = lc_folder_hash(folder, job->text.data + file->path, again->then.size,
                                scratch->hasher, &scratch->bytes, &again->now,
                                &again->result, &again->os_errno, err);
    lc_depth_end(stage->depth, &scratch->read, again->now.size);
    again->is = lc_hasher_finish(scratch->hasher);
    if (status == LC_OK)
        status = check_readable(file, &job->findings, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_AGAIN, &facts, &job->findings, err);
    file->findings = job->findings.count - from;
    return status;
}

static void verify_job_files(void *argument, void *scratch, struct lc_job *base)
{
    struct verify_job *job = (struct verify_job *)base;
    enum lc_status status = LC_OK;

    lc_findings_reset(&job->findings);
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = verify_file(argument, scratch, job, &job->files[i], &base->error);
}

/* ---- the collector ---- */

/* The counter for a file, by the result of reading it again. */
static uint64_t *get_counter(struct lc_verified *counts,
                             const struct lc_again_facts *again)
{
    switch (again->result) {
    case LC_READ_MISSING:
        return &counts->gone;
    case LC_READ_NOT_REGULAR:
    case LC_READ_NOT_ALLOWED:
    case LC_READ_FAILED:
        return &counts->unreadable;
    case LC_READ_TOO_LARGE:
    case LC_READ_CHANGED:
        return &counts->replaced;
    case LC_READ_OK:
        break;
    }
    if (lc_hash_compare(&again->is, &again->was) == 0)
        return &counts->same;
    return again->now.size == again->then.size &&
                   again->now.mtime_ns == again->then.mtime_ns
               ? &counts->changed
               : &counts->replaced;
}

static void count_file(struct lc_verification *all, const struct verified_file *file)
{
    const struct lc_again_facts *again = &file->facts;
    struct lc_verified *counts = again->rows ? &all->rows_files : &all->images;
    uint64_t *count = get_counter(counts, again);

    if (file->archived && !file->attempted)
        return; /* counted with its archive */
    if (!file->attempted) {
        all->images_outside += has_hash(&again->was);
        all->images_unknown += !has_hash(&again->was);
        return;
    }
    counts->files++;
    ++*count;
    if (again->result == LC_READ_OK)
        counts->bytes += again->now.size;
    if (count == &counts->same && again->now.mtime_ns != again->then.mtime_ns)
        counts->touched++;
}

static enum lc_status collect_file(struct verify_stage *stage,
                                   const struct lc_findings *all,
                                   const struct verified_file *file,
                                   const struct lc_finding *findings,
                                   struct lc_error *err)
{
    uint8_t *faulty = file->facts.rows ? stage->faulty_files : stage->faulty_images;
    enum lc_status status = LC_OK;

    count_file(&stage->counts, file);
    for (size_t i = 0; i < file->findings && status == LC_OK; i++) {
        struct lc_finding_record record = {.row = -1, .turn = -1};

        if (file->facts.rows) {
            record.kind = LC_FINDING_ROW;
            record.file = file->number;
            record.line = record.column = 1;
        } else {
            record.kind = LC_FINDING_IMAGE;
            record.image = file->number;
        }
        faulty[file->number] |= findings[i].severity == LC_SEVERITY_ERROR;
        status = lc_run_add_finding(&stage->run, all, &findings[i], &record, err);
    }
    return status;
}

/* Count an image that was read with its archive, and report it. */
static enum lc_status collect_member(void *user, uint32_t image,
                                     const struct lc_again_facts *again,
                                     struct lc_error *err)
{
    struct verify_stage *stage = user;
    struct verified_file file = {
        .number = image, .archived = true, .attempted = true, .facts = *again};
    struct lc_facts facts = {.again = &file.facts};
    enum lc_status status;

    lc_findings_reset(&stage->findings);
    status = check_readable(&file, &stage->findings, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_AGAIN, &facts, &stage->findings, err);
    file.findings = stage->findings.count;
    return status == LC_OK
               ? collect_file(stage, &stage->findings, &file, stage->findings.items, err)
               : status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct verify_stage *stage = argument;
    const struct verify_job *job = (const struct verify_job *)base;
    const struct lc_finding *findings = job->findings.items;
    const struct verified_file *last = &job->files[job->count - 1];
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < job->count && status == LC_OK; i++) {
        status = collect_file(stage, &job->findings, &job->files[i], findings, err);
        findings += job->files[i].findings;
    }
    stage->run.summary.image_bytes = stage->counts.images.bytes;
    if (status != LC_OK)
        return status;
    if (!last->facts.rows)
        return lc_run_progress(&stage->run, LC_STAGE_IMAGES, (uint64_t)last->number + 1,
                               stage->known->images_referenced, err);
    stage->rows_done += last->facts.then.size;
    return lc_run_progress(&stage->run, LC_STAGE_ROWS, stage->rows_done,
                           stage->rows_bytes, err);
}

/* ---- the whole verification ---- */

/* Whether to stay within the data folder: an index from a stranger could name any file of
 * the user's. */
static bool is_bound(const struct verify_stage *stage)
{
    return lc_index_is_suspect(stage->index) && !stage->options->allow_outside;
}

/* Open the image root: the one that the user named, or else the indexed one, which is
 * relative to the data folder and, if bound, must be inside it. */
static enum lc_status open_images(const struct lc_run *run, struct lc_span known,
                                  const char *requested, const char *data, bool bound,
                                  struct lc_folder **out, struct lc_error *err)
{
    char *name = NULL, *path = NULL;
    enum lc_status status = LC_OK;

    if (requested) {
        status = lc_path_normalize(requested, &path, err);
    } else {
        name = strndup(known.text ? known.text : "", known.size);
        status = name ? lc_path_join(data, name, &path, err) : lc_fail_memory(err);
    }
    if (status == LC_OK && !requested && bound && lc_path_resolves_outside(data, path))
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "its index may have come with the data, and names an image root "
                         "outside of the data folder; confirm it with --images");
    if (status == LC_OK) {
        lc_run_report_choice(run, "image root", path);
        status = lc_folder_open(path, out, err);
        if (status != LC_OK && err)
            err->subject = LC_SUBJECT_IMAGES;
    }
    free(name);
    free(path);
    return status;
}

/* Refuse an archive outside the data folder if the index may come from a stranger. */
static enum lc_status check_bound(void *user, uint32_t number,
                                  const struct lc_archive_record *archive,
                                  struct lc_error *err)
{
    const struct verify_stage *stage = user;

    (void)number;
    if (!is_bound(stage) || !lc_path_outside(archive->name))
        return LC_OK;
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "its index may have come with the data, and names an archive outside "
                   "of the data folder; allow it with --allow-outside");
}

/* Start an index for the result. It gets only findings and counts; rows and images stay
 * in the index that is being verified. */
static enum lc_status prepare(struct verify_stage *stage, struct lc_error *err)
{
    struct lc_summary *summary = &stage->run.summary;
    enum lc_status status = LC_OK;

    stage->known = lc_index_summary(stage->index);
    *summary = *stage->known;
    memset(summary->findings, 0, sizeof(summary->findings));
    summary->images_unverified = 0;
    summary->image_bytes = 0;
    stage->faulty_rows = calloc(summary->rows + 1, 1);
    stage->faulty_files = calloc(summary->rows_files + 1, 1);
    stage->faulty_images = calloc(summary->images_referenced + 1, 1);
    if (!stage->faulty_rows || !stage->faulty_files || !stage->faulty_images)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < summary->rows_files && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(stage->index, i, &file, err);
        if (status == LC_OK && is_bound(stage) && lc_path_outside(file.name))
            status =
                lc_fail(err, LC_ERR_USAGE, 0,
                        "its index may have come with the data, and names a rows file "
                        "outside of the data folder; allow it with --allow-outside");
        stage->rows_bytes += file.size;
    }
    if (status == LC_OK)
        status = lc_index_each_archive(stage->index, check_bound, stage, err);
    if (status == LC_OK)
        status = lc_index_create(NULL, NULL, &stage->run.writer, err);
    if (status == LC_OK)
        status = lc_index_add_info(stage->run.writer, lc_index_info(stage->index), err);
    return status == LC_OK
               ? lc_index_add_statistics(stage->run.writer,
                                         lc_index_statistics(stage->index), err)
               : status;
}

static void mark_row(void *user, uint64_t row)
{
    struct verify_stage *stage = user;

    if (row < stage->known->rows)
        stage->faulty_rows[row] = 1;
}

/* Mark the rows with an error in their file or in one of their images. */
static enum lc_status mark_rows(struct verify_stage *stage, struct lc_error *err)
{
    const struct lc_summary *known = stage->known;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < known->rows_files && status == LC_OK; i++)
        if (stage->faulty_files[i])
            status = lc_index_each_row_of_file(stage->index, i, mark_row, stage, err);
    for (uint32_t i = 0; i < known->images_referenced && status == LC_OK; i++)
        if (stage->faulty_images[i])
            status = lc_index_each_row_of_image(stage->index, i, mark_row, stage, err);
    return status;
}

static enum lc_status finish_index(struct verify_stage *stage, struct lc_index **out,
                                   struct lc_error *err)
{
    struct lc_summary *summary = &stage->run.summary;
    struct lc_index_writer *writer = stage->run.writer;
    enum lc_status status = mark_rows(stage, err);

    summary->images = stage->counts.images.same + stage->counts.images.changed +
                      stage->counts.images.replaced;
    summary->images_ok = stage->counts.images.same;
    summary->images_skipped = stage->counts.images_unknown + stage->counts.images_outside;
    summary->image_bytes = stage->counts.images.bytes;
    if (status == LC_OK)
        status = lc_run_store_summary(&stage->run, stage->faulty_rows, err);
    if (status != LC_OK)
        return status;
    stage->run.writer = NULL;
    return lc_index_finish(writer, NULL, out, err);
}

static void clear_stage(struct verify_stage *stage)
{
    lc_index_abandon(stage->run.writer);
    lc_depth_free(stage->depth);
    lc_folder_close(stage->data);
    lc_folder_close(stage->images);
    free(stage->faulty_rows);
    free(stage->faulty_files);
    free(stage->faulty_images);
    lc_findings_clear(&stage->findings);
}

/* Verify the files of an open index. */
static enum lc_status verify(const struct lc_verify_options *options,
                             const struct lc_index *index, const char *data,
                             struct lc_index **out, struct lc_verification *counts,
                             struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = scratch_new,
        .scratch_free = scratch_free,
        .fill = fill,
        .work = verify_job_files,
        .collect = collect,
    };
    const struct lc_check_options listener = {.user = options->user,
                                              .on_progress = options->on_progress,
                                              .on_choice = options->on_choice,
                                              .is_stopped = options->is_stopped};
    struct verify_stage stage = {
        .run = {.options = &listener, .workers = lc_run_workers(options->threads)},
        .options = options,
        .index = index,
    };
    enum lc_status status = lc_folder_open(data, &stage.data, err);

    if (status == LC_OK)
        status = open_images(&stage.run, lc_index_info(index)->image_folder,
                             options->images, data, is_bound(&stage), &stage.images, err);
    if (status == LC_OK)
        status = prepare(&stage, err);
    if (status == LC_OK)
        lc_run_report_workers(&stage.run);
    if (status == LC_OK)
        status = lc_depth_new(stage.run.workers, options->io_depth, 0, &stage.depth, err);
    if (status == LC_OK)
        status = lc_pipeline_run_deep(&ops, &stage, stage.depth, err);
    if (status == LC_OK)
        status =
            lc_archives_hash(&stage.run, index, stage.data, collect_member, &stage, err);
    if (status == LC_OK)
        status = finish_index(&stage, out, err);
    *counts = stage.counts;
    clear_stage(&stage);
    return status;
}

enum lc_status lc_verify(const struct lc_verify_options *options, struct lc_index **out,
                         struct lc_error *err)
{
    struct lc_verify_options own;
    struct lc_index *index = NULL, *result = NULL;
    struct lc_verification counts = {{0}, {0}, 0, 0};
    char *data = NULL;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path_count, err);

    if (status == LC_OK && (own.download || own.manifest || own.against))
        return lc_prove(&own, out, err);
    /* this checks the seal, so a damaged index is not mistaken for damaged files */
    if (status == LC_OK)
        status =
            lc_open_index_of(own.paths, own.path_count, own.index, &data, &index, err);
    if (status == LC_OK)
        status = verify(&own, index, data, &result, &counts, err);
    if (status == LC_OK) {
        lc_index_set_base(result, index, &counts);
        *out = result;
        index = NULL;
    }
    lc_index_close(index);
    free(data);
    return status;
}
