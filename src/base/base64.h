/* base64.h - decodes base64 like Python */
#ifndef LC_BASE_BASE64_H
#define LC_BASE_BASE64_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

/**
 * Decode base64 and append the bytes. Characters outside the alphabet are skipped, and
 * the text ends at its padding. If Python's decoder would reject the text, this yields
 * the bytes decoded so far, which are then not a complete image.
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any.
 * Source:  CPython Modules/binascii.c, a2b_base64 (not strict), as base64.b64decode calls
 *          it.
 */
LC_MUST_CHECK enum lc_status lc_base64_decode(struct lc_span text, struct lc_buffer *out,
                                              struct lc_error *err);

#endif
