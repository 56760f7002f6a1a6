/* example.h - a finding in one line for people */
#ifndef LC_PRINT_EXAMPLE_H
#define LC_PRINT_EXAMPLE_H

#include "base/buffer.h"
#include "index/index.h"

/**
 * Append a finding on one line: where it is, the message, and for an image or an id the
 * first rows. Nothing in it can control a terminal.
 *
 * @param prefix  prepended to file names; may be NULL
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_text_finding(const struct lc_index *index,
                                             const char *prefix,
                                             const struct lc_finding_record *finding,
                                             struct lc_buffer *out, struct lc_error *err);

/** Append where an image is: its path or, for a member of an archive,
 * "a.tar.gz!images/1.jpg". Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_image(const struct lc_index *index,
                                           const struct lc_image_record *image,
                                           struct lc_buffer *out, struct lc_error *err);

/** Append where a finding is: "raw/rows.json:5:13", an image's path, or the first row
 * with an id; nothing for a finding about the set. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_place(const struct lc_index *index,
                                           const char *prefix,
                                           const struct lc_finding_record *finding,
                                           struct lc_buffer *out, struct lc_error *err);

/** Append a finding like lc_text_finding, but without its place: "row 5, id 'a': turn 1
 * has no text", "no such file (rows.json:12 and 3 more)". Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_text_matter(const struct lc_index *index,
                                            const char *prefix,
                                            const struct lc_finding_record *finding,
                                            struct lc_buffer *out, struct lc_error *err);

#endif
