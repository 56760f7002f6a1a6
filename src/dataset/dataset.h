/* dataset.h - a data set on disk: finds its rows files and its image root */
#ifndef LC_DATASET_DATASET_H
#define LC_DATASET_DATASET_H

#include "base/buffer.h"
#include "base/error.h"
#include "dataset/dialect.h"
#include "dataset/discover.h"
#include "dataset/sampling.h"
#include "dataset/shard.h"

#include <stdbool.h>
#include <stddef.h>

/** A file of rows. */
struct lc_rows_file {
    char *path;     /* to open it */
    char *name;     /* to print it: relative to the data folder */
    char *sampling; /* sampling_strategy of a mixture, or the equivalent of another
                     * registry; NULL: all rows are used */
    struct lc_sampling sampled;
    char *root; /* root of its images and videos, if a registry names one; or NULL */
    /* prefixes for its paths: its roots, relative to the roots of the data set; NULL: the
     * roots are the same */
    char *image_prefix;
    char *video_prefix;
    bool lines;                /* its name ends with .jsonl */
    bool is_shard;             /* a WebDataset shard: it contains the images, too */
    uint64_t indexed;          /* shard: number of samples in Energon's index;
                                * LC_NOT_INDEXED: not in the index */
    uint64_t offsets;          /* shard: 1 + number of entries in its .tar.idx; 0: none */
    enum lc_shard_place place; /* shard: its place in Energon's index */
    char *absent; /* first shard: the name of a shard in the split of Energon's index that
                   * does not exist or is not in the index; or NULL */
    uint64_t fields; /* shard: hash of what is known of Energon's dataset.yaml; 0: none */
    const char *unfollowed; /* first shard: what is not followed in it; NULL: nothing */
    const char *misfit;     /* first shard: why Energon fails with that file; or NULL */
    bool is_registered;     /* private: a registry of a folder names it */
    uint64_t device, inode; /* private */
    const struct lc_dialect *dialect; /* of its rows */
    bool is_detected; /* the dialect is that of the first rows; others may have another */
    const struct lc_dialect *kin; /* private: as in struct lc_peek */
};

/** Hash everything other than its bytes that determines the rows of a file: its dialect
 * and the prefixes of its paths. */
uint64_t lc_rows_file_hash(const struct lc_rows_file *file);

/** Free what a rows file holds. */
void lc_rows_file_clear(struct lc_rows_file *file);

/** An archive beside the rows, known by its name: it was not opened. */
struct lc_archive_file {
    char *path;      /* to open it */
    char *name;      /* to print it: relative to the data folder */
    bool is_shard;   /* a WebDataset shard: there is a rows file with the same name */
    uint64_t device; /* private, as is inode: archives are listed only once */
    uint64_t inode;
};

/** How many of the sampled paths exist under the detected root. */
struct lc_rate {
    size_t found;
    size_t sampled; /* 0 also if the user named the root */
};

/** What the user named. */
struct lc_dataset_options {
    const char *const *paths;         /* folders, rows files, mixtures, patterns */
    size_t count;                     /* at least 1 */
    const char *images;               /* the image root; NULL: detect it */
    const char *videos;               /* the video root; NULL: detect it */
    bool no_media;                    /* detect no roots: read only rows */
    bool no_archives;                 /* do not look for archives */
    const struct lc_dialect *dialect; /* of all rows; NULL: detect it for each file */
    void *user;                       /* passed to on_set */
    /* called for each data set if a path contains several (an error), and for each data
     * set below a path that has rows itself; NULL: do not search for the latter */
    void (*on_set)(void *user, const struct lc_discovered_set *set);
};

/** A data set on disk: rows files and the folders of their images and videos. */
struct lc_dataset {
    char *name;   /* the first path's name, independent of how it was typed */
    char *folder; /* the data folder: the first path, or the folder that contains it */
    char *single; /* name for the part of the folder that is checked; NULL: all of it */
    struct lc_rows_file *files; /* in the order given; files of a folder by name */
    size_t file_count;
    size_t file_capacity; /* private */
    char *image_root;     /* to open it */
    char *image_name;     /* to print it: relative to the data folder if inside */
    char *image_folder;   /* always relative to the data folder */
    char *video_root;     /* to open it */
    bool has_prefixes;    /* files have different roots: the root contains all of them */
    struct lc_rate image_rate;
    struct lc_rate video_rate;
    struct lc_archive_file *archives; /* sorted by name, the order of unpacking */
    size_t archive_count, archive_capacity;
    bool has_shards; /* its files are shards, which are its archives, too */
    struct lc_sample_fields *fields; /* of shards: what Energon reads; NULL: all */
    bool looks_for_archives;         /* private */
    bool notes_others;             /* search for data sets below a folder that has rows */
    struct lc_discovery discovery; /* for the last path without rows files in it */
    const struct lc_dialect *dialect; /* named by the user; NULL: none */
    struct lc_dialect **dialects;     /* defined by registries; owned */
    size_t dialect_count, dialect_capacity;
    struct lc_buffer notices; /* such as skipped files; each ends with NUL */
};

/**
 * Find the data folder, and the part of it that the paths name.
 *
 * @param folder  set to the data folder
 * @param single  set to a name for that part, or to NULL for the whole folder
 *
 * Owner:   the caller frees both, also on failure.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_dataset_locate(const char *const *paths, size_t count,
                                               char **folder, char **single,
                                               struct lc_error *err);

/**
 * Find the rows files and the image root of a data set. Unless the user named it, the
 * image root is the folder that contains most images of the first rows; likewise for
 * videos.
 *
 * @param out  set on success
 *
 * Owner:   the caller, lc_dataset_clear.
 * Errors:  LC_ERR_USAGE (no such path, no rows found, not a regular file, a mixture that
 *          the trainer would refuse; err->path says which), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_dataset_find(const struct lc_dataset_options *options,
                                             struct lc_dataset *out,
                                             struct lc_error *err);

/** Free what a data set holds; NULL-safe. */
void lc_dataset_clear(struct lc_dataset *dataset);

#endif
