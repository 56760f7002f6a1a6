#include "scan/rows/job.h"

#include <stdlib.h>
#include <string.h>

struct lc_job *lc_row_job_new(void)
{
    struct lc_row_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

void lc_row_job_free(struct lc_job *base)
{
    struct lc_row_job *job = (struct lc_row_job *)base;

    if (!job)
        return;
    lc_buffer_clear(&job->text);
    free(job->paths);
    free(job->placed);
    lc_findings_clear(&job->findings);
    lc_column_values_clear(&job->values);
    lc_buffer_clear(&job->sample_text);
    free(job->samples);
    free(job);
}

void lc_row_job_reset(struct lc_row_job *job)
{
    job->count = 0;
    job->is_shard = false;
    job->sample_text.size = 0;
    job->text.size = 0;
    job->path_count = 0;
    job->placed_count = 0;
    lc_findings_reset(&job->findings);
    lc_column_values_reset(&job->values);
    job->statistics = (struct lc_statistics){0};
    memset(job->rounds, 0, sizeof(job->rounds));
}

void lc_row_job_shrink(struct lc_row_job *job)
{
    if (job->sample_text.capacity > LC_BATCH_LARGE)
        lc_buffer_clear(&job->sample_text);
}

struct lc_named_path *lc_row_job_add_path(struct lc_row_job *job)
{
    struct lc_named_path *paths =
        lc_array_grow(job->paths, job->path_count, &job->path_capacity, sizeof(*paths));

    if (!paths)
        return NULL;
    job->paths = paths;
    return &paths[job->path_count++];
}

/* List the texts of a sample other than its row. */
static void list_spans(struct lc_sample *sample, struct lc_span *out[LC_SAMPLE_SPANS])
{
    out[0] = &sample->key;
    out[1] = &sample->images;
    out[2] = &sample->dotted;
    out[3] = &sample->repeated;
    out[4] = &sample->capital;
    out[5] = &sample->unreadable;
    out[6] = &sample->spare;
    out[7] = &sample->spoiled;
    out[8] = &sample->contents;
    out[9] = &sample->sparse;
}

enum lc_status lc_row_job_add_sample(struct lc_row_job *job,
                                     const struct lc_sample *sample, uint64_t row,
                                     struct lc_error *err)
{
    struct lc_piece *piece = &job->pieces[job->count];
    struct lc_job_sample *own;
    struct lc_buffer *text = &job->sample_text;
    struct lc_span *spans[LC_SAMPLE_SPANS];
    enum lc_status status;

    if (!job->samples)
        job->samples = calloc(LC_BATCH_PIECES, sizeof(*job->samples));
    if (!job->samples)
        return lc_fail_memory(err);
    own = &job->samples[job->count];
    own->sample = *sample;
    own->text = text->size;
    status =
        lc_buffer_add(text, sample->text.text, sample->text.size + LC_JSON_PADDING, err);
    list_spans(&own->sample, spans);
    for (int i = 0; i < LC_SAMPLE_SPANS && status == LC_OK; i++) {
        own->spans[i] = text->size;
        if (spans[i]->size)
            status = lc_buffer_add(text, spans[i]->text, spans[i]->size, err);
        if (status == LC_OK)
            status = lc_buffer_add(text, "", 1, err);
    }
    *piece = (struct lc_piece){
        .kind = LC_PIECE_ROW,
        .at_end = true,
        .has_row = true,
        .size = (uint32_t)sample->text.size,
        .row = row,
        .place = {.offset = sample->offset, .line = 1, .column = 1},
    };
    job->foreign[job->count] = false;
    job->count += status == LC_OK;
    return status;
}

struct lc_sample lc_row_job_sample(const struct lc_row_job *job, size_t i)
{
    const struct lc_job_sample *own = &job->samples[i];
    struct lc_sample out = own->sample;
    struct lc_span *spans[LC_SAMPLE_SPANS];

    list_spans(&out, spans);
    for (int k = 0; k < LC_SAMPLE_SPANS; k++)
        spans[k]->text = job->sample_text.data + own->spans[k];
    out.text.text = job->sample_text.data + own->text;
    return out;
}
