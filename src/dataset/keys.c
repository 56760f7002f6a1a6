#include "dataset/keys.h"

#include <string.h>

static void note_duplicate(struct lc_row *row, const struct lc_json_doc *doc, uint32_t at)
{
    if (row->duplicate_key.text)
        return;
    row->duplicate_key = lc_json_string(doc, at);
    row->duplicate_key_at = lc_json_offset(doc, at);
}

void lc_keys_note(struct lc_keys *keys, struct lc_row *row, const struct lc_json_doc *doc,
                  uint32_t at)
{
    struct lc_span key = lc_json_string(doc, at);
    size_t capacity = sizeof(keys->seen) / sizeof(keys->seen[0]), i = 0;

    if (keys->count++ >= capacity)
        return;
    while (i < keys->count - 1 && !lc_span_equal(keys->seen[i], key))
        i++;
    if (i < keys->count - 1)
        note_duplicate(row, doc, at);
    keys->seen[keys->count - 1] = key;
}

/* Find a duplicate among many keys, with a hash table of their tape indices. */
static enum lc_status check_many(struct lc_row *row, const struct lc_json_doc *doc,
                                 uint32_t object, size_t count, struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, object), *slots;
    size_t size = 16;
    enum lc_status status;

    while (size < 2 * count)
        size *= 2;
    row->scratch.size = 0;
    status = lc_buffer_reserve(&row->scratch, size * sizeof(*slots), err);
    if (status != LC_OK)
        return status;
    slots = (uint32_t *)(void *)row->scratch.data;
    memset(slots, 0, size * sizeof(*slots));
    for (uint32_t i = object + 1, value; i < close; i = lc_json_next(doc, value)) {
        struct lc_span key = lc_json_string(doc, i);
        size_t slot = lc_hash_quick(key.text, key.size) & (size - 1);

        while (slots[slot] && !lc_span_equal(lc_json_string(doc, slots[slot]), key))
            slot = (slot + 1) & (size - 1);
        if (slots[slot]) {
            note_duplicate(row, doc, i);
            return LC_OK;
        }
        slots[slot] = i;
        value = lc_json_next(doc, i);
    }
    return LC_OK;
}

enum lc_status lc_keys_check(struct lc_row *row, const struct lc_json_doc *doc,
                             uint32_t object, struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, object), value;
    struct lc_keys keys = {.count = 0};

    for (uint32_t i = object + 1; i < close && !row->duplicate_key.text;
         i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        lc_keys_note(&keys, row, doc, i);
    }
    if (row->duplicate_key.text || !lc_keys_overflow(&keys))
        return LC_OK;
    return check_many(row, doc, object, keys.count, err);
}

enum lc_status lc_keys_check_all(struct lc_row *row, const struct lc_json_doc *doc,
                                 uint32_t at, struct lc_error *err)
{
    uint32_t end = lc_json_next(doc, at);
    enum lc_status status = LC_OK;

    while (at < end && status == LC_OK && !row->duplicate_key.text) {
        unsigned letter = (unsigned)(doc->tape[at] >> LC_JSON_LETTER_SHIFT);
        bool container = letter == LC_JSON_OBJECT || letter == LC_JSON_ARRAY;

        if (letter == LC_JSON_OBJECT)
            status = lc_keys_check(row, doc, at, err);
        /* enter a container, skip anything else, including the word that closes a
         * container */
        at = container ? at + 1 : lc_json_next(doc, at);
    }
    return status;
}
