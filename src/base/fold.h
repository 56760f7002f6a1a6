/* fold.h - names that differ in case or Unicode form alone, told to be the same */
#ifndef LC_BASE_FOLD_H
#define LC_BASE_FOLD_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

/**
 * Append the folded form of a text: NFKC, without differences of case. Of bytes that are
 * no UTF-8 only the letters of ASCII are folded.
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  Unicode 15 section 3.13, toNFKC_Casefold; libunistring unicase.h, u8_casefold.
 */
LC_MUST_CHECK enum lc_status lc_fold(struct lc_span text, struct lc_buffer *out,
                                     struct lc_error *err);

/**
 * Tell whether two texts differ in their Unicode form at most: é as one code point, and
 * as an e and an accent.
 *
 * @param same  set on success; false when either is no UTF-8 and their bytes differ
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  Unicode Standard Annex 15; libunistring uninorm.h, u8_normalize.
 */
LC_MUST_CHECK enum lc_status lc_fold_same_form(struct lc_span a, struct lc_span b,
                                               bool *same, struct lc_error *err);

#endif
