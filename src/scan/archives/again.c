#include "scan/archives/again.h"

#include "archive/archive.h"
#include "base/hash.h"
#include "scan/common/pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)

/* An image in an archive. */
struct member {
    uint32_t archive;
    uint32_t image;
    uint64_t offset;
    struct lc_again_facts facts;
};

/* One archive. */
struct again_job {
    struct lc_job job;
    uint32_t number;
    char *name;
    struct member *members; /* of the stage's */
    size_t count;
};

struct again_stage {
    struct lc_run *run;
    const struct lc_index *index; /* the reader's */
    const struct lc_folder *data;
    struct member *members; /* sorted by archive, then offset */
    size_t count, capacity;
    size_t next; /* the reader's */
    lc_member_again_fn *each;
    void *user;
};

struct again_scratch {
    struct lc_hasher *hasher;
    char *piece;
};

static struct lc_job *job_new(void)
{
    struct again_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct again_job *job = (struct again_job *)base;

    if (!job)
        return;
    free(job->name);
    free(job);
}

static void scratch_free(void *argument)
{
    struct again_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_hasher_free(scratch->hasher);
    free(scratch->piece);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    struct again_scratch *scratch = calloc(1, sizeof(*scratch));

    (void)argument;
    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    scratch->hasher = lc_hasher_new();
    scratch->piece = malloc(PIECE);
    return scratch->hasher && scratch->piece ? LC_OK : lc_fail_memory(err);
}

/* ---- the reader ---- */

static bool fill(void *argument, struct lc_job *base)
{
    struct again_stage *stage = argument;
    struct again_job *job = (struct again_job *)base;
    struct lc_archive_record archive = {0};
    size_t from = stage->next;

    if (from == stage->count)
        return false;
    job->number = stage->members[from].archive;
    while (stage->next < stage->count &&
           stage->members[stage->next].archive == job->number)
        stage->next++;
    job->members = stage->members + from;
    job->count = stage->next - from;
    free(job->name);
    job->name = NULL;
    if (lc_index_get_archive(stage->index, job->number, &archive, &base->error) ==
        LC_OK) {
        job->name = strndup(archive.name.text, archive.name.size);
        if (!job->name)
            base->error.status = lc_fail_memory(&base->error);
    }
    return true;
}

/* ---- the workers ---- */

static enum lc_status hash_member(struct lc_archive *archive,
                                  struct again_scratch *scratch, struct member *member,
                                  const struct lc_file_facts *file, struct lc_error *err)
{
    struct lc_again_facts *facts = &member->facts;
    size_t got = 1;
    enum lc_status status = LC_OK;

    facts->now = *file;
    facts->now.size = 0;
    while (status == LC_OK && got) {
        status = lc_archive_read(archive, scratch->piece, PIECE, &got, err);
        if (status == LC_OK)
            lc_hasher_update(scratch->hasher, scratch->piece, got);
        facts->now.size += status == LC_OK ? got : 0;
    }
    facts->is = lc_hasher_finish(scratch->hasher);
    facts->result = LC_READ_OK;
    return status;
}

/* Hash the members of an open archive that are images. */
static enum lc_status hash_members(struct lc_archive *archive,
                                   struct again_scratch *scratch, struct again_job *job,
                                   const struct lc_file_facts *file, struct lc_error *err)
{
    const struct lc_member *found = NULL;
    enum lc_status status;

    while ((status = lc_archive_next(archive, &found, err)) == LC_OK && found) {
        size_t low = 0, high = job->count;

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (job->members[middle].offset < found->data)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == job->count || job->members[low].offset != found->data)
            continue;
        status = hash_member(archive, scratch, &job->members[low], file, err);
        if (status != LC_OK)
            return status;
        /* two paths of one member */
        for (size_t i = low + 1; i < job->count && job->members[i].offset == found->data;
             i++) {
            job->members[i].facts.now = job->members[low].facts.now;
            job->members[i].facts.is = job->members[low].facts.is;
            job->members[i].facts.result = LC_READ_OK;
        }
    }
    return status;
}

static void work(void *argument, void *scratch_argument, struct lc_job *base)
{
    struct again_stage *stage = argument;
    struct again_job *job = (struct again_job *)base;
    struct lc_archive *archive = NULL;
    struct lc_file_facts file = {0};
    enum lc_read_result result = LC_READ_OK;
    struct lc_error *err = &base->error;
    int fd = -1, os_errno = 0;
    enum lc_status status =
        lc_folder_open_file(stage->data, job->name, &fd, &file, &result, &os_errno, err);

    for (size_t i = 0; i < job->count; i++) {
        job->members[i].facts.result = result == LC_READ_OK ? LC_READ_MISSING : result;
        job->members[i].facts.os_errno = os_errno;
    }
    if (status == LC_OK && result == LC_READ_OK) {
        status = lc_archive_open(fd, job->name, NULL, &archive, err);
        fd = -1;
    }
    if (status == LC_OK && archive)
        (void)!hash_members(archive, scratch_argument, job, &file, err); /* err says it */
    lc_archive_close(archive);
    if (fd >= 0)
        close(fd);
}

/* ---- the collector ---- */

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct again_stage *stage = argument;
    const struct again_job *job = (const struct again_job *)base;
    enum lc_status status = lc_run_check_stopped(stage->run, err);

    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status =
            stage->each(stage->user, job->members[i].image, &job->members[i].facts, err);
    return status;
}

/* ---- the whole ---- */

static int by_place(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->archive != y->archive)
        return x->archive < y->archive ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

static enum lc_status keep_image(void *user, uint32_t number,
                                 const struct lc_image_record *image,
                                 struct lc_error *err)
{
    static const struct lc_hash none;
    struct again_stage *stage = user;
    struct member *members;

    if (!image->archive || lc_hash_compare(&image->content, &none) == 0)
        return LC_OK;
    members =
        lc_array_grow(stage->members, stage->count, &stage->capacity, sizeof(*members));
    if (!members)
        return lc_fail_memory(err);
    stage->members = members;
    members[stage->count++] = (struct member){
        .archive = image->archive - 1,
        .image = number,
        .offset = image->offset,
        .facts = {.was = image->content,
                  .then = {image->size, image->mtime_ns, image->ctime_ns, image->inode,
                           image->device},
                  .last_seen_ns = lc_index_info(stage->index)->began_ns},
    };
    return LC_OK;
}

enum lc_status lc_archives_hash(struct lc_run *run, const struct lc_index *index,
                                const struct lc_folder *data, lc_member_again_fn *each,
                                void *user, struct lc_error *err)
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
    struct again_stage stage = {
        .run = run, .index = index, .data = data, .each = each, .user = user};
    enum lc_status status = lc_index_each_image(index, keep_image, &stage, err);

    if (status == LC_OK && stage.count) {
        qsort(stage.members, stage.count, sizeof(*stage.members), by_place);
        status = lc_pipeline_run(&ops, &stage, run->workers, err);
    }
    free(stage.members);
    return status;
}
