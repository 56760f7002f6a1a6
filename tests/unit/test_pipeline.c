/* test_pipeline.c - src/scan/common/pipeline: order, errors, ends; src/base/queue under
 * it */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/queue.h"
#include "scan/common/pipeline.h"

/* If the pipeline hangs, the alarm ends the program with a failure. */
enum { PATIENCE_S = 240 };

struct job {
    struct lc_job job; /* first */
    uint64_t input;
    uint64_t output;
};

/* A stage that squares numbers, and fails at given ones; -1: at none. */
struct stage {
    uint64_t count;
    int64_t fill_fails_at;
    int64_t work_fails_at[3];
    int64_t collect_fails_at;
    int scratch_fails; /* 1: in every worker */
    uint64_t large;    /* one in this number of jobs is large; 0: none */
    /* used only by the reader */
    uint64_t filled;
    /* used only by the caller */
    uint64_t collected;
    bool in_order;
    pthread_t caller;
};

static int jobs_alive;
static atomic_int large_at_work;

static struct lc_job *job_new(void)
{
    struct job *job = calloc(1, sizeof(*job));

    jobs_alive += job != NULL;
    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *job)
{
    jobs_alive -= job != NULL;
    free(job);
}

static enum lc_status scratch_new(void *data, void **scratch, struct lc_error *err)
{
    const struct stage *stage = data;

    if (stage->scratch_fails)
        return lc_fail_memory(err);
    *scratch = malloc(16);
    return *scratch ? LC_OK : lc_fail_memory(err);
}

static void scratch_free(void *scratch)
{
    free(scratch);
}

static bool fill(void *data, struct lc_job *base)
{
    struct stage *stage = data;
    struct job *job = (struct job *)base;

    if (stage->fill_fails_at == (int64_t)stage->filled) {
        (void)lc_fail(&base->error, LC_ERR_IO, 0, "fill %d", (int)stage->filled);
        return false;
    }
    if (stage->filled == stage->count)
        return false;
    job->input = stage->filled++;
    base->is_large = stage->large && job->input % stage->large == 0;
    return true;
}

static void work(void *data, void *scratch, struct lc_job *base)
{
    const struct stage *stage = data;
    struct job *job = (struct job *)base;

    memset(scratch, (int)job->input, 16); /* not shared, or TSan reports it */
    for (size_t i = 0; i < COUNT(stage->work_fails_at); i++)
        if (stage->work_fails_at[i] == (int64_t)job->input)
            (void)lc_fail(&base->error, LC_ERR_IO, 0, "work %d", (int)job->input);
    if (base->is_large)
        assert_int_equal(atomic_fetch_add(&large_at_work, 1), 0);
    if (job->input % 7 == 0)
        usleep((useconds_t)(job->input % 3 * 50)); /* later jobs overtake this one */
    if (base->is_large)
        atomic_fetch_sub(&large_at_work, 1);
    job->output = job->input * job->input;
}

static enum lc_status collect(void *data, struct lc_job *base, struct lc_error *err)
{
    struct stage *stage = data;
    const struct job *job = (const struct job *)base;

    stage->in_order &= job->input == stage->collected && base->number == job->input &&
                       job->output == job->input * job->input &&
                       pthread_equal(pthread_self(), stage->caller);
    if (stage->collect_fails_at == (int64_t)job->input)
        return lc_fail(err, LC_ERR_INDEX, 0, "collect %d", (int)job->input);
    stage->collected++;
    return LC_OK;
}

static const struct lc_stage_ops ops = {job_new, job_free, scratch_new, scratch_free,
                                        fill,    work,     collect};

static struct stage sound(uint64_t count)
{
    return (struct stage){
        .count = count,
        .fill_fails_at = -1,
        .work_fails_at = {-1, -1, -1},
        .collect_fails_at = -1,
        .in_order = true,
        .caller = pthread_self(),
    };
}

static const unsigned worker_counts[] = {1, 2, 3, 8, 32};
EXPECT_CASES(worker_counts, 5);

static void order(void **state)
{
    static const uint64_t counts[] = {0, 1, 3, 4, 5, 31, 32, 33, 1000, 20000};
    EXPECT_CASES(counts, 10);

    (void)state;
    for (size_t w = 0; w < COUNT(worker_counts); w++) {
        for (size_t i = 0; i < COUNT(counts); i++) {
            struct stage stage = sound(counts[i]);

            assert_int_equal(lc_pipeline_run(&ops, &stage, worker_counts[w], NULL),
                             LC_OK);
            assert_true(stage.in_order);
            assert_int_equal(stage.collected, counts[i]);
            assert_int_equal(jobs_alive, 0);
        }
    }
}

/* Each way to fail, many times with every number of workers: the result is always the
 * same.
 */
static void errors(void **state)
{
    static const struct {
        int64_t fill, work[3], collect;
        int scratch;
        enum lc_status status;
        const char *message;
        int64_t collected; /* before it */
    } cases[] = {
        {0, {-1, -1, -1}, -1, 0, LC_ERR_IO, "fill 0", 0},
        {7, {-1, -1, -1}, -1, 0, LC_ERR_IO, "fill 7", 7},
        {299, {-1, -1, -1}, -1, 0, LC_ERR_IO, "fill 299", 299},
        {-1, {0, -1, -1}, -1, 0, LC_ERR_IO, "work 0", 0},
        {-1, {299, 150, 14}, -1, 0, LC_ERR_IO, "work 14", 14},
        {-1, {15, 14, 16}, -1, 0, LC_ERR_IO, "work 14", 14},
        {-1, {299, -1, -1}, -1, 0, LC_ERR_IO, "work 299", 299},
        {-1, {-1, -1, -1}, 0, 0, LC_ERR_INDEX, "collect 0", 0},
        {-1, {-1, -1, -1}, 100, 0, LC_ERR_INDEX, "collect 100", 100},
        {-1, {-1, -1, -1}, 299, 0, LC_ERR_INDEX, "collect 299", 299},
        {21, {14, 15, -1}, 13, 0, LC_ERR_INDEX, "collect 13", 13},
        {21, {14, 15, -1}, 14, 0, LC_ERR_IO, "work 14", 14},
        {13, {14, 12, -1}, 15, 0, LC_ERR_IO, "work 12", 12},
        {13, {14, -1, -1}, 15, 0, LC_ERR_IO, "fill 13", 13},
        {-1, {-1, -1, -1}, -1, 1, LC_ERR_MEMORY, "out of memory", 0},
    };
    EXPECT_CASES(cases, 15);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int round = 0; round < rounds(50) * (int)COUNT(worker_counts); round++) {
            struct stage stage = sound(300);
            struct lc_error error = {0};
            unsigned workers = worker_counts[(size_t)round % COUNT(worker_counts)];

            stage.fill_fails_at = cases[i].fill;
            memcpy(stage.work_fails_at, cases[i].work, sizeof(cases[i].work));
            stage.collect_fails_at = cases[i].collect;
            stage.scratch_fails = cases[i].scratch;
            assert_int_equal(lc_pipeline_run(&ops, &stage, workers, &error),
                             cases[i].status);
            assert_int_equal(error.status, cases[i].status);
            assert_string_equal(error.message, cases[i].message);
            assert_int_equal(stage.collected, cases[i].collected);
            assert_true(stage.in_order);
            assert_int_equal(jobs_alive, 0);
        }
    }
}

/* Large jobs run one at a time, among many small ones; failures end the run. */
static void large_jobs(void **state)
{
    (void)state;
    for (size_t w = 0; w < COUNT(worker_counts); w++) {
        for (uint64_t large = 1; large <= 5; large += 2) {
            struct stage stage = sound(200), failing = sound(200);

            stage.large = failing.large = large;
            assert_int_equal(lc_pipeline_run(&ops, &stage, worker_counts[w], NULL),
                             LC_OK);
            assert_true(stage.in_order);
            assert_int_equal(stage.collected, 200);
            failing.collect_fails_at = 77;
            assert_int_equal(lc_pipeline_run(&ops, &failing, worker_counts[w], NULL),
                             LC_ERR_INDEX);
            assert_int_equal(failing.collected, 77);
            assert_int_equal(jobs_alive, 0);
        }
    }
}

/* The caller may pass no error; an earlier error in the caller's is kept. */
static void error_of_the_caller(void **state)
{
    struct stage stage = sound(10);
    struct lc_error error = {.status = LC_ERR_USAGE, .message = "earlier"};

    (void)state;
    stage.work_fails_at[0] = 3;
    assert_int_equal(lc_pipeline_run(&ops, &stage, 2, NULL), LC_ERR_IO);
    stage = sound(10);
    stage.work_fails_at[0] = 3;
    assert_int_equal(lc_pipeline_run(&ops, &stage, 2, &error), LC_ERR_IO);
    assert_string_equal(error.message, "earlier");
}

/* After an error, the reader stops soon, so even endless input ends. */
static void reader_stops(void **state)
{
    (void)state;
    for (size_t w = 0; w < COUNT(worker_counts); w++) {
        struct stage stage = sound(UINT64_MAX);
        struct lc_error error = {0};

        stage.collect_fails_at = 50;
        assert_int_equal(lc_pipeline_run(&ops, &stage, worker_counts[w], &error),
                         LC_ERR_INDEX);
        /* the reader can be ahead of the collector by at most the number of jobs */
        assert_in_range(stage.filled, 51, 51 + 4 * worker_counts[w]);
    }
}

static int jobs_left;

static struct lc_job *job_new_fails(void)
{
    return jobs_left-- > 0 ? job_new() : NULL;
}

static void no_memory_for_jobs(void **state)
{
    struct lc_stage_ops poor = ops;

    (void)state;
    poor.job_new = job_new_fails;
    for (int left = 0; left < 8; left++) {
        struct stage stage = sound(10);
        struct lc_error error = {0};

        jobs_left = left;
        assert_int_equal(lc_pipeline_run(&poor, &stage, 2, &error), LC_ERR_MEMORY);
        assert_int_equal(error.status, LC_ERR_MEMORY);
        assert_int_equal(stage.filled, 0);
        assert_int_equal(jobs_alive, 0);
    }
}

/* ---- the queue */

static void queue_keeps_order(void **state)
{
    struct lc_queue *queue = NULL;
    int items[3];

    (void)state;
    assert_int_equal(lc_queue_new(3, &queue, NULL), LC_OK);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 3; i++)
            lc_queue_push(queue, &items[i]);
        for (int i = 0; i < 3; i++)
            assert_ptr_equal(lc_queue_pop(queue), &items[i]);
        lc_queue_push(queue, &items[0]); /* the ring wraps around */
        assert_ptr_equal(lc_queue_pop(queue), &items[0]);
    }
    lc_queue_push(queue, &items[1]);
    lc_queue_close(queue);
    assert_ptr_equal(lc_queue_pop(queue), &items[1]); /* closed, not emptied */
    assert_null(lc_queue_pop(queue));
    assert_null(lc_queue_pop(queue));
    lc_queue_free(queue);
    lc_queue_free(NULL);
}

static void *pop_all(void *queue)
{
    uintptr_t count = 0;

    while (lc_queue_pop(queue))
        count++;
    return (void *)count;
}

static void queue_wakes_all(void **state)
{
    enum { THREADS = 4, ITEMS = 1000 };
    struct lc_queue *queue = NULL;
    pthread_t threads[THREADS];
    uintptr_t total = 0;
    static char items[ITEMS];

    (void)state;
    assert_int_equal(lc_queue_new(ITEMS, &queue, NULL), LC_OK);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pop_all, queue), 0);
    for (int i = 0; i < ITEMS; i++)
        lc_queue_push(queue, &items[i]);
    lc_queue_close(queue);
    for (int i = 0; i < THREADS; i++) {
        void *count;

        assert_int_equal(pthread_join(threads[i], &count), 0);
        total += (uintptr_t)count;
    }
    assert_int_equal(total, ITEMS);
    lc_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(errors),
        cmocka_unit_test(large_jobs),
        cmocka_unit_test(error_of_the_caller),
        cmocka_unit_test(reader_stops),
        cmocka_unit_test(no_memory_for_jobs),
        cmocka_unit_test(queue_keeps_order),
        cmocka_unit_test(queue_wakes_all),
    };

    alarm(PATIENCE_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
