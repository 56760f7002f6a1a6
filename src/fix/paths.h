/* paths.h - finds the files that wrong image paths mean
 *
 * A path is replaced only if there is exactly one file that it can mean:
 *
 * - the same path in other case or Unicode form, if exactly one file matches;
 * - the same path with another extension, if exactly one image has the stem;
 * - a path that leaves the root, if the same file can be named within it;
 * - the same path with folders removed from its front or added there, if this works for
 *   several images: a single one could be a different picture of the same name. */
#ifndef LC_FIX_PATHS_H
#define LC_FIX_PATHS_H

#include "base/error.h"
#include "base/text.h"
#include "rules/rules.h"

#include <stdbool.h>
#include <stddef.h>

struct lc_fix_paths;

/**
 * Begin without paths.
 *
 * @param root  the image root
 *
 * Owner:   the caller, lc_fix_paths_free.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_fix_paths_new(const char *root, struct lc_fix_paths **out,
                                              struct lc_error *err);
void lc_fix_paths_free(struct lc_fix_paths *paths); /* NULL-safe */

/** Add a wrong path: of a missing file, or one that leaves the root. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_fix_paths_add(struct lc_fix_paths *paths,
                                              struct lc_span path, struct lc_error *err);

/** Find the files that the added paths mean. Reads the names in the root if there are any
 * paths. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_fix_paths_find(struct lc_fix_paths *paths,
                                               struct lc_error *err);

/**
 * The path to write in place of another one; text NULL: keep the path.
 *
 * @param fix  set to LC_FIX_correct_path or LC_FIX_relative_path
 */
struct lc_span lc_fix_paths_get(const struct lc_fix_paths *paths, struct lc_span path,
                                enum lc_fix_index *fix);

#endif
