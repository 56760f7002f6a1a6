/* document.h - reads a small JSON or YAML file as a tree, for files that name rows files;
 * private to src/dataset */
#ifndef LC_DATASET_DOCUMENT_H
#define LC_DATASET_DOCUMENT_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LC_DOCUMENT_MAX_SIZE ((size_t)1 << 20)

enum lc_node_kind {
    LC_NODE_NULL,
    LC_NODE_BOOL,
    LC_NODE_NUMBER,
    LC_NODE_STRING,
    LC_NODE_LIST,
    LC_NODE_MAP,
    LC_NODE_OTHER, /* not in JSON: dates, tagged values, strings with a NUL */
};

/** A value. */
struct lc_node {
    enum lc_node_kind kind;
    size_t line;         /* from 1 */
    const char *text;    /* a string; a bool or number as it is written */
    const size_t *items; /* node numbers: the values of a list, or the alternating keys
                          * and values of a map */
    size_t count;        /* number of items */
};

/** A file that was read. All zero is an empty document. */
struct lc_document {
    struct lc_node *nodes; /* the first is the root; NULL: the file has no value */
    size_t count;
    void *own; /* private */
};

/**
 * Read a file as JSON, like Python's json, or as YAML if it has a suffix of YAML.
 *
 * Errors: LC_ERR_USAGE (too large, or not valid; the message contains the line),
 *         LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_document_read(const char *path, struct lc_document *out,
                                              struct lc_error *err);

/** Whether a name ends with .yaml or .yml. */
bool lc_document_is_yaml(const char *path);

/** Free what a document holds; NULL-safe. */
void lc_document_clear(struct lc_document *document);

/** The root; NULL if there is none. */
const struct lc_node *lc_document_root(const struct lc_document *document);

/** The value of a map's key, the last one of duplicates; NULL if the key is missing, or
 * the node is not a map. */
const struct lc_node *lc_document_member(const struct lc_document *document,
                                         const struct lc_node *map, const char *key);

/** The text of a string; NULL if the node is NULL or not a string. */
const char *lc_node_string(const struct lc_node *node);

/** The string of a key of a map; NULL if there is none. */
const char *lc_document_text(const struct lc_document *document,
                             const struct lc_node *map, const char *key);

/** Whether a map has a merge key (<<), which is not supported. */
bool lc_document_merges(const struct lc_document *document, const struct lc_node *map);

#endif
