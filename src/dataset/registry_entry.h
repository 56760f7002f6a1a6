/* registry_entry.h - the entries of registries: rows files, with their roots and the
 * number of their rows that are used; private to src/dataset */
#ifndef LC_DATASET_REGISTRY_ENTRY_H
#define LC_DATASET_REGISTRY_ENTRY_H

#include "dataset/dataset.h"
#include "dataset/document.h"
#include "dataset/peek.h"
#include "dataset/sampling.h"

#include <stdbool.h>

#define LC_REGISTRY_NOTED 8 /* of hundreds of broken entries the first are enough */

/** A registry that is being read. */
struct lc_registry {
    struct lc_dataset *dataset; /* the data set to which files are added */
    struct lc_samples *samples;
    const struct lc_document *document;
    const char *path;
    const char *name; /* for messages: the end of path */
    bool is_named;    /* named by the user: its entries may lead anywhere */
    size_t first;     /* number of the first file that it adds */
    size_t advised;   /* number of entries that were compared with their rows */
    size_t visited;   /* number of entries seen */
    size_t added;
    size_t remote;       /* entries that name no local file */
    size_t skipped;      /* broken entries */
    struct lc_error why; /* the error of the first of these */
};

/** How a kind of registry is recognised and read. */
struct lc_registry_kind {
    const char *title;
    /* whether a document is of this kind; it has a root */
    bool (*recognise)(const struct lc_document *document);
    enum lc_status (*read)(struct lc_registry *registry, struct lc_error *err);
};

/** The folder that an entry's relative paths are resolved in. */
enum lc_registry_base {
    LC_BASE_FOLDER, /* the registry's folder */
    LC_BASE_BESIDE, /* the registry's folder, or else the working folder */
    LC_BASE_START,  /* the folder in which the trainer is started, which is unknown: the
                     * registry's folder, one above it, or the working folder */
};

/** An entry of a registry. */
struct lc_entry {
    const char *name; /* for messages */
    const struct lc_node *node;
    const char *path;   /* path of a rows file, as written */
    const char *root;   /* root of its images and videos; NULL: not named */
    bool root_is_first; /* the program also looks elsewhere: use the root only for files
                         * with media there */
    enum lc_registry_base base;
    const char *sampling;     /* as written; NULL: all rows are used */
    const char *sampling_key; /* name to put in front of it in reports; NULL: none */
    struct lc_sampling sampled;
    const struct lc_dialect *dialect; /* owned by the data set; NULL: detect it */
    bool may_be_folder;               /* the path may name a folder of rows files */
    bool is_choice; /* users select entries: a file that two name is read once */
};

/** Fail because the registry as a whole is invalid; the message contains the node's
 * line. */
__attribute__((format(printf, 3, 4))) enum lc_status
lc_registry_refuse(const struct lc_node *node, struct lc_error *err, const char *format,
                   ...);

/** Note that an entry is not checked, and why; the other entries are checked. */
__attribute__((format(printf, 5, 6))) LC_MUST_CHECK enum lc_status
lc_registry_skip(struct lc_registry *registry, const char *name,
                 const struct lc_node *node, struct lc_error *err, const char *format,
                 ...);

/** Copy a dialect, so that an entry can change it. Owner: the data set. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_registry_own_dialect(struct lc_registry *registry,
                                                     const struct lc_dialect *from,
                                                     struct lc_dialect **out,
                                                     struct lc_error *err);

/**
 * Add the rows file of an entry, or note why it is skipped: it does not exist, or it
 * leads out of the folder of a registry that the user did not name.
 *
 * Errors: LC_ERR_USAGE (too many entries), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_registry_add(struct lc_registry *registry,
                                             const struct lc_entry *entry,
                                             struct lc_error *err);

/* The kinds of registries; registry.c has the table. */
extern const struct lc_registry_kind lc_registry_mixture;
extern const struct lc_registry_kind lc_registry_llama_factory;
extern const struct lc_registry_kind lc_registry_llama_factory_v1;
extern const struct lc_registry_kind lc_registry_internvl;
extern const struct lc_registry_kind lc_registry_swift;
extern const struct lc_registry_kind lc_registry_lmms_engine;
extern const struct lc_registry_kind lc_registry_energon;

#endif
