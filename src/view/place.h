/* place.h - match findings against folder patterns; private to src/view */
#ifndef LC_VIEW_PLACE_H
#define LC_VIEW_PLACE_H

#include "base/buffer.h"
#include "index/index.h"

/**
 * Whether a finding lies in the folders of a pattern: an image if its path does; a row if
 * its rows file or all of its images do; an id if all of its rows do.
 *
 * @param pattern  as in struct lc_folder_choice
 * @param scratch  overwritten; reused between calls
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_place_matches(const struct lc_index *index,
                                              const struct lc_finding_record *finding,
                                              const char *pattern,
                                              struct lc_buffer *scratch, bool *out,
                                              struct lc_error *err);

#endif
