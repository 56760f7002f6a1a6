/* edit.h - replaces bytes of a text; private to src/fix */
#ifndef LC_FIX_EDIT_H
#define LC_FIX_EDIT_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** Bytes of a text to replace. */
struct lc_edit {
    size_t at;
    size_t size;     /* bytes to remove */
    size_t put;      /* the replacement: offset in the list's text */
    size_t put_size; /* size of the replacement */
};

/** Edits of one text. All zero is an empty list. */
struct lc_edits {
    struct lc_edit *items;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

void lc_edits_reset(struct lc_edits *edits); /* keeps the memory */
void lc_edits_clear(struct lc_edits *edits);

/** Replace bytes of the text. Insertions at the same place keep the order of the calls.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_edits_add(struct lc_edits *edits, size_t at, size_t size,
                                          const char *put, size_t put_size,
                                          struct lc_error *err);

/** Remove bytes of the text. */
static inline enum lc_status lc_edits_remove(struct lc_edits *edits, size_t at,
                                             size_t size, struct lc_error *err)
{
    return lc_edits_add(edits, at, size, "", 0, err);
}

/**
 * Apply the edits to the text.
 *
 * @param out   set to the edited text, followed by LC_JSON_PADDING zero bytes that are
 *              not counted
 * @param good  set to false, with out left empty, if edits overlap
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_edits_apply(struct lc_edits *edits, struct lc_span text,
                                            struct lc_buffer *out, bool *good,
                                            struct lc_error *err);

#endif
