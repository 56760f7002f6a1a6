/* archives.h - the archives stage: reads the images that are not files from the archives
 * beside the rows, without unpacking them
 *
 * The result is what a trainer would see if all archives were unpacked, but a file that
 * is already in the image root takes precedence over members. Of two members with the
 * same path, the last one wins; of two archives, the one whose name sorts last, which is
 * the order of a shell's pattern. */
#ifndef LC_SCAN_ARCHIVES_ARCHIVES_H
#define LC_SCAN_ARCHIVES_ARCHIVES_H

#include "dataset/dataset.h"
#include "index/write/journal.h"
#include "scan/common/run.h"
#include "scan/shards/samples.h"
#include "scan/common/stages.h"
#include "scan/images/images.h"

struct lc_archives_input {
    const struct lc_dataset *dataset;   /* its archives and its image root */
    const struct lc_links *links;       /* the images */
    struct lc_image_cache *image_cache; /* earlier facts; NULL: none. Gets rewound */
    struct lc_journal *journal; /* receives the facts that this run reads; NULL: none */
    int64_t start_ns;           /* when the run started: nanoseconds since 1970 */
};

/** What the archives of a run contain. */
struct lc_archives;

/**
 * Read shards, before the rows stage: the images in them are checked, and their samples
 * are kept for the rows stage. So each shard is decompressed once. Several shards are
 * read at a time, and all workers check their images; memory is bounded.
 *
 * The rows stage reports why a shard could not be read. A shard with so much text that it
 * could fill the disk is left to it, too.
 *
 * @param input   its links need not be set yet
 * @param unread  by rows file: whether the rows stage will read it
 * @param samples set to the samples; NULL if no shard was read
 * @param out     as of lc_archives_read, which continues with it
 *
 * Owner:   the caller, lc_archives_free and lc_samples_free, also on failure.
 * Errors:  every status but LC_ERR_USAGE.
 */
LC_MUST_CHECK enum lc_status
lc_archives_read_ahead(struct lc_run *run, const struct lc_archives_input *input,
                       const bool *unread, struct lc_samples **samples,
                       struct lc_archives **out, struct lc_error *err);

/**
 * Read the images that are not files from the archives of a data set.
 *
 * Each archive that may contain an image is read once, from start to end, unless it is
 * unchanged since an earlier run read it. Several archives are read at a time, and all
 * workers check their images; memory is bounded.
 *
 * @param out  set, unless lc_archives_read_ahead has set it; NULL if the data set has no
 *             archives, or images are not read or come from the caller
 *
 * Owner:   the caller, lc_archives_free, also on failure.
 * Errors:  every status but LC_ERR_USAGE. Damage to an archive is not an error.
 */
LC_MUST_CHECK enum lc_status lc_archives_read(struct lc_run *run,
                                              const struct lc_archives_input *input,
                                              struct lc_archives **out,
                                              struct lc_error *err);
void lc_archives_free(struct lc_archives *archives); /* NULL-safe */

/** The images that are members, for the images stage, which frees them; its files are
 * valid as long as the archives. NULL-safe. */
struct lc_archived_images lc_archives_images(struct lc_archives *archives);

/** Store the archives and their other members. NULL-safe. Errors: those of writing the
 * index. */
LC_MUST_CHECK enum lc_status lc_archives_store(const struct lc_archives *archives,
                                               struct lc_error *err);

/** Report damage to archives, and missing archives. NULL-safe. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_archives_report(const struct lc_archives *archives,
                                                const struct lc_dataset *dataset,
                                                struct lc_rows *rows,
                                                struct lc_error *err);

/** The archives in the indexes of parts. */
struct lc_archives_parts {
    const struct lc_dataset *dataset; /* its archives */
    const struct lc_links *links;
    const struct lc_index *const *indexes;
    size_t index_count;
};

/**
 * Join the members that the parts of a data set have found, with the result of a single
 * lc_archives_read over all archives.
 *
 * Owner:   the caller, lc_archives_free, also on failure.
 * Errors:  LC_ERR_INDEX (an archive is in none of the indexes), LC_ERR_MEMORY, LC_ERR_IO.
 */
LC_MUST_CHECK enum lc_status lc_archives_join(struct lc_run *run,
                                              const struct lc_archives_parts *parts,
                                              struct lc_archives **out,
                                              struct lc_error *err);

/** In a merge, the index of the part that has a shard, given the path of one of the
 * shard's images; NULL if no index has it. NULL-safe. */
const struct lc_index *lc_archives_index_of(const struct lc_archives *archives,
                                            struct lc_span path);

/** Whether an image is in the archives that were read. NULL-safe. */
bool lc_archives_have(const struct lc_archives *archives, uint32_t image);

/**
 * Renumber the images, as lc_links_keep did.
 *
 * @param count  number of images before
 * NULL-safe.
 */
void lc_archives_renumber(struct lc_archives *archives, const uint32_t *numbers,
                          size_t count);

/** Note in the run what the merge of parts needs to know about archives. NULL-safe.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_archives_cover(const struct lc_archives *archives,
                                               struct lc_error *err);

/** Store the archives of another index, whose images this run reuses. Errors: those of
 * reading and of writing an index. */
LC_MUST_CHECK enum lc_status
lc_archives_copy(struct lc_run *run, const struct lc_index *from, struct lc_error *err);

#endif
