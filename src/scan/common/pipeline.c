#include "scan/common/pipeline.h"

#include "base/queue.h"
#include "scan/common/depth.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define JOBS_PER_WORKER 4

struct pipeline;

struct worker {
    struct pipeline *pipeline;
    unsigned number;
    pthread_t thread;
};

struct pipeline {
    const struct lc_stage_ops *ops;
    void *stage;
    struct lc_depth *depth; /* sets the number of workers; NULL: it is fixed */
    struct lc_queue *free;
    struct lc_queue *todo;
    struct lc_queue *done;
    atomic_bool stop;        /* set by the collector after a failure: skip the rest */
    struct lc_job **waiting; /* finished before their turn, by number modulo most_jobs */
    struct lc_job **others;  /* free jobs; the reader's */
    size_t most_jobs;
    unsigned least_workers; /* the number to start with */
    unsigned most_workers;
    pthread_t reader;
    bool has_reader;
    /* under the mutex, because workers add both workers and jobs */
    pthread_mutex_t mutex;
    bool is_full; /* no more workers: there are enough, or they cannot be created */
    struct lc_job **jobs;
    size_t job_count;
    struct worker *workers;
    atomic_uint worker_count;
};

/* Wait until all jobs are free but the number that the reader has itself. The collector
 * recycles each of them, even after a failure. */
static void wait_for_others(struct pipeline *p, size_t own)
{
    size_t count;

    pthread_mutex_lock(&p->mutex);
    count = p->job_count - own;
    pthread_mutex_unlock(&p->mutex);
    for (size_t i = 0; i < count; i++)
        p->others[i] = lc_queue_pop(p->free);
    for (size_t i = 0; i < count; i++)
        lc_queue_push(p->free, p->others[i]);
}

static void *read_all(void *argument)
{
    struct pipeline *p = argument;
    uint64_t number = 0;
    bool last = false, is_alone;

    while (!last) {
        struct lc_job *job = lc_queue_pop(p->free);

        job->number = number++;
        job->error = (struct lc_error){0};
        job->is_large = false;
        last = atomic_load(&p->stop) || !p->ops->fill(p->stage, job) ||
               job->error.status != LC_OK;
        job->last = last;
        is_alone = job->is_large && !last;
        if (is_alone)
            wait_for_others(p, 1);
        lc_queue_push(p->todo, job);
        if (is_alone)
            wait_for_others(p, 0);
    }
    lc_queue_close(p->todo);
    return NULL;
}

/* ---- workers ---- */

static void *run_worker(void *argument);

/* Add jobs for one more worker. */
static enum lc_status add_jobs(struct pipeline *p, struct lc_error *err)
{
    for (size_t i = 0; i < JOBS_PER_WORKER; i++) {
        struct lc_job *job = p->ops->job_new();

        if (!job)
            return lc_fail_memory(err);
        p->jobs[p->job_count++] = job;
        lc_queue_push(p->free, job);
    }
    return LC_OK;
}

/* Add a worker, which inherits the caller's signal mask. Call under the mutex. */
static bool add_worker(struct pipeline *p)
{
    unsigned number = atomic_load(&p->worker_count);
    struct worker *worker = &p->workers[number];

    *worker = (struct worker){.pipeline = p, .number = number};
    if (pthread_create(&worker->thread, NULL, run_worker, worker) != 0)
        return false;
    atomic_store(&p->worker_count, number + 1);
    return true;
}

/* Add workers while more are useful. */
static void grow(struct pipeline *p)
{
    pthread_mutex_lock(&p->mutex);
    while (!p->is_full && atomic_load(&p->worker_count) < lc_depth_wanted(p->depth))
        p->is_full = add_jobs(p, NULL) != LC_OK || !add_worker(p);
    pthread_mutex_unlock(&p->mutex);
}

/* Get a job for a worker; NULL: there are no more. */
static struct lc_job *get_job(struct pipeline *p, unsigned worker)
{
    if (!p->depth)
        return lc_queue_pop(p->todo);
    if (lc_depth_wanted(p->depth) > atomic_load(&p->worker_count))
        grow(p);
    return lc_depth_admit(p->depth, worker) ? lc_queue_pop(p->todo) : NULL;
}

static void *run_worker(void *argument)
{
    const struct worker *worker = argument;
    struct pipeline *p = worker->pipeline;
    struct lc_error error = {0};
    void *scratch = NULL;
    struct lc_job *job;

    (void)p->ops->scratch_new(p->stage, &scratch, &error);
    if (error.status != LC_OK && worker->number >= p->least_workers) {
        p->ops->scratch_free(scratch); /* the other workers go on */
        return NULL;
    }
    while ((job = get_job(p, worker->number))) {
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
 * after it was collected, so the numbers in flight span less than most_jobs and each has
 * a slot of its own in waiting. */
static enum lc_status collect_all(struct pipeline *p, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint64_t next = 0;
    bool last = false;

    while (!last) {
        struct lc_job *job = lc_queue_pop(p->done);

        p->waiting[job->number % p->most_jobs] = job;
        while (!last && (job = p->waiting[next % p->most_jobs])) {
            p->waiting[next++ % p->most_jobs] = NULL;
            last = job->last;
            collect_one(p, job, &status, err);
        }
    }
    return status;
}

static enum lc_status make_jobs(struct pipeline *p, struct lc_error *err)
{
    enum lc_status status;

    p->most_jobs = (size_t)JOBS_PER_WORKER * p->most_workers;
    p->jobs = calloc(p->most_jobs, sizeof(struct lc_job *));
    p->waiting = calloc(p->most_jobs, sizeof(struct lc_job *));
    p->others = calloc(p->most_jobs, sizeof(struct lc_job *));
    p->workers = calloc(p->most_workers, sizeof(*p->workers));
    if (!p->jobs || !p->waiting || !p->others || !p->workers)
        return lc_fail_memory(err);
    status = lc_queue_new(p->most_jobs, &p->free, err);
    if (status == LC_OK)
        status = lc_queue_new(p->most_jobs, &p->todo, err);
    if (status == LC_OK)
        status = lc_queue_new(p->most_jobs, &p->done, err);
    for (unsigned i = 0; i < p->least_workers && status == LC_OK; i++)
        status = add_jobs(p, err);
    return status;
}

/* Leave signals to the caller: every thread created here blocks them, except those that a
 * fault of the thread itself raises. */
static enum lc_status start(struct pipeline *p, struct lc_error *err)
{
    bool is_started = true;
    sigset_t all, before;

    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&p->mutex);
    for (unsigned i = 0; i < p->least_workers && is_started; i++)
        is_started = add_worker(p);
    p->is_full = !is_started || !p->depth;
    pthread_mutex_unlock(&p->mutex);
    is_started = atomic_load(&p->worker_count) > 0; /* one is enough to continue */
    if (is_started)
        p->has_reader = pthread_create(&p->reader, NULL, read_all, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_started && p->has_reader)
        return LC_OK;
    lc_queue_close(p->todo); /* ends the workers that were started */
    return lc_fail(err, LC_ERR_MEMORY, 0, "cannot create a thread");
}

/* End all threads. From here on no worker adds another one. */
static void join(struct pipeline *p)
{
    pthread_mutex_lock(&p->mutex);
    p->is_full = true;
    pthread_mutex_unlock(&p->mutex);
    if (p->depth)
        lc_depth_close(p->depth);
    for (unsigned i = 0; i < atomic_load(&p->worker_count); i++)
        pthread_join(p->workers[i].thread, NULL);
    if (p->has_reader)
        pthread_join(p->reader, NULL);
}

static enum lc_status run(struct pipeline *p, struct lc_error *err)
{
    enum lc_status status;

    if (pthread_mutex_init(&p->mutex, NULL) != 0)
        return lc_fail_memory(err);
    status = make_jobs(p, err);
    if (status == LC_OK)
        status = start(p, err);
    if (status == LC_OK)
        status = collect_all(p, err);
    join(p);
    for (size_t i = 0; i < p->job_count; i++)
        p->ops->job_free(p->jobs[i]);
    pthread_mutex_destroy(&p->mutex);
    lc_queue_free(p->free);
    lc_queue_free(p->todo);
    lc_queue_free(p->done);
    free(p->jobs);
    free(p->waiting);
    free(p->others);
    free(p->workers);
    return status;
}

enum lc_status lc_pipeline_run(const struct lc_stage_ops *ops, void *stage,
                               unsigned workers, struct lc_error *err)
{
    struct pipeline p = {
        .ops = ops,
        .stage = stage,
        .least_workers = workers,
        .most_workers = workers,
    };

    return run(&p, err);
}

enum lc_status lc_pipeline_run_deep(const struct lc_stage_ops *ops, void *stage,
                                    struct lc_depth *depth, struct lc_error *err)
{
    struct pipeline p = {
        .ops = ops,
        .stage = stage,
        .depth = depth,
        .least_workers = lc_depth_wanted(depth),
        .most_workers = lc_depth_most(depth),
    };

    return run(&p, err);
}
