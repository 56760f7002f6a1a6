/* markup.h - text from the data in the markup of a page; private to src/report */
#ifndef LC_REPORT_HTML_MARKUP_H
#define LC_REPORT_HTML_MARKUP_H

#include "print/out.h"

/** Append any text such that it can neither become markup nor be executed by a CI system
 * that shows the page. Unprintable characters become visible escapes. */
void lc_markup_text(struct lc_out *out, struct lc_span text);

#endif
