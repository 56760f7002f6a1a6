/* document.h - a small JSON or YAML file as one tree, for files that name rows files;
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
    LC_NODE_OTHER, /* what has no counterpart: dates, tagged values, strings with a NUL */
};

/** A value. */
struct lc_node {
    enum lc_node_kind kind;
    size_t line;         /* from 1 */
    const char *text;    /* of a string; of a bool or number as it is written */
    const size_t *items; /* of a list its values, of a map its keys and values in turn:
                            numbers of nodes */
    size_t count;        /* of these numbers */
};

/** A file that was read. All zero is an empty one. */
struct lc_document {
    struct lc_node *nodes; /* the first is the root; NULL: the file has none */
    size_t count;
    void *own; /* private */
};

/**
 * Read a file as JSON, as Python's json does, or as YAML if its name ends so.
 *
 * Errors: LC_ERR_USAGE (too large, not valid; the message has the line), LC_ERR_IO,
 *         LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_document_read(const char *path, struct lc_document *out,
                                              struct lc_error *err);

/** Whether a name ends with .yaml or .yml. */
bool lc_document_is_yaml(const char *path);

/** Free what a document holds; NULL-safe. */
void lc_document_clear(struct lc_document *document);

/** The root; NULL: there is none. */
const struct lc_node *lc_document_root(const struct lc_document *document);

/** The value of a map's key, the last one of duplicates; NULL if it is missing, or the
 * node is not a map. */
const struct lc_node *lc_document_member(const struct lc_document *document,
                                         const struct lc_node *map, const char *key);

/** The text of a string; NULL if a node is NULL or no string. */
const char *lc_node_string(const struct lc_node *node);

/** The string that is the value of a key of a map; NULL if it is none. */
const char *lc_document_text(const struct lc_document *document,
                             const struct lc_node *map, const char *key);

/** Whether a map has a merge key, <<, which is not followed. */
bool lc_document_merges(const struct lc_document *document, const struct lc_node *map);

#endif
