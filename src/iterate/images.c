/* Iterates over image paths */
#include "iterate/entries.h"

#include <stdlib.h>

struct lc_image_iterator {
    const struct lc_index *index;
    struct lc_stream *stream;
    struct lc_image_entry entry;
};

enum lc_status lc_image_iterator_new(const struct lc_index *index,
                                     struct lc_image_iterator **out, struct lc_error *err)
{
    struct lc_image_iterator *iterator = calloc(1, sizeof(*iterator));
    enum lc_status status;

    if (!iterator)
        return lc_fail_memory(err);
    iterator->index = index;
    status = lc_stream_new(index, LC_STREAM_IMAGES, &iterator->stream, err);
    if (status == LC_OK)
        *out = iterator;
    else
        lc_image_iterator_free(iterator);
    return status;
}

void lc_image_iterator_free(struct lc_image_iterator *iterator)
{
    if (!iterator)
        return;
    lc_stream_free(iterator->stream);
    free(iterator);
}

enum lc_status lc_image_next(struct lc_image_iterator *iterator,
                             const struct lc_image_entry **out, struct lc_error *err)
{
    struct lc_image_record record;
    uint32_t number = 0;
    bool there = false;
    enum lc_status status =
        lc_stream_image(iterator->stream, &number, &record, &there, err);

    *out = NULL;
    if (status == LC_OK && there)
        status =
            lc_entry_of_image(iterator->index, number, &record, &iterator->entry, err);
    if (status != LC_OK)
        lc_stream_end(iterator->stream);
    else if (there)
        *out = &iterator->entry;
    return status;
}
