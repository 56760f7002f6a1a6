/* test_depth.c - src/scan/common/depth: how many files are read at once, in a pipeline */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "scan/common/depth.h"
#include "scan/common/pipeline.h"

/* If the pipeline hangs, the alarm ends the program with a failure. */
enum { PATIENCE_S = 240, MEMORY = 1000000 };

/* A stage that reads slow files, and works on them. */
struct stage {
    struct lc_depth *depth;
    uint64_t count;
    useconds_t read_us; /* time that reading a file blocks */
    uint64_t bytes; /* of each file; without a reservation, they do not count as held */
    bool spins;     /* reading uses the processor instead */
    unsigned
        scratch_fails_from; /* in threads with this number or a higher one; 0: in none */
    uint64_t filled;
    uint64_t collected;
    bool in_order;
    atomic_uint threads;
    atomic_uint reading, most_reading;
    atomic_uint working, most_working;
    atomic_ullong held, most_held;
    atomic_bool slots[8]; /* in use, each by a single thread */
};

static void note_most(atomic_uint *most, unsigned now)
{
    for (unsigned seen = *most; now > seen;)
        if (atomic_compare_exchange_weak(most, &seen, now))
            return;
}

static struct lc_job *job_new(void)
{
    return calloc(1, sizeof(struct lc_job));
}

static void job_free(struct lc_job *job)
{
    free(job);
}

struct scratch {
    struct lc_depth_read read;
    unsigned slot;
};

static enum lc_status scratch_new(void *data, void **out, struct lc_error *err)
{
    struct stage *stage = data;
    unsigned number = atomic_fetch_add(&stage->threads, 1);

    if (stage->scratch_fails_from && number >= stage->scratch_fails_from)
        return lc_fail_memory(err);
    *out = calloc(1, sizeof(struct scratch));
    return *out ? LC_OK : lc_fail_memory(err);
}

static void scratch_free(void *scratch)
{
    free(scratch);
}

static bool fill(void *data, struct lc_job *job)
{
    struct stage *stage = data;

    (void)job;
    return stage->filled++ < stage->count;
}

static void spin(useconds_t us)
{
    struct timespec begin, now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 <
           (long)us);
}

/* Read a file from slow storage, and record how much is held and read meanwhile. */
static void wait_for_file(struct stage *stage, uint64_t bytes)
{
    unsigned long long held = atomic_fetch_add(&stage->held, bytes) + bytes;

    for (unsigned long long seen = stage->most_held; held > seen;)
        if (atomic_compare_exchange_weak(&stage->most_held, &seen, held))
            break;
    note_most(&stage->most_reading, atomic_fetch_add(&stage->reading, 1) + 1);
    if (stage->read_us)
        usleep(stage->read_us);
    atomic_fetch_sub(&stage->reading, 1);
}

static void work(void *data, void *argument, struct lc_job *job)
{
    struct stage *stage = data;
    struct scratch *scratch = argument;
    uint64_t bytes;

    (void)job;
    lc_depth_begin(stage->depth, &scratch->read);
    bytes = lc_depth_reserve(stage->depth, &scratch->read, stage->bytes);
    if (stage->spins)
        spin(stage->read_us); /* and nothing else, which might block */
    else
        wait_for_file(stage, bytes);
    lc_depth_end(stage->depth, &scratch->read, stage->bytes);

    scratch->slot = lc_depth_enter(stage->depth, scratch->slot);
    assert_false(atomic_exchange(&stage->slots[scratch->slot], true));
    note_most(&stage->most_working, atomic_fetch_add(&stage->working, 1) + 1);
    atomic_fetch_sub(&stage->working, 1);
    atomic_store(&stage->slots[scratch->slot], false);
    lc_depth_leave(stage->depth, scratch->slot);
    if (!stage->spins)
        atomic_fetch_sub(&stage->held, bytes);
    lc_depth_release(stage->depth, bytes);
}

static enum lc_status collect(void *data, struct lc_job *job, struct lc_error *err)
{
    struct stage *stage = data;

    (void)err;
    stage->in_order &= job->number == stage->collected++;
    return LC_OK;
}

static const struct lc_stage_ops ops = {job_new, job_free, scratch_new, scratch_free,
                                        fill,    work,     collect};

/* Run a stage. Returns the largest number of threads that were useful. */
static unsigned run(struct stage *stage, unsigned workers, unsigned at_once)
{
    unsigned peak;

    stage->in_order = true;
    assert_int_equal(lc_depth_new(workers, at_once, MEMORY, &stage->depth, NULL), LC_OK);
    assert_int_equal(lc_pipeline_run_deep(&ops, stage, stage->depth, NULL), LC_OK);
    peak = lc_depth_peak(stage->depth);
    lc_depth_free(stage->depth);
    assert_true(stage->in_order);
    assert_int_equal(stage->collected, stage->count);
    assert_true(stage->most_working <= workers);
    assert_true(stage->held == 0 && stage->reading == 0);
    return peak;
}

static void late_files_are_read_many_at_once(void **state)
{
    unsigned peak = 0, most_reading = 0;

    (void)state;
    for (int i = 0; i < 5 && (peak < 8 || most_reading < 8); i++) { /* others may run */
        struct stage stage = {.count = 600, .read_us = 4000, .bytes = 100};

        peak = run(&stage, 2, 0);
        most_reading = stage.most_reading;
        assert_true(most_reading <= 64);
    }
    assert_true(peak >= 8);
    assert_true(most_reading >= 8);
}

static void files_at_hand_need_no_more_threads(void **state)
{
    struct stage at_once = {.count = 20000, .bytes = 100, .spins = true};
    struct stage copied = {.count = 400, .read_us = 300, .bytes = 100, .spins = true};

    (void)state;
    assert_int_equal(run(&at_once, 2, 0), 2);
    assert_true(at_once.threads <= 2);
    assert_int_equal(run(&copied, 2, 0), 2);
    assert_true(copied.threads <= 2);
}

static void *read_at_hand(void *data)
{
    struct lc_depth *depth = data;
    struct lc_depth_read read = {0};

    for (int i = 0; i < 200; i++) {
        lc_depth_begin(depth, &read);
        spin(300);
        lc_depth_end(depth, &read, 100);
    }
    return NULL;
}

/* Threads that never block, and only wait for a processor. */
static void a_busy_processor_is_no_late_storage(void **state)
{
    pthread_t threads[4];
    struct lc_depth *depth;
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    assert_int_equal(lc_depth_new(COUNT(threads), 0, MEMORY, &depth, NULL), LC_OK);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_at_hand, depth), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    assert_int_equal(lc_depth_peak(depth), COUNT(threads));
    lc_depth_free(depth);
}

static void a_number_that_is_given_is_kept(void **state)
{
    static const unsigned numbers[] = {1, 3, 20, 100};
    EXPECT_CASES(numbers, 4);

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct stage stage = {.count = 300, .read_us = 500, .bytes = 100};

        run(&stage, 2, numbers[i]);
        assert_true(stage.most_reading <= numbers[i]);
        assert_int_equal(stage.threads, numbers[i] + 2);
    }
}

static void memory_is_bounded(void **state)
{
    struct stage half = {.count = 300, .read_us = 500, .bytes = MEMORY / 2};
    struct stage third = {.count = 300, .read_us = 500, .bytes = MEMORY / 3};
    struct stage huge = {.count = 30, .read_us = 100, .bytes = (uint64_t)3 * MEMORY};

    (void)state;
    run(&half, 4, 16);
    assert_true(half.most_held <= MEMORY);
    run(&third, 4, 0);
    assert_true(third.most_held <= MEMORY);
    run(&huge, 4, 16); /* each alone */
    assert_int_equal(huge.most_held, 3 * MEMORY);
}

static void no_memory_for_more_threads_is_no_error(void **state)
{
    struct stage stage = {
        .count = 300, .read_us = 2000, .bytes = 100, .scratch_fails_from = 2};

    (void)state;
    run(&stage, 2, 0);
    assert_true(stage.threads > 2); /* they were tried */
}

static void few_files_end_at_once(void **state)
{
    static const uint64_t counts[] = {0, 1, 2, 3, 7};
    EXPECT_CASES(counts, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++)
        for (unsigned at_once = 0; at_once < 4; at_once++) {
            struct stage stage = {.count = counts[i], .read_us = 100, .bytes = 1};

            run(&stage, 3, at_once);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_files_are_read_many_at_once),
        cmocka_unit_test(files_at_hand_need_no_more_threads),
        cmocka_unit_test(a_busy_processor_is_no_late_storage),
        cmocka_unit_test(a_number_that_is_given_is_kept),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(no_memory_for_more_threads_is_no_error),
        cmocka_unit_test(few_files_end_at_once),
    };

    alarm(PATIENCE_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
