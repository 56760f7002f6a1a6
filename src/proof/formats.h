/* formats.h - the forms in which programs keep their records; private to src/proof
 *
 * Each function reads one file of records. What is wrong with it is an issue of the
 * records, never an error.
 */
#ifndef LC_PROOF_FORMATS_H
#define LC_PROOF_FORMATS_H

#include "proof/finder.h"

/* Files of huggingface_hub: in a folder that it downloaded to, and in its cache. base is
 * the folder or the repository's folder in the cache, rest what follows it in path. */
LC_MUST_CHECK enum lc_status lc_hub_metadata(struct lc_finder *finder,
                                             struct lc_span path, struct lc_span base,
                                             struct lc_span rest, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_hub_incomplete(struct lc_finder *finder,
                                               struct lc_span path, struct lc_span base,
                                               struct lc_span rest, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_hub_tree(struct lc_finder *finder, struct lc_span path,
                                         struct lc_span base, struct lc_span rest,
                                         struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_hub_cached(struct lc_finder *finder, struct lc_span path,
                                           struct lc_span base, struct lc_span name,
                                           struct lc_span rest, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_hub_end(struct lc_finder *finder, struct lc_error *err);

/** What follows models--, datasets-- or spaces-- makes a folder of the cache one of a
 * repository. */
bool lc_hub_is_repository(struct lc_span name);

/** A file below the folder .git of base. */
LC_MUST_CHECK enum lc_status lc_git_file(struct lc_finder *finder, struct lc_span path,
                                         struct lc_span base, struct lc_span rest,
                                         struct lc_error *err);

/** Whether a file may have checksums, by its name. */
bool lc_sums_are_named(struct lc_span name);

/** A file of checksums. *is_one is set to false if it is something else after all. */
LC_MUST_CHECK enum lc_status lc_sums_file(struct lc_finder *finder, struct lc_span path,
                                          bool *is_one, struct lc_error *err);

/** Read the text of a manifest of our own, whose paths are relative to the root.
 * Errors: LC_ERR_USAGE if it is none, or not whole. */
LC_MUST_CHECK enum lc_status lc_sums_manifest(struct lc_finder *finder,
                                              struct lc_span text, const char *name,
                                              struct lc_error *err);

#endif
