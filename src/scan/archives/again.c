#include "scan/archives/again.h"

#include "base/hash.h"
#include "member/member.h"
#include "scan/common/pipeline.h"

#include <stdlib.h>

#define PIECE ((size_t)256 << 10)

/* Consecutive images of one archive. */
struct again_job {
    struct lc_job job;
    const struct lc_member_place *places; /* of the stage's */
    size_t count;
    struct lc_again_facts *facts;
    size_t capacity;
};

struct again_stage {
    struct lc_run *run;
    const struct lc_index *index;
    const struct lc_folder *data;
    struct lc_member_place *places; /* sorted */
    size_t count, capacity;
    size_t next; /* the reader's */
    lc_member_again_fn *each;
    void *user;
};

struct again_scratch {
    struct lc_member_reader *reader;
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
    free(job->facts);
    free(job);
}

static void scratch_free(void *argument)
{
    struct again_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_member_reader_free(scratch->reader);
    lc_hasher_free(scratch->hasher);
    free(scratch->piece);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    const struct again_stage *stage = argument;
    struct again_scratch *scratch = calloc(1, sizeof(*scratch));

    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    scratch->hasher = lc_hasher_new();
    scratch->piece = malloc(PIECE);
    return scratch->hasher && scratch->piece
               ? lc_member_reader_new(stage->index, stage->data, false, &scratch->reader,
                                      err)
               : lc_fail_memory(err);
}

/* ---- the reader ---- */

/* Get an image's facts from the index. */
static enum lc_status recall(const struct again_stage *stage, uint32_t number,
                             struct lc_again_facts *out, struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status = lc_index_get_image(stage->index, number, &image, err);

    *out = (struct lc_again_facts){
        .was = image.content,
        .then = {image.size, image.mtime_ns, image.ctime_ns, image.inode, image.device},
        .last_seen_ns = lc_index_info(stage->index)->began_ns,
    };
    return status;
}

static bool fill(void *argument, struct lc_job *base)
{
    struct again_stage *stage = argument;
    struct again_job *job = (struct again_job *)base;
    size_t from = stage->next;

    if (from == stage->count)
        return false;
    base->error.status = lc_member_stretch(stage->index, stage->places, stage->count,
                                           from, &stage->next, &base->error);
    if (base->error.status != LC_OK)
        stage->next = stage->count;
    job->places = stage->places + from;
    job->count = stage->next - from;
    if (job->count > job->capacity) {
        free(job->facts);
        job->facts = calloc(job->count, sizeof(*job->facts));
        job->capacity = job->facts ? job->count : 0;
    }
    if (!job->facts)
        base->error.status = lc_fail_memory(&base->error);
    for (size_t i = 0; i < job->count && base->error.status == LC_OK; i++)
        base->error.status =
            recall(stage, job->places[i].image, &job->facts[i], &base->error);
    return true;
}

/* ---- the workers ---- */

/* Hash an image from the bytes of its archive. */
static enum lc_status hash_member(struct again_scratch *scratch,
                                  const struct lc_member_place *place,
                                  struct lc_again_facts *facts, struct lc_error *err)
{
    size_t got = 1;
    enum lc_status status = lc_member_begin(scratch->reader, place, &facts->now,
                                            &facts->result, &facts->os_errno, err);

    facts->now.size = 0;
    while (status == LC_OK && facts->result == LC_READ_OK && got) {
        status = lc_member_next(scratch->reader, scratch->piece, PIECE, &got, err);
        if (status == LC_OK)
            lc_hasher_update(scratch->hasher, scratch->piece, got);
        facts->now.size += status == LC_OK ? got : 0;
    }
    facts->is = lc_hasher_finish(scratch->hasher);
    if (facts->result == LC_READ_OK && place->size && !facts->now.size)
        facts->result = LC_READ_MISSING;
    return status;
}

static void work(void *argument, void *scratch, struct lc_job *base)
{
    struct again_job *job = (struct again_job *)base;
    enum lc_status status = LC_OK;

    (void)argument;
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = hash_member(scratch, &job->places[i], &job->facts[i], &base->error);
}

/* ---- the collector ---- */

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct again_stage *stage = argument;
    const struct again_job *job = (const struct again_job *)base;
    enum lc_status status = lc_run_check_stopped(stage->run, err);

    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = stage->each(stage->user, job->places[i].image, &job->facts[i], err);
    return status;
}

/* ---- the whole ---- */

static enum lc_status keep_image(void *user, uint32_t number,
                                 const struct lc_image_record *image,
                                 struct lc_error *err)
{
    static const struct lc_hash none;
    struct again_stage *stage = user;
    struct lc_member_place *places;

    if (!image->archive || lc_hash_compare(&image->content, &none) == 0)
        return LC_OK;
    places =
        lc_array_grow(stage->places, stage->count, &stage->capacity, sizeof(*places));
    if (!places)
        return lc_fail_memory(err);
    stage->places = places;
    places[stage->count++] = lc_member_place(number, image);
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
        lc_member_sort(stage.places, stage.count);
        status = lc_pipeline_run(&ops, &stage, run->workers, err);
    }
    free(stage.places);
    return status;
}
