/* Megatron Energon's metadatasets: splits: {train: {path | blend | blend_epochized |
 * datasets: [{path, repetitions, aux}, …]}}
 *
 * Source: src/megatron/energon/metadataset/: paths are relative to the metadataset's
 * folder. JSONL files that they name are read; WebDatasets, which are folders of
 * archives, are not.
 */
#include "dataset/registry_entry.h"

#include "base/path.h"

#include <string.h>

#define MAX_NESTING 8
#define MAX_PARTS 10000 /* aliases of YAML turn a short text into many */

static bool recognise(const struct lc_document *document)
{
    const struct lc_node *root = lc_document_root(document);
    const char *module = lc_document_text(document, root, "__module__");
    const struct lc_node *splits = lc_document_member(document, root, "splits");

    return (module && strstr(module, "energon")) ||
           (splits && splits->kind == LC_NODE_MAP &&
            lc_document_member(document, root, "__class__"));
}

/* The folder of an auxiliary data set that consists of files: filesystem://./images. If
 * there are several, the first one, because only the cooker knows what each is for. */
static const char *root_of(const struct lc_document *document, const struct lc_node *node)
{
    static const char scheme[] = "filesystem://";
    const struct lc_node *aux = lc_document_member(document, node, "aux");

    for (size_t i = 1; aux && aux->kind == LC_NODE_MAP && i < aux->count; i += 2) {
        const struct lc_node *value = &document->nodes[aux->items[i]];
        const char *text = lc_node_string(value);
        const char *path = lc_document_text(document, value, "fs_path");

        if (path)
            return path;
        if (text && strncmp(text, scheme, strlen(scheme)) == 0)
            return text + strlen(scheme);
    }
    return NULL;
}

static enum lc_status read_leaf(struct lc_registry *registry, const struct lc_node *node,
                                const char *path, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *repetitions = lc_document_member(document, node, "repetitions");
    struct lc_entry entry = {
        .name = path,
        .node = node,
        .path = path,
        .root = root_of(document, node),
        .base = LC_BASE_FOLDER,
        .sampling_key = "repetitions",
    };

    if (!lc_path_ends(path, ".jsonl") && !lc_path_ends(path, ".json"))
        return lc_registry_skip(registry, path, node, err,
                                "a WebDataset or another metadataset");
    if (repetitions && repetitions->kind == LC_NODE_NUMBER &&
        lc_sampling_parse_repeat(repetitions->text, &entry.sampled))
        entry.sampling = repetitions->text;
    return lc_registry_add(registry, &entry, err);
}

/* Read a data set: a leaf with a path, or a blend of other data sets. */
static enum lc_status read_part(struct lc_registry *registry, const struct lc_node *node,
                                unsigned depth, struct lc_error *err)
{
    static const char *const blends[] = {"blend", "blend_epochized", "datasets"};
    const struct lc_document *document = registry->document;
    const char *path = lc_document_text(document, node, "path");
    enum lc_status status = LC_OK;

    if (registry->visited++ == MAX_PARTS)
        return lc_registry_refuse(node, err, "more than %d entries", MAX_PARTS);
    if (path)
        return read_leaf(registry, node, path, err);
    for (size_t i = 0; i < sizeof(blends) / sizeof(blends[0]); i++) {
        const struct lc_node *list = lc_document_member(document, node, blends[i]);

        if (!list || list->kind != LC_NODE_LIST || depth == MAX_NESTING)
            continue;
        for (size_t k = 0; k < list->count && status == LC_OK; k++)
            status =
                read_part(registry, &document->nodes[list->items[k]], depth + 1, err);
        return status;
    }
    return lc_registry_skip(registry, "of a split", node, err,
                            "neither a path nor a blend");
}

static enum lc_status read_splits(struct lc_registry *registry, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *root = lc_document_root(document);
    const struct lc_node *splits = lc_document_member(document, root, "splits");
    enum lc_status status = LC_OK;

    if (!splits || splits->kind != LC_NODE_MAP)
        return lc_registry_refuse(root, err, "a metadataset without splits");
    for (size_t i = 1; i < splits->count && status == LC_OK; i += 2)
        status = read_part(registry, &document->nodes[splits->items[i]], 0, err);
    return status;
}

const struct lc_registry_kind lc_registry_energon = {
    .title = "an Energon metadataset", .recognise = recognise, .read = read_splits};
