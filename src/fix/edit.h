/* edit.h - changes of a text, byte by byte; private to src/fix */
#ifndef LC_FIX_EDIT_H
#define LC_FIX_EDIT_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** Bytes of a text that are replaced. */
struct lc_edit {
    size_t at;
    size_t size;     /* of what is removed */
    size_t put;      /* offset in the list's text of what is written in its place */
    size_t put_size; /* its size */
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

/** Replace bytes of the text. What is inserted at one place stays in the order of the
 * calls. Errors: LC_ERR_MEMORY. */
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
 * Write the text with its edits.
 *
 * @param out   set to it; LC_JSON_PADDING zero bytes follow, which are not counted
 * @param good  set to false, and out left empty, where edits overlap
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_edits_apply(struct lc_edits *edits, struct lc_span text,
                                            struct lc_buffer *out, bool *good,
                                            struct lc_error *err);

#endif
