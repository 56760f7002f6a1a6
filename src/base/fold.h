/* fold.h - compares names regardless of case and Unicode form */
#ifndef LC_BASE_FOLD_H
#define LC_BASE_FOLD_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

/**
 * Append the folded form of a text: NFKC with case folding. If a text is not UTF-8, only
 * its ASCII letters are folded.
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  Unicode 15 section 3.13, toNFKC_Casefold; libunistring unicase.h, u8_casefold.
 */
LC_MUST_CHECK enum lc_status lc_fold(struct lc_span text, struct lc_buffer *out,
                                     struct lc_error *err);

/**
 * Whether two texts are equal or differ only in Unicode form: é as one code point, or as
 * an e and an accent.
 *
 * @param same  set on success; false if either is not UTF-8 and their bytes differ
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  Unicode Standard Annex 15; libunistring uninorm.h, u8_normalize.
 */
LC_MUST_CHECK enum lc_status lc_fold_same_form(struct lc_span a, struct lc_span b,
                                               bool *same, struct lc_error *err);

#endif
