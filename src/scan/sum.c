#include "scan/sum.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_NS INT64_C(50000000)

/* A file, in reading order. */
struct order {
    size_t number;
    uint64_t size;
};

struct pool {
    const struct lc_sum_work *work;
    struct order *order;
    atomic_uint_fast64_t next; /* position in the order */
    atomic_uint_fast64_t files, bytes;
    atomic_bool is_stopped;
    pthread_mutex_t lock; /* protects what follows */
    pthread_cond_t ended;
    unsigned running;
    struct lc_error error; /* the first failure */
};

static int compare_sizes(const void *a, const void *b)
{
    const struct order *left = a, *right = b;

    if (left->size != right->size)
        return left->size < right->size ? 1 : -1;
    return (left->number > right->number) - (left->number < right->number);
}

static enum lc_status sum_file(struct pool *pool, size_t number,
                               struct lc_plain_reader *reader, struct lc_error *err)
{
    const struct lc_sum_work *work = pool->work;
    struct lc_sum_result result = {.reader = reader};
    unsigned kinds = 0;
    const char *path = work->file(work->user, number, &kinds);
    enum lc_status status = lc_plain_sum(work->folder, path, kinds, reader, &result.facts,
                                         &result.result, &result.os_errno, err);

    if (status == LC_OK && !atomic_load(&pool->is_stopped))
        status = work->done(work->user, number, &result, err);
    atomic_fetch_add(&pool->files, 1);
    return status;
}

static bool on_bytes(void *user, size_t size)
{
    struct pool *pool = user;

    atomic_fetch_add(&pool->bytes, size);
    return !atomic_load(&pool->is_stopped);
}

static void *run_worker(void *argument)
{
    struct pool *pool = argument;
    struct lc_plain_reader reader = {.on_bytes = on_bytes, .user = pool};
    struct lc_error error = {0};
    uint64_t at;
    enum lc_status status = lc_plain_reader_begin(&reader, &error);

    while (status == LC_OK && !atomic_load(&pool->is_stopped) &&
           (at = atomic_fetch_add(&pool->next, 1)) < pool->work->count)
        status = sum_file(pool, pool->order[at].number, &reader, &error);
    lc_plain_reader_clear(&reader);
    pthread_mutex_lock(&pool->lock);
    if (status != LC_OK) {
        if (pool->error.status == LC_OK)
            pool->error = error;
        atomic_store(&pool->is_stopped, true);
    }
    pool->running--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Wait until all workers have ended; report progress meanwhile. */
static enum lc_status wait_for_all(struct pool *pool, struct lc_error *err)
{
    const struct lc_sum_work *work = pool->work;
    enum lc_status status = LC_OK;

    pthread_mutex_lock(&pool->lock);
    while (pool->running) {
        int64_t until = lc_clock_now(CLOCK_REALTIME) + WAIT_NS;
        struct timespec time = {.tv_sec = (time_t)(until / 1000000000),
                                .tv_nsec = (long)(until % 1000000000)};

        (void)pthread_cond_timedwait(&pool->ended, &pool->lock, &time);
        if (status != LC_OK)
            continue;
        pthread_mutex_unlock(&pool->lock);
        status = work->progress(work->user, atomic_load(&pool->files),
                                atomic_load(&pool->bytes), err);
        if (status != LC_OK)
            atomic_store(&pool->is_stopped, true);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    if (status == LC_OK && pool->error.status == LC_OK) /* the final totals */
        status = work->progress(work->user, atomic_load(&pool->files),
                                atomic_load(&pool->bytes), err);
    return status;
}

/* Start workers; if some cannot be started, the others do their share. */
static enum lc_status run_all(struct pool *pool, unsigned workers, struct lc_error *err)
{
    pthread_t *threads = calloc(workers, sizeof(*threads));
    unsigned started = 0;
    enum lc_status status = LC_OK;

    if (!threads)
        return lc_fail_memory(err);
    while (started < workers) {
        pthread_mutex_lock(&pool->lock);
        pool->running++;
        pthread_mutex_unlock(&pool->lock);
        if (pthread_create(&threads[started], NULL, run_worker, pool) != 0) {
            pthread_mutex_lock(&pool->lock);
            pool->running--;
            pthread_mutex_unlock(&pool->lock);
            break;
        }
        started++;
    }
    if (!started)
        status = lc_fail(err, LC_ERR_MEMORY, EAGAIN, "cannot start a thread");
    if (status == LC_OK)
        status = wait_for_all(pool, err);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    free(threads);
    if (status != LC_OK || pool->error.status == LC_OK)
        return status;
    if (err)
        *err = pool->error;
    return pool->error.status;
}

enum lc_status lc_sum_files(const struct lc_sum_work *work, unsigned workers,
                            struct lc_error *err)
{
    struct pool pool = {.work = work};
    enum lc_status status;

    if (!work->count)
        return LC_OK;
    pool.order = malloc(work->count * sizeof(*pool.order));
    if (!pool.order)
        return lc_fail_memory(err);
    for (size_t i = 0; i < work->count; i++) {
        struct lc_file_facts facts;
        enum lc_read_result result;
        int os_errno;
        unsigned kinds;

        lc_plain_stat(work->folder, work->file(work->user, i, &kinds), &facts, &result,
                      &os_errno);
        pool.order[i] = (struct order){i, facts.size};
    }
    qsort(pool.order, work->count, sizeof(*pool.order), compare_sizes);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.ended, NULL);
    if (workers > work->count)
        workers = (unsigned)work->count;
    status = run_all(&pool, workers, err);
    pthread_mutex_destroy(&pool.lock);
    pthread_cond_destroy(&pool.ended);
    free(pool.order);
    return status;
}
