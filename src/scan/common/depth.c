/* Whether more threads are useful is decided at the end of each epoch: some milliseconds
 * in which each thread has read about two files. Two sums over all threads are measured
 * for an epoch: the time for which reading blocked them, and the time for which they used
 * a processor.
 *
 *   starved  processors were used less than the slots allow
 *   blocked  the share of the threads' time that went into waiting for the storage
 *
 * Both together mean that more threads would read more. The next epoch is a trial: if the
 * stage is still starved and hardly faster, the storage does not profit from more
 * requests; the old number is restored, and more threads are tried again later. When
 * nothing blocks any more, the number is halved.
 *
 * A thread has blocked if the kernel switched away from it at its own request: being
 * preempted on a busy machine does not count. Finding this out takes a system call; a
 * look at the clock saves it for files that come from the page cache. Whether the kernel
 * counts switches at all is tried at the start, because a new thread, which has not
 * blocked yet, looks like one of a kernel that does not. */
#include "scan/common/depth.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define LEAST_MOST 64        /* limit of files read at once, with few workers */
#define MOST_PER_WORKER 4    /* the same per worker, with many */
#define EPOCH_NS 10000000    /* least length of an epoch */
#define FAST_NS 30000        /* a read of the page cache, or of little more */
#define PAUSE 16             /* epochs until an unrewarded number is tried again */
#define FULL 0.9             /* share of the slots in use from which nothing starves */
#define LITTLE_BLOCKED 0.03  /* share of blocked time worth a trial of more threads */
#define NONE_BLOCKED 0.01    /* blocked threads per worker: below, some are too many */
#define UNITS_PER_FILE 65536 /* a file costs as much as this many bytes of it */
#define KEPT_SHARE 2         /* of the memory, for buffers between files */

struct lc_depth {
    unsigned workers;
    unsigned at_once; /* 0: measured */
    unsigned most;    /* threads */
    uint64_t memory;
    bool has_switches;  /* the kernel counts them */
    atomic_uint wanted; /* number of threads; written under the mutex */
    unsigned peak;      /* this and everything below: under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a thread has become useful, or may read */
    pthread_cond_t freed;   /* signals freed memory */
    pthread_cond_t left;    /* signals a free slot */
    bool closed;
    unsigned reading;
    uint64_t reserved;
    /* the epoch */
    int64_t began_ns;
    uint64_t reads;
    uint64_t units;
    int64_t blocked_ns;
    int64_t busy_ns;
    /* the trial */
    bool is_trial;
    unsigned before; /* number of threads before it */
    double rate_before;
    double blocked_before;
    unsigned pause;
    /* the slots */
    unsigned used;
    int64_t entered_ns[]; /* by slot; 0: it is free */
};

static bool init_locks(struct lc_depth *depth)
{
    pthread_cond_t *const conditions[] = {&depth->changed, &depth->freed, &depth->left};
    size_t count = sizeof(conditions) / sizeof(conditions[0]), done = 0;

    if (pthread_mutex_init(&depth->mutex, NULL) != 0)
        return false;
    while (done < count && pthread_cond_init(conditions[done], NULL) == 0)
        done++;
    if (done == count)
        return true;
    while (done)
        pthread_cond_destroy(conditions[--done]);
    pthread_mutex_destroy(&depth->mutex);
    return false;
}

/* What a thread has used of a processor, and how often it has blocked. */
static int64_t thread_times(long *switches)
{
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_THREAD, &usage);
    *switches = usage.ru_nvcsw;
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
           ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* Whether the kernel counts how often a thread blocks: let one sleep, and look. */
static bool counts_switches(void)
{
    const struct timespec moment = {.tv_nsec = 1000};
    long before, after;

    (void)thread_times(&before);
    nanosleep(&moment, NULL);
    (void)thread_times(&after);
    return after > before;
}

enum lc_status lc_depth_new(unsigned workers, unsigned at_once, uint64_t memory,
                            struct lc_depth **out, struct lc_error *err)
{
    struct lc_depth *depth = calloc(1, sizeof(*depth) + workers * sizeof(int64_t));
    unsigned most = MOST_PER_WORKER * workers;

    if (!depth)
        return lc_fail_memory(err);
    most = most < LEAST_MOST ? LEAST_MOST : most;
    most = most > LC_DEPTH_MAX ? LC_DEPTH_MAX : most;
    depth->workers = workers;
    depth->at_once = at_once;
    depth->memory = memory;
    depth->has_switches = !at_once && counts_switches();
    depth->most = at_once ? at_once + workers : most > workers ? most : workers;
    atomic_init(&depth->wanted, at_once ? depth->most : workers);
    depth->peak = at_once ? depth->most : workers;
    depth->began_ns = lc_clock_now(CLOCK_MONOTONIC);
    if (!init_locks(depth)) {
        free(depth);
        return lc_fail_memory(err);
    }
    *out = depth;
    return LC_OK;
}

void lc_depth_free(struct lc_depth *depth)
{
    if (!depth)
        return;
    pthread_cond_destroy(&depth->left);
    pthread_cond_destroy(&depth->freed);
    pthread_cond_destroy(&depth->changed);
    pthread_mutex_destroy(&depth->mutex);
    free(depth);
}

/* ---- the number of useful threads: under the mutex ---- */

static void set_wanted(struct lc_depth *depth, unsigned threads)
{
    threads = threads > depth->most ? depth->most : threads;
    threads = threads < depth->workers ? depth->workers : threads;
    if (threads > atomic_load(&depth->wanted))
        pthread_cond_broadcast(&depth->changed);
    atomic_store(&depth->wanted, threads);
    depth->peak = threads > depth->peak ? threads : depth->peak;
}

/* Whether the trial was useless. If threads only wait, twice as many double the rate; a
 * quarter of that gain is required. */
static bool is_unrewarded(const struct lc_depth *depth, double rate, bool starved)
{
    return starved && rate < depth->rate_before * (1 + depth->blocked_before / 4);
}

/* Add the time up to now of the slots in use to busy_ns. */
static void count_running(struct lc_depth *depth, int64_t now)
{
    for (unsigned slot = 0; slot < depth->workers; slot++) {
        if (!depth->entered_ns[slot] || depth->entered_ns[slot] > now)
            continue;
        depth->busy_ns += now - depth->entered_ns[slot];
        depth->entered_ns[slot] = now;
    }
}

static void end_epoch(struct lc_depth *depth, int64_t now)
{
    unsigned wanted = atomic_load(&depth->wanted);
    double elapsed = (double)(now - depth->began_ns);
    double rate = (double)depth->units / elapsed;
    double threads = (double)depth->blocked_ns / elapsed; /* blocked ones, on average */
    double blocked = threads / wanted;
    bool starved;

    count_running(depth, now);
    starved = (double)depth->busy_ns < FULL * elapsed * depth->workers;
    if (depth->is_trial && is_unrewarded(depth, rate, starved)) {
        depth->pause = PAUSE;
        set_wanted(depth, depth->before);
    } else if (threads < NONE_BLOCKED * depth->workers) {
        set_wanted(depth, wanted / 2);
    }
    depth->is_trial =
        starved && blocked >= LITTLE_BLOCKED && !depth->pause && wanted < depth->most;
    if (depth->is_trial) {
        depth->before = wanted;
        depth->rate_before = rate;
        depth->blocked_before = blocked;
        set_wanted(depth, wanted * 2);
    }
    depth->pause -= depth->pause > 0;
    depth->began_ns = now;
    depth->reads = depth->units = 0;
    depth->blocked_ns = depth->busy_ns = 0;
}

/* ---- reading ---- */

void lc_depth_begin(struct lc_depth *depth, struct lc_depth_read *read)
{
    if (depth->at_once) {
        pthread_mutex_lock(&depth->mutex);
        while (depth->reading >= depth->at_once)
            pthread_cond_wait(&depth->changed, &depth->mutex);
        depth->reading++;
        pthread_mutex_unlock(&depth->mutex);
        return;
    }
    read->was_held = false;
    read->is_exact = !read->was_fast;
    if (read->is_exact)
        read->cpu_ns = thread_times(&read->switches);
    read->began_ns = lc_clock_now(CLOCK_MONOTONIC);
}

/* How long a read blocked its thread. If the kernel counts no switches, all time without
 * a processor counts as blocked. */
static int64_t blocked_time(const struct lc_depth *depth,
                            const struct lc_depth_read *read, int64_t elapsed)
{
    long switches;
    int64_t used;

    if (!read->is_exact || read->was_held)
        return 0;
    used = thread_times(&switches) - read->cpu_ns;
    if (used >= elapsed || (depth->has_switches && switches == read->switches))
        return 0;
    return elapsed - used;
}

void lc_depth_end(struct lc_depth *depth, struct lc_depth_read *read, uint64_t bytes)
{
    int64_t now, elapsed, blocked;

    if (depth->at_once) {
        pthread_mutex_lock(&depth->mutex);
        depth->reading--;
        pthread_cond_broadcast(&depth->changed);
        pthread_mutex_unlock(&depth->mutex);
        return;
    }
    now = lc_clock_now(CLOCK_MONOTONIC);
    elapsed = now - read->began_ns;
    blocked = blocked_time(depth, read, elapsed);
    read->was_fast = elapsed < FAST_NS;
    pthread_mutex_lock(&depth->mutex);
    depth->reads++;
    depth->units += bytes + UNITS_PER_FILE;
    depth->blocked_ns += blocked;
    depth->busy_ns += read->was_held ? 0 : elapsed - blocked;
    if (now - depth->began_ns >= EPOCH_NS &&
        depth->reads >= 2 * (uint64_t)atomic_load(&depth->wanted))
        end_epoch(depth, now);
    pthread_mutex_unlock(&depth->mutex);
}

uint64_t lc_depth_reserve(struct lc_depth *depth, struct lc_depth_read *read,
                          uint64_t bytes)
{
    if (lc_depth_wanted(depth) == depth->workers)
        return 0;
    pthread_mutex_lock(&depth->mutex);
    while (depth->reserved && depth->reserved + bytes > depth->memory) {
        read->was_held = true;
        pthread_cond_wait(&depth->freed, &depth->mutex);
    }
    depth->reserved += bytes;
    pthread_mutex_unlock(&depth->mutex);
    return bytes;
}

void lc_depth_release(struct lc_depth *depth, uint64_t bytes)
{
    if (!bytes)
        return;
    pthread_mutex_lock(&depth->mutex);
    depth->reserved -= bytes;
    pthread_cond_broadcast(&depth->freed);
    pthread_mutex_unlock(&depth->mutex);
}

size_t lc_depth_kept_bytes(const struct lc_depth *depth)
{
    unsigned threads = lc_depth_wanted(depth);

    return threads == depth->workers ? SIZE_MAX
                                     : (size_t)(depth->memory / KEPT_SHARE / depth->most);
}

/* ---- working ---- */

unsigned lc_depth_enter(struct lc_depth *depth, unsigned preferred)
{
    unsigned slot = preferred;

    pthread_mutex_lock(&depth->mutex);
    while (depth->used == depth->workers)
        pthread_cond_wait(&depth->left, &depth->mutex);
    while (depth->entered_ns[slot])
        slot = (slot + 1) % depth->workers;
    depth->used++;
    depth->entered_ns[slot] = lc_clock_now(CLOCK_MONOTONIC);
    pthread_mutex_unlock(&depth->mutex);
    return slot;
}

void lc_depth_leave(struct lc_depth *depth, unsigned slot)
{
    int64_t now = lc_clock_now(CLOCK_MONOTONIC);

    pthread_mutex_lock(&depth->mutex);
    depth->busy_ns += now - depth->entered_ns[slot];
    depth->entered_ns[slot] = 0;
    depth->used--;
    pthread_cond_signal(&depth->left);
    pthread_mutex_unlock(&depth->mutex);
}

/* ---- threads ---- */

unsigned lc_depth_most(const struct lc_depth *depth)
{
    return depth->most;
}

unsigned lc_depth_wanted(const struct lc_depth *depth)
{
    return atomic_load(&depth->wanted);
}

unsigned lc_depth_peak(struct lc_depth *depth)
{
    unsigned peak;

    pthread_mutex_lock(&depth->mutex);
    peak = depth->peak;
    pthread_mutex_unlock(&depth->mutex);
    return peak;
}

bool lc_depth_admit(struct lc_depth *depth, unsigned thread)
{
    bool closed;

    if (thread < atomic_load(&depth->wanted))
        return true;
    pthread_mutex_lock(&depth->mutex);
    while (thread >= atomic_load(&depth->wanted) && !depth->closed)
        pthread_cond_wait(&depth->changed, &depth->mutex);
    closed = depth->closed;
    pthread_mutex_unlock(&depth->mutex);
    return !closed;
}

void lc_depth_close(struct lc_depth *depth)
{
    pthread_mutex_lock(&depth->mutex);
    depth->closed = true;
    pthread_cond_broadcast(&depth->changed);
    pthread_mutex_unlock(&depth->mutex);
}
