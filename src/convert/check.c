/* Checks the converted file
 *
 * The file is read like any rows file; only the facts about images are reused from the
 * first check. Every row must have the media, the placeholders and the id of the original
 * row. This is an independent test, because the reader of rows knows nothing about the
 * conversion. */
#include "convert/state.h"

#include "iterate/entries.h"
#include "report/model/effects.h"
#include "scan/check.h"

#include <string.h>

/* Describe the result as a data set with the original data set's roots. */
static void describe(const struct lc_convert *convert, const char *path,
                     struct lc_rows_file *file, struct lc_dataset *out)
{
    *out = convert->dataset;
    out->notices = (struct lc_buffer){0};
    out->files = file;
    out->file_count = 1;
    *file = convert->dataset.files[0];
    file->path = (char *)path;
    file->name = (char *)convert->options.name;
    file->sampling = NULL;
    file->sampled = (struct lc_sampling){0};
    file->lines = convert->lines;
    file->dialect = convert->to;
}

static enum lc_status compare_file(const struct lc_convert *convert,
                                   const struct lc_index *result, struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_file(result, 0, &file, err);

    if (status == LC_OK && (file.rows != convert->counts.kept ||
                            file.size != convert->bytes || file.lines != convert->lines))
        return lc_fail(
            err, LC_ERR_IO, 0, "the result has %llu rows when read again, not %llu",
            (unsigned long long)file.rows, (unsigned long long)convert->counts.kept);
    return status;
}

static bool was_converted(void *user, uint64_t row)
{
    const struct lc_convert *convert = user;

    return row < convert->counts.rows && !(convert->skipped[row / 8] >> row % 8 & 1);
}

static bool has_same_images(const struct lc_row_entry *a, const struct lc_row_entry *b)
{
    if (a->image_count != b->image_count)
        return false;
    for (size_t i = 0; i < a->image_count; i++)
        if (!lc_span_equal(a->images[i].path, b->images[i].path))
            return false;
    return true;
}

/* Whether a row of the result has the content of the original row. */
static bool is_same(const struct lc_row_entry *was, const struct lc_row_entry *is)
{
    return is->is_readable && is->is_object && has_same_images(was, is) &&
           was->videos == is->videos && was->urls == is->urls &&
           was->embedded == is->embedded && was->placeholders == is->placeholders &&
           lc_span_equal(was->id, is->id);
}

/* Mark the rows of the data set that differ in the result. */
static enum lc_status compare_rows(struct lc_convert *convert,
                                   const struct lc_index *result, bool *again,
                                   struct lc_error *err)
{
    struct lc_row_iterator *sources = NULL, *results = NULL;
    const struct lc_row_entry *was = NULL, *is = NULL;
    enum lc_status status = lc_row_iterator_new(convert->index, &sources, err);

    if (status == LC_OK)
        status = lc_row_iterator_new(result, &results, err);
    while (status == LC_OK) {
        status = lc_row_next_of(sources, was_converted, convert, &was, err);
        if (status == LC_OK)
            status = lc_row_next(results, &is, err);
        if (status != LC_OK || (!was && !is))
            break;
        if (!was || !is)
            status = lc_fail(err, LC_ERR_IO, 0,
                             "the result has more or fewer rows than were written");
        else if (!is_same(was, is)) {
            convert->differs[was->number / 8] |= (uint8_t)(1U << was->number % 8);
            *again = true;
        }
    }
    lc_row_iterator_free(sources);
    lc_row_iterator_free(results);
    return status;
}

/* Fail if there is an error between rows. */
static enum lc_status fail_between_rows(void *user,
                                        const struct lc_finding_record *finding,
                                        struct lc_error *err)
{
    const struct lc_index *result = user;
    bool is_between = false;
    enum lc_status status = lc_finding_is_between_rows(result, finding, &is_between, err);

    if (status == LC_OK && is_between && finding->found == LC_SEVERITY_ERROR)
        return lc_fail(err, LC_ERR_IO, 0, "the result is not what was written: %.*s",
                       (int)(finding->message.size < 150 ? finding->message.size : 150),
                       finding->message.text);
    return status;
}

static enum lc_status count_effects(struct lc_convert *convert,
                                    const struct lc_index *result, struct lc_error *err)
{
    struct lc_effects effects = {0};
    enum lc_status status = lc_effects_find(
        result,
        convert->options.trainer ? convert->options.trainer : lc_convert_trainer(convert),
        &effects, err);

    memcpy(convert->counts.effects, effects.counts, sizeof(convert->counts.effects));
    lc_effects_clear(&effects);
    return status;
}

enum lc_status lc_convert_check(struct lc_convert *convert, const char *path, bool *again,
                                struct lc_error *err)
{
    struct lc_check_options check = convert->check;
    struct lc_index *result = NULL;
    struct lc_dataset dataset;
    struct lc_rows_file file;
    enum lc_status status;

    *again = false;
    describe(convert, path, &file, &dataset);
    check.on_notice = NULL; /* the first check has already reported all this */
    check.on_choice = NULL;
    status = lc_check_part(&check, &dataset, convert->index, false, &result, err);
    if (status == LC_OK)
        status = compare_file(convert, result, err);
    if (status == LC_OK)
        status = compare_rows(convert, result, again, err);
    if (status == LC_OK && *again && convert->rounds++)
        status = lc_fail(err, LC_ERR_IO, 0,
                         "rows of the result still differ from the originals");
    if (status == LC_OK)
        status = lc_index_each_finding(result, fail_between_rows, result, err);
    if (status == LC_OK)
        status = count_effects(convert, result, err);
    lc_index_close(result);
    return status;
}
