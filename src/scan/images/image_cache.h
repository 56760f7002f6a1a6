/* image_cache.h - image facts from earlier runs: the last finished index, plus the
 * journal of runs that were interrupted since
 *
 * Index and journal are both sorted by path, and images are looked up in the order of
 * their paths. So a lookup only advances in each of them: all lookups of a run together
 * read both once, with neither a search tree nor a copy. */
#ifndef LC_SCAN_IMAGES_IMAGE_CACHE_H
#define LC_SCAN_IMAGES_IMAGE_CACHE_H

#include "base/error.h"
#include "base/hash.h"
#include "image/image.h"
#include "index/index.h"
#include "index/write/journal.h"
#include "store/folder.h"

#include <stdbool.h>
#include <stdint.h>

/** An image as an earlier run read it. */
struct lc_cached_image {
    bool is_cached;
    bool is_current;               /* read by a part of this run: do not look again */
    bool has_trusted_times;        /* so old that any later write must change them */
    bool in_journal;               /* from the journal, not from the index */
    int64_t began_ns;              /* start of the run that read it */
    struct lc_image_record record; /* lives as long as the cache */
    struct lc_file_facts file;
    struct lc_hash content;
    struct lc_image_info info;
};

/** The images of earlier runs, in order of their paths. */
struct lc_image_cache;

/** Compute a fingerprint of everything but its bytes that an image's facts depend on: the
 * version, the decoders and their limits; also the location of the index, unless place is
 * NULL. */
struct lc_hash lc_image_cache_fingerprint(const struct lc_index_location *place);

/**
 * Open the index in a folder, to reuse its image facts.
 *
 * @param folder    the index folder; NULL: use the journal only
 * @param trust     whose index may be used
 * @param decoders  the fingerprint that the index must have
 * @param journal   of runs that did not finish; must outlive the cache
 * @param out       set
 * @param reason    set to why an existing index cannot be used, static; else NULL
 *
 * Owner:   the caller, lc_image_cache_close.
 * Errors:  LC_ERR_MEMORY. A damaged index is not an error; it is not used.
 */
LC_MUST_CHECK enum lc_status
lc_image_cache_open(const char *folder, const struct lc_trust *trust,
                    const struct lc_hash *decoders, const struct lc_journal *journal,
                    struct lc_image_cache **out, const char **reason,
                    struct lc_error *err);
void lc_image_cache_close(struct lc_image_cache *cache);

/**
 * Use the facts of an index whose images this process has just checked, without looking
 * at their files again.
 *
 * @param index  must outlive the cache
 *
 * Owner:   the caller, lc_image_cache_close.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_image_cache_of(const struct lc_index *index,
                                               struct lc_image_cache **out,
                                               struct lc_error *err);

/**
 * Look up an image. Paths must be passed in the order of their bytes.
 *
 * @param cache  NULL: a cache without images
 * @param out    is_cached says whether the rest is set
 *
 * Threads: one at a time.
 */
void lc_image_cache_next(struct lc_image_cache *cache, struct lc_span path,
                         struct lc_cached_image *out);

/**
 * Look up an image, with a path in any order: takes a binary search each time.
 *
 * @param cache  NULL: a cache without images
 * @param out    is_cached says whether the rest is set
 *
 * Threads: one at a time.
 */
void lc_image_cache_find(struct lc_image_cache *cache, struct lc_span path,
                         struct lc_cached_image *out);

/** Start again with the first path. NULL-safe. */
void lc_image_cache_rewind(struct lc_image_cache *cache);

/**
 * Load the facts of an image from its record, as if an earlier run had read it.
 *
 * @param cache  keeps the name of the format; not NULL
 * @param out    is_cached says whether the rest is set
 *
 * Threads: one at a time.
 */
void lc_image_cache_load(struct lc_image_cache *cache,
                         const struct lc_image_record *record, int64_t began_ns,
                         struct lc_cached_image *out);

/** An empty cache, for lc_image_cache_load. Owner: the caller, lc_image_cache_close.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_image_cache_empty(struct lc_image_cache **out,
                                                  struct lc_error *err);

/** The index of the cache; NULL if none. Lives as long as the cache. */
const struct lc_index *lc_image_cache_index(const struct lc_image_cache *cache);

/** Take out the index if the cache opened it; the caller closes it. NULL if there is
 * none. */
struct lc_index *lc_image_cache_give(struct lc_image_cache *cache);

/** Whether a file is unchanged: size, times, inode and device. */
bool lc_cached_image_is_same_file(const struct lc_cached_image *cache,
                                  const struct lc_file_facts *file);

#endif
