/* place.h - whether a finding is in a folder; private to src/view */
#ifndef LC_VIEW_PLACE_H
#define LC_VIEW_PLACE_H

#include "base/buffer.h"
#include "index/index.h"

/**
 * Whether what a finding is about is in a folder: an image by its path; a row by its rows
 * file, or by its images when all are; an id by its rows when all are.
 *
 * @param pattern  as lc_folder_choice's
 * @param room     its memory is used again
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_place_matches(const struct lc_index *index,
                                              const struct lc_finding_record *finding,
                                              const char *pattern, struct lc_buffer *room,
                                              bool *out, struct lc_error *err);

#endif
