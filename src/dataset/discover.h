/* discover.h - finds the data sets below a folder, at any depth; private to src/dataset
 */
#ifndef LC_DATASET_DISCOVER_H
#define LC_DATASET_DISCOVER_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The name of LLaMA-Factory's registry, which describes the files of its folder. */
#define LC_REGISTRY_OF_FOLDER "dataset_info.json"

/** A folder with rows files directly in it. */
struct lc_rows_folder {
    char *path;
    bool is_in_set; /* false: its files may be damaged rows, but other folders have
                     * undamaged ones */
    bool has_known; /* a registry names some of its files */
    bool is_named;  /* it is the folder of a registry: as PATH it means all its rows files
                     */
};

/** A file below a folder that has rows, or may be damaged rows. */
struct lc_discovered_file {
    char *name;
    size_t folder; /* number of its folder */
    uint64_t bytes;
    uint64_t device, inode;
    bool is_broken;
    bool has_media;
    bool is_known; /* named by a registry: false at first, set by the caller */
};

/** A data set: a folder with rows files; a folder whose subfolders are its splits (train,
 * val, test …); or a file whose folder has other files that a registry names. */
struct lc_discovered_set {
    char *path;
    uint64_t files; /* rows files */
    uint64_t bytes; /* total size of these files */
    bool has_media; /* the first rows name images or videos */
};

/** What was found below a folder. */
struct lc_discovery {
    char *root;                     /* the folder */
    struct lc_rows_folder *folders; /* sorted by depth, then by name */
    size_t folder_count, folder_capacity;
    struct lc_discovered_file *files;
    size_t file_count, file_capacity;
    struct lc_discovered_set *sets; /* those with media first, then by size */
    size_t set_count, set_capacity;
    size_t skipped; /* .json and .jsonl files without rows */
    char *example;  /* the path of one, relative to the folder: the one that looks most
                     * like  data; NULL: there is none */
    char *example_keys; /* the keys of its first object, quoted; empty: it has none */
    struct lc_buffer registries; /* folders with a file that is named like LLaMA-Factory's
                                  * registry and has no rows, each ended by NUL */
    char *bound;                 /* what was not searched, as text; NULL: nothing */
    bool is_aside;               /* the folder itself has rows, which are the data set */
};

/**
 * Find the data sets below a folder, but not directly in it.
 *
 * @param is_aside  the folder itself has rows: the search may end early
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_discover(const char *folder, bool is_aside,
                                         struct lc_discovery *out, struct lc_error *err);

/**
 * Add a data set, or add files to the existing one with that path.
 *
 * @param path  copied
 * @param add   its files; its path is ignored
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_discovery_add(struct lc_discovery *discovery,
                                              const char *path,
                                              const struct lc_discovered_set *add,
                                              struct lc_error *err);

/**
 * Group the files again, without those marked is_known.
 *
 * @param named  data sets to add; NULL: none
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_discovery_group(struct lc_discovery *discovery,
                                                const struct lc_discovery *named,
                                                struct lc_error *err);

/** Free what a discovery holds; NULL-safe. */
void lc_discovery_clear(struct lc_discovery *discovery);

#endif
