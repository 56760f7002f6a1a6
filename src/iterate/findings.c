/* Iterates over findings */
#include "iterate/entries.h"

#include "view/view.h"

#include <stdlib.h>

struct lc_finding_iterator {
    const struct lc_index *index;
    const struct lc_view *view; /* NULL: all findings */
    struct lc_stream *stream;
    uint64_t position; /* of the next finding, from 0 */
    struct lc_entry_cache cache;
    struct lc_finding_entry entry;
};

enum lc_status lc_finding_iterator_new(const struct lc_index *index,
                                       const struct lc_view *view,
                                       struct lc_finding_iterator **out,
                                       struct lc_error *err)
{
    struct lc_finding_iterator *iterator = calloc(1, sizeof(*iterator));
    enum lc_status status;

    if (!iterator)
        return lc_fail_memory(err);
    iterator->index = index;
    iterator->view = view;
    status = lc_stream_new(index, LC_STREAM_FINDINGS, &iterator->stream, err);
    if (status == LC_OK)
        *out = iterator;
    else
        lc_finding_iterator_free(iterator);
    return status;
}

void lc_finding_iterator_free(struct lc_finding_iterator *iterator)
{
    if (!iterator)
        return;
    lc_stream_free(iterator->stream);
    free(iterator);
}

/* Go to the next finding that the view reports. */
static enum lc_status next_reported(struct lc_finding_iterator *iterator,
                                    struct lc_finding_record *out, bool *there,
                                    struct lc_error *err)
{
    enum lc_status status;

    do {
        status = lc_stream_finding_record(iterator->stream, out, there, err);
    } while (status == LC_OK && *there && iterator->view &&
             !lc_view_reports(iterator->view, iterator->position++, out));
    return status;
}

enum lc_status lc_finding_next(struct lc_finding_iterator *iterator,
                               const struct lc_finding_entry **out, struct lc_error *err)
{
    struct lc_finding_record record;
    bool there = false;
    enum lc_status status = next_reported(iterator, &record, &there, err);

    *out = NULL;
    if (status == LC_OK && there)
        status = lc_entry_of_finding(iterator->index, &record, &iterator->cache,
                                     &iterator->entry, err);
    if (status != LC_OK)
        lc_stream_end(iterator->stream);
    else if (there)
        *out = &iterator->entry;
    return status;
}
