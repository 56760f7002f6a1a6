/* test_row_job.c - src/scan/rows/job: a job keeps the samples of a shard, with their
 * texts
 */
#include "unit.h"

#include "scan/rows/job.h"

enum { SAMPLES = 200, TEXTS = 4, TEXT = LC_JSON_PADDING + 32 };

/* The number-th sample; its texts are in out, and change with the next one. */
static struct lc_sample make_sample(unsigned number, char out[TEXTS][TEXT])
{
    memset(out, 0, (size_t)TEXTS * TEXT);
    snprintf(out[0], 32, "key-%u", number);
    snprintf(out[1], 32, "{\"id\": %u}", number);
    snprintf(out[2], 32, "key-%u.jpg", number);
    snprintf(out[3], 32, "a.b-%u", number);
    return (struct lc_sample){
        .key = span(out[0]),
        .text = span(out[1]),
        .offset = 512 * (uint64_t)number,
        .images = {out[2], strlen(out[2]) + 1},
        .image_count = 1,
        .dotted = number % 2 ? span(out[3]) : (struct lc_span){0},
    };
}

static void a_job_keeps_all_samples(void **state)
{
    struct lc_row_job *job = (struct lc_row_job *)lc_row_job_new();
    char texts[TEXTS][TEXT];

    (void)state;
    assert_non_null(job);
    job->is_shard = true;
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct lc_sample sample = make_sample(i, texts);

        assert_int_equal(lc_row_job_add_sample(job, &sample, 1000 + i, NULL), LC_OK);
        assert_int_equal(job->count, i + 1);
    }
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct lc_sample wanted = make_sample(i, texts), got = lc_row_job_sample(job, i);
        const struct lc_piece *piece = &job->pieces[i];

        assert_true(lc_span_equal(got.key, wanted.key));
        assert_int_equal(got.key.text[got.key.size], 0);
        assert_true(lc_span_equal(got.text, wanted.text));
        assert_int_equal(got.text.text[got.text.size + LC_JSON_PADDING - 1], 0);
        assert_true(lc_span_equal(got.images, wanted.images));
        assert_true(lc_span_equal(got.dotted, wanted.dotted));
        assert_int_equal(got.spoiled.size, 0);
        assert_ptr_equal(lc_row_job_text(job, piece), got.text.text);
        assert_int_equal(piece->row, 1000 + i);
        assert_int_equal(piece->size, wanted.text.size);
        assert_int_equal(piece->place.offset, wanted.offset);
        assert_false(job->foreign[i]);
    }
    lc_row_job_reset(job);
    assert_int_equal(job->count, 0);
    lc_row_job_free(&job->job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_keeps_all_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
