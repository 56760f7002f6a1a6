/* Folding maps names that a person would call the same to the same bytes, so that they
 * can be sorted and searched as plain strings. Case folding alone is not enough: "é" has
 * two encodings, and ligatures and full-width letters have compatibility forms. NFKC with
 * case folding removes all these differences. Text that is not UTF-8 cannot be
 * normalized, so only its ASCII letters are folded. */
#include "base/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

static bool is_ascii(struct lc_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.text[i] >= 0x80)
            return false;
    return true;
}

static bool is_utf8(struct lc_span text)
{
    return u8_check((const uint8_t *)text.text, text.size) == NULL;
}

/* Fold ASCII without the Unicode library; nearly all names are ASCII. */
static enum lc_status fold_ascii(struct lc_span text, struct lc_buffer *out,
                                 struct lc_error *err)
{
    enum lc_status status = lc_buffer_reserve(out, text.size, err);

    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.text[i];

        if (c >= 'A' && c <= 'Z')
            c = "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
        out->data[out->size++] = c;
    }
    return LC_OK;
}

enum lc_status lc_fold(struct lc_span text, struct lc_buffer *out, struct lc_error *err)
{
    uint8_t *folded;
    size_t size = 0;
    enum lc_status status;

    if (is_ascii(text) || !is_utf8(text))
        return fold_ascii(text, out, err);
    folded = u8_casefold((const uint8_t *)text.text, text.size, NULL, UNINORM_NFKC, NULL,
                         &size);
    if (!folded)
        return lc_fail_memory(err);
    status = lc_buffer_add(out, folded, size, err);
    free(folded);
    return status;
}

enum lc_status lc_fold_same_form(struct lc_span a, struct lc_span b, bool *same,
                                 struct lc_error *err)
{
    int order = 0;

    *same = a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
    if (*same || (is_ascii(a) && is_ascii(b)) || !is_utf8(a) || !is_utf8(b))
        return LC_OK;
    if (u8_normcmp((const uint8_t *)a.text, a.size, (const uint8_t *)b.text, b.size,
                   UNINORM_NFKC, &order) != 0)
        return lc_fail_memory(err);
    *same = order == 0;
    return LC_OK;
}
