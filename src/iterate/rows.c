/* Iterates over rows */
#include "iterate/entries.h"

#include "llava_check/index.h"
#include "llava_check/rules.h"
#include "llava_check/verify.h"

#include <stdlib.h>

/* Rows and the images that they name are two tables, both sorted by row number, so two
 * streams run side by side. The stream of images is at the first row at or after the
 * current one. */
struct lc_row_iterator {
    const struct lc_index *index;
    struct lc_stream *rows;
    struct lc_stream *images;
    bool has_ahead; /* the images of row `ahead` are already read */
    bool is_over;   /* no later row names images */
    uint64_t ahead;
    struct lc_span ahead_images;
    uint8_t *has_error; /* one bit for each row: the check found an error in it */
    uint64_t row_count;
    struct lc_entry_cache cache;
    struct lc_row_image_list list;
    struct lc_row_entry entry;
};

/* Record the row that an error is about. */
static enum lc_status note_error(void *user, const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct lc_row_iterator *iterator = user;
    const struct lc_file_record *file;
    enum lc_status status;
    uint64_t row;

    if (finding->kind != LC_FINDING_ROW || finding->row < 0 ||
        finding->severity != LC_SEVERITY_ERROR)
        return LC_OK;
    status =
        lc_entry_cache_file(&iterator->cache, iterator->index, finding->file, &file, err);
    if (status != LC_OK)
        return status;
    row = file->first_row + (uint64_t)finding->row;
    if ((uint64_t)finding->row < file->rows && row < iterator->row_count)
        iterator->has_error[row / 8] |= (uint8_t)(1U << row % 8);
    return LC_OK;
}

enum lc_status lc_row_iterator_new(const struct lc_index *index,
                                   struct lc_row_iterator **out, struct lc_error *err)
{
    struct lc_row_iterator *iterator = calloc(1, sizeof(*iterator));
    enum lc_status status;

    if (!iterator)
        return lc_fail_memory(err);
    iterator->index = index;
    iterator->row_count = lc_index_summary(index)->rows;
    iterator->has_error = calloc((size_t)(iterator->row_count / 8) + 1, 1);
    status = iterator->has_error ? LC_OK : lc_fail_memory(err);
    if (status == LC_OK && !lc_index_verification(index))
        status = lc_index_each_finding(index, note_error, iterator, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_ROWS, &iterator->rows, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_ROW_IMAGES, &iterator->images, err);
    if (status == LC_OK)
        *out = iterator;
    else
        lc_row_iterator_free(iterator);
    return status;
}

void lc_row_iterator_free(struct lc_row_iterator *iterator)
{
    if (!iterator)
        return;
    lc_stream_free(iterator->rows);
    lc_stream_free(iterator->images);
    lc_row_image_list_clear(&iterator->list);
    free(iterator->has_error);
    free(iterator);
}

/* Advance to the images of a row; *out is empty if it names none. */
static enum lc_status images_of(struct lc_row_iterator *iterator, uint64_t row,
                                struct lc_span *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *out = (struct lc_span){0};
    while (status == LC_OK && !iterator->is_over &&
           (!iterator->has_ahead || iterator->ahead < row)) {
        status = lc_stream_row_images(iterator->images, &iterator->ahead,
                                      &iterator->ahead_images, &iterator->has_ahead, err);
        iterator->is_over = !iterator->has_ahead;
    }
    if (status == LC_OK && iterator->has_ahead && iterator->ahead == row)
        *out = iterator->ahead_images;
    return status;
}

enum lc_status lc_row_next_of(struct lc_row_iterator *iterator, lc_row_wanted_fn *wanted,
                              void *user, const struct lc_row_entry **out,
                              struct lc_error *err)
{
    struct lc_row_record record;
    struct lc_span images = {0};
    uint64_t number = 0;
    bool there = false, has_error;
    enum lc_status status;

    *out = NULL;
    do
        status = lc_stream_row(iterator->rows, &number, &record, &there, err);
    while (status == LC_OK && there && wanted && !wanted(user, number));
    if (status == LC_OK && there)
        status = images_of(iterator, number, &images, err);
    if (status == LC_OK && there) {
        has_error = number < iterator->row_count &&
                    iterator->has_error[number / 8] >> number % 8 & 1;
        status =
            lc_entry_of_row(iterator->index, number, &record, images, has_error,
                            &iterator->cache, &iterator->list, &iterator->entry, err);
    }
    if (status != LC_OK)
        lc_stream_end(iterator->rows);
    else if (there)
        *out = &iterator->entry;
    return status;
}

enum lc_status lc_row_next(struct lc_row_iterator *iterator,
                           const struct lc_row_entry **out, struct lc_error *err)
{
    return lc_row_next_of(iterator, NULL, NULL, out, err);
}
