/* formats.h - the formats in which programs keep their records; private to src/proof
 *
 * Each function reads one file of records. A fault in it is an issue of the records,
 * never an error. */
#ifndef LC_PROOF_FORMATS_H
#define LC_PROOF_FORMATS_H

#include "proof/finder.h"

/* Read a file of huggingface_hub, in a folder that it downloaded to or in its cache. base
 * is that folder, or the repository's folder in the cache; rest is the part of path after
 * it. */
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

/** Whether a folder in the cache is a repository's: its name is models--, datasets-- or
 * spaces--, and a name. */
bool lc_hub_is_repository(struct lc_span name);

/** Read a file below the folder .git in base. */
LC_MUST_CHECK enum lc_status lc_git_file(struct lc_finder *finder, struct lc_span path,
                                         struct lc_span base, struct lc_span rest,
                                         struct lc_error *err);

/** Whether a file's name suggests that it contains checksums. */
bool lc_sums_are_named(struct lc_span name);

/** Read a file of checksums. *is_one is set to false if it turns out to be something
 * else. */
LC_MUST_CHECK enum lc_status lc_sums_file(struct lc_finder *finder, struct lc_span path,
                                          bool *is_one, struct lc_error *err);

/** Read the text of one of our own manifests, whose paths are relative to the root.
 * Errors: LC_ERR_USAGE if it is not a manifest, or is incomplete. */
LC_MUST_CHECK enum lc_status lc_sums_manifest(struct lc_finder *finder,
                                              struct lc_span text, const char *name,
                                              struct lc_error *err);

#endif
