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
    free(job);
}

void lc_row_job_reset(struct lc_row_job *job)
{
    job->count = 0;
    job->text.size = 0;
    job->path_count = 0;
    job->placed_count = 0;
    lc_findings_reset(&job->findings);
    lc_column_values_reset(&job->values);
    job->statistics = (struct lc_statistics){0};
    memset(job->rounds, 0, sizeof(job->rounds));
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
