#include "fix/edit.h"

#include "json/json.h"

#include <stdlib.h>
#include <string.h>

void lc_edits_reset(struct lc_edits *edits)
{
    edits->count = 0;
    edits->text.size = 0;
}

void lc_edits_clear(struct lc_edits *edits)
{
    free(edits->items);
    lc_buffer_clear(&edits->text);
    *edits = (struct lc_edits){0};
}

enum lc_status lc_edits_add(struct lc_edits *edits, size_t at, size_t size,
                            const char *put, size_t put_size, struct lc_error *err)
{
    struct lc_edit *items =
        lc_array_grow(edits->items, edits->count, &edits->capacity, sizeof(*items));
    struct lc_edit edit = {at, size, edits->text.size, put_size};
    enum lc_status status;
    size_t place;

    if (!items)
        return lc_fail_memory(err);
    edits->items = items;
    status = lc_buffer_add(&edits->text, put, put_size, err);
    if (status != LC_OK)
        return status;
    /* edits mostly come in the order of the text */
    for (place = edits->count; place > 0 && items[place - 1].at > at; place--)
        items[place] = items[place - 1];
    items[place] = edit;
    edits->count++;
    return LC_OK;
}

enum lc_status lc_edits_apply(struct lc_edits *edits, struct lc_span text,
                              struct lc_buffer *out, bool *good, struct lc_error *err)
{
    size_t at = 0;
    enum lc_status status = LC_OK;

    *good = true;
    out->size = 0;
    for (size_t i = 0; i < edits->count && status == LC_OK && *good; i++) {
        const struct lc_edit *edit = &edits->items[i];

        *good =
            edit->at >= at && edit->at <= text.size && edit->size <= text.size - edit->at;
        if (!*good)
            break;
        status = lc_buffer_add(out, text.text + at, edit->at - at, err);
        if (status == LC_OK)
            status =
                lc_buffer_add(out, edits->text.data + edit->put, edit->put_size, err);
        at = edit->at + edit->size;
    }
    if (status == LC_OK && *good)
        status = lc_buffer_add(out, text.text + at, text.size - at, err);
    if (!*good)
        out->size = 0;
    if (status == LC_OK)
        status = lc_buffer_reserve(out, LC_JSON_PADDING, err);
    if (status == LC_OK)
        memset(out->data + out->size, 0, LC_JSON_PADDING);
    return status;
}
