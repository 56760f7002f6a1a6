#include "scan/common/pipeline.h"

#include "base/queue.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define JOBS_PER_WORKER 4

struct pipeline {
    const struct lc_stage_ops *ops;
    void *stage;
    struct lc_queue *free;
    struct lc_queue *todo;
    struct lc_queue *done;
    atomic_bool stop; /* set by the collector after a failure: skip the rest */
    struct lc_job **jobs;
    struct lc_job **waiting; /* finished before their turn, by number modulo job_count */
    size_t job_count;
    pthread_t *threads;
    size_t thread_count;
};

static void *read_all(void *argument)
{
    struct pipeline *p = argument;
    uint64_t number = 0;
    bool last = false;

    while (!last) {
        struct lc_job *job = lc_queue_pop(p->free);

        job->number = number++;
        job->error = (struct lc_error){0};
        last = atomic_load(&p->stop) || !p->ops->fill(p->stage, job) ||
               job->error.status != LC_OK;
        job->last = last;
        lc_queue_push(p->todo, job);
    }
    lc_queue_close(p->todo);
    return NULL;
}

static void *work_all(void *argument)
{
    struct pipeline *p = argument;
    struct lc_error error = {0};
    void *scratch = NULL;
    struct lc_job *job;

    (void)p->ops->scratch_new(p->stage, &scratch, &error);
    while ((job = lc_queue_pop(p->todo))) {
        if (error.status != LC_OK)
            job->error = error;
        else if (!job->last && !atomic_load(&p->stop))
            p->ops->work(p->stage, scratch, job);
        lc_queue_push(p->done, job);
    }
    p->ops->scratch_free(scratch);
    return NULL;
}

/* Collect the job whose turn it is. After a failure, jobs are only recycled. */
static void collect_one(struct pipeline *p, struct lc_job *job, enum lc_status *status,
                        struct lc_error *err)
{
    if (*status == LC_OK && job->error.status != LC_OK) {
        *status = job->error.status;
        if (err && err->status == LC_OK)
            *err = job->error;
    }
    if (*status == LC_OK && !job->last)
        *status = p->ops->collect(p->stage, job, err);
    if (*status != LC_OK)
        atomic_store(&p->stop, true);
    lc_queue_push(p->free, job);
}

/* Collect jobs in the order of their numbers, up to the last one. A job is refilled only
 * after it was collected, so the numbers in flight span less than job_count and each has
 * a slot of its own in waiting. */
static enum lc_status collect_all(struct pipeline *p, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint64_t next = 0;
    bool last = false;

    while (!last) {
        struct lc_job *job = lc_queue_pop(p->done);

        p->waiting[job->number % p->job_count] = job;
        while (!last && (job = p->waiting[next % p->job_count])) {
            p->waiting[next++ % p->job_count] = NULL;
            last = job->last;
            collect_one(p, job, &status, err);
        }
    }
    return status;
}

static enum lc_status make_jobs(struct pipeline *p, unsigned workers,
                                struct lc_error *err)
{
    enum lc_status status;

    p->job_count = (size_t)JOBS_PER_WORKER * workers;
    p->jobs = calloc(p->job_count, sizeof(struct lc_job *));
    p->waiting = calloc(p->job_count, sizeof(struct lc_job *));
    p->threads = calloc((size_t)workers + 1, sizeof(*p->threads));
    if (!p->jobs || !p->waiting || !p->threads)
        return lc_fail_memory(err);
    status = lc_queue_new(p->job_count, &p->free, err);
    if (status == LC_OK)
        status = lc_queue_new(p->job_count, &p->todo, err);
    if (status == LC_OK)
        status = lc_queue_new(p->job_count, &p->done, err);
    for (size_t i = 0; i < p->job_count && status == LC_OK; i++) {
        p->jobs[i] = p->ops->job_new();
        if (!p->jobs[i])
            return lc_fail_memory(err);
        lc_queue_push(p->free, p->jobs[i]);
    }
    return status;
}

/* Signals are the caller's business: every thread we create blocks them, except those
 * that a thread raises by its own fault. */
static enum lc_status start(struct pipeline *p, unsigned workers, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    sigset_t all, before;

    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < workers && status == LC_OK; i++) {
        if (pthread_create(&p->threads[p->thread_count], NULL, work_all, p) == 0)
            p->thread_count++;
        else if (!p->thread_count) /* one worker is enough to continue */
            status = lc_fail(err, LC_ERR_MEMORY, 0, "cannot create a thread");
    }
    if (status == LC_OK &&
        pthread_create(&p->threads[p->thread_count], NULL, read_all, p) != 0)
        status = lc_fail(err, LC_ERR_MEMORY, 0, "cannot create a thread");
    else if (status == LC_OK)
        p->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != LC_OK)
        lc_queue_close(p->todo); /* ends the workers that were started */
    return status;
}

enum lc_status lc_pipeline_run(const struct lc_stage_ops *ops, void *stage,
                               unsigned workers, struct lc_error *err)
{
    struct pipeline p = {.ops = ops, .stage = stage};
    enum lc_status status = make_jobs(&p, workers, err);

    if (status == LC_OK)
        status = start(&p, workers, err);
    if (status == LC_OK)
        status = collect_all(&p, err);
    for (size_t i = 0; i < p.thread_count; i++)
        pthread_join(p.threads[i], NULL);
    for (size_t i = 0; p.jobs && i < p.job_count; i++)
        ops->job_free(p.jobs[i]);
    lc_queue_free(p.free);
    lc_queue_free(p.todo);
    lc_queue_free(p.done);
    free(p.jobs);
    free(p.waiting);
    free(p.threads);
    return status;
}
