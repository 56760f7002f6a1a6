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
    char *sampling; /* sampling_strategy of a mixture, or its like in another registry;
                       NULL: all rows are used */
    struct lc_sampling sampled;
    char *root; /* of its images and videos, if a registry names it; or NULL */
    /* prefixes of its paths: its roots, relative to those of the data set; NULL: the
     * roots are the same */
    char *image_prefix;
    char *video_prefix;
    bool lines;                /* its name ends with .jsonl */
    bool is_shard;             /* of WebDataset: it contains the images, too */
    uint64_t indexed;          /* shard: number of samples in Energon's index;
                                  LC_NOT_INDEXED: it is in none */
    uint64_t offsets;          /* shard: entries of its .tar.idx + 1; 0: none */
    enum lc_shard_place place; /* shard: in Energon's index */
    char *absent; /* the first shard: the name of one that the split of Energon's index
                     has, and that is not there or not in the index; or NULL */
    uint64_t
        fields; /* shard: a hash of what is known of Energon's dataset.yaml; 0: none */
    const char
        *unfollowed;    /* the first shard: what of it is not followed; NULL: nothing */
    const char *misfit; /* likewise why Energon fails */
    bool is_registered; /* private */
    const struct lc_dialect *dialect; /* of its rows */
    const struct lc_dialect *kin;     /* private: as in struct lc_peek */
};

/** A hash of everything besides a file's bytes that determines its rows: its dialect and
 * the prefixes of its paths. */
uint64_t lc_rows_file_hash(const struct lc_rows_file *file);

/** Free what a rows file holds. */
void lc_rows_file_clear(struct lc_rows_file *file);

/** An archive beside the rows, by its name: it was not opened. */
struct lc_archive_file {
    char *path;      /* to open it */
    char *name;      /* to print it: relative to the data folder */
    bool is_shard;   /* of WebDataset: a file of rows with the same name */
    uint64_t device; /* private, with inode: archives are listed once */
    uint64_t inode;
};

/** How many of the sampled paths exist under the detected root. */
struct lc_rate {
    size_t found;
    size_t sampled; /* 0 also for a root that the user named */
};

/** What the user named. */
struct lc_dataset_options {
    const char *const *paths;         /* folders, rows files, mixtures, patterns */
    size_t count;                     /* at least 1 */
    const char *images;               /* the image root; NULL: detect it */
    const char *videos;               /* the video root; NULL: detect it */
    bool no_media;                    /* detect no roots: only rows are read */
    bool no_archives;                 /* look for no archives */
    const struct lc_dialect *dialect; /* of all rows; NULL: detect it for each file */
    void *user;                       /* passed to on_set */
    /* called for each data set if a path contains several (an error), and for each one
     * below a path that has rows itself; NULL: the latter are not searched for */
    void (*on_set)(void *user, const struct lc_discovered_set *set);
};

/** A data set on disk: rows files and the folders of their images and videos. */
struct lc_dataset {
    char *name;   /* the first path's name, independent of how it was typed */
    char *folder; /* the data folder: the first path, or the folder that contains it */
    char *single; /* names the part of the folder that is checked; NULL: all of it */
    struct lc_rows_file *files; /* as given; those of a folder sorted by name */
    size_t file_count;
    size_t file_capacity; /* private */
    char *image_root;     /* to open it */
    char *image_name;     /* to print it: relative to the data folder if inside */
    char *image_folder;   /* always relative to the data folder */
    char *video_root;     /* to open it */
    bool has_prefixes;    /* files with different roots: the root is above all of them */
    struct lc_rate image_rate;
    struct lc_rate video_rate;
    struct lc_archive_file *archives; /* sorted by name, as they are unpacked */
    size_t archive_count, archive_capacity;
    bool has_shards;                 /* its files are shards, and its archives the same */
    struct lc_sample_fields *fields; /* of shards: what Energon reads; NULL: all */
    bool looks_for_archives;         /* private */
    bool notes_others;               /* search for data sets below one that has rows */
    struct lc_discovery discovery;   /* of the last path without rows files in it */
    const struct lc_dialect *dialect; /* named by the user; NULL: none */
    struct lc_dialect **dialects;     /* defined by registries; owned */
    size_t dialect_count, dialect_capacity;
    struct lc_buffer notices; /* for the user: skipped files …; each ends with NUL */
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
