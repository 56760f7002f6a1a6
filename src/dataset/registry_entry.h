/* registry_entry.h - the entries of registries: rows files, with their roots and how many
 * of their rows are used; private to src/dataset */
#ifndef LC_DATASET_REGISTRY_ENTRY_H
#define LC_DATASET_REGISTRY_ENTRY_H

#include "dataset/dataset.h"
#include "dataset/document.h"
#include "dataset/peek.h"
#include "dataset/sampling.h"

#include <stdbool.h>

#define LC_REGISTRY_NOTED 8 /* of hundreds of broken entries the first are enough */

/** A registry being read. */
struct lc_registry {
    struct lc_dataset *dataset; /* its files are added to it */
    struct lc_samples *samples;
    const struct lc_document *document;
    const char *path;
    const char *name; /* for messages: the end of path */
    bool is_named;    /* by the user: its entries may lead anywhere */
    size_t visited;   /* entries */
    size_t added;
    size_t remote;         /* entries that name no file */
    size_t skipped;        /* entries that are broken */
    struct lc_error first; /* of these */
};

/** How a kind of registry is recognised and read. */
struct lc_registry_kind {
    const char *title;
    /* whether a document is one; its root is there */
    bool (*recognise)(const struct lc_document *document);
    enum lc_status (*read)(struct lc_registry *registry, struct lc_error *err);
};

/** What relative paths of entries are resolved in. */
enum lc_registry_base {
    LC_BASE_FOLDER, /* the registry's folder */
    LC_BASE_BESIDE, /* the registry's folder, or else the working folder */
    LC_BASE_START,  /* the folder that the trainer is started in, which is not known: the
                       registry's folder, one above it, or the working folder */
};

/** An entry of a registry. */
struct lc_entry {
    const char *name; /* for messages */
    const struct lc_node *node;
    const char *path;   /* of a rows file, as it is written */
    const char *root;   /* of its images and videos; NULL: not named */
    bool root_is_first; /* the program looks elsewhere, too: only for files with media
                         * there
                         */
    enum lc_registry_base base;
    const char *sampling;     /* as it is written; NULL: all rows are used */
    const char *sampling_key; /* put before it in reports; NULL: nothing is */
    struct lc_sampling sampled;
    const struct lc_dialect *dialect; /* owned by the data set; NULL: detected */
    bool may_be_folder;               /* whose rows files are meant */
};

/** Fail because of a registry as a whole; the message has the node's line. */
__attribute__((format(printf, 3, 4))) enum lc_status
lc_registry_refuse(const struct lc_node *node, struct lc_error *err, const char *format,
                   ...);

/** Note that an entry is not checked, and why; the others are. */
__attribute__((format(printf, 5, 6))) LC_MUST_CHECK enum lc_status
lc_registry_skip(struct lc_registry *registry, const char *name,
                 const struct lc_node *node, struct lc_error *err, const char *format,
                 ...);

/** Copy a dialect, for an entry to change. Owner: the data set. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_registry_own_dialect(struct lc_registry *registry,
                                                     const struct lc_dialect *from,
                                                     struct lc_dialect **out,
                                                     struct lc_error *err);

/**
 * Add the rows file of an entry, or note why it is skipped: it is missing, or leads out
 * of the folder of a registry that the user did not name.
 *
 * Errors: LC_ERR_USAGE (too many entries), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_registry_add(struct lc_registry *registry,
                                             const struct lc_entry *entry,
                                             struct lc_error *err);

/* The kinds; registry.c has the table. */
extern const struct lc_registry_kind lc_registry_mixture;
extern const struct lc_registry_kind lc_registry_llama_factory;
extern const struct lc_registry_kind lc_registry_llama_factory_v1;
extern const struct lc_registry_kind lc_registry_internvl;
extern const struct lc_registry_kind lc_registry_swift;
extern const struct lc_registry_kind lc_registry_lmms_engine;
extern const struct lc_registry_kind lc_registry_energon;

#endif
