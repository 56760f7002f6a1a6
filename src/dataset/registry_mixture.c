/* LLaVA-NeXT's mixtures: datasets: [{json_path: …, sampling_strategy: first:1000}, …]
 *
 * The trainer refuses a mixture with a broken entry, and so does this reader. */
#include "dataset/registry_entry.h"

#include "base/path.h"

#include <string.h>

static bool recognise(const struct lc_document *document)
{
    (void)document;
    return true; /* the last kind tried for a .yaml file */
}

/* Whether a path ends with a suffix; case-sensitive, as in the trainer. */
static bool ends_with(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);

    return size >= tail && strcmp(path + size - tail, suffix) == 0;
}

static enum lc_status read_entry(struct lc_registry *registry, const struct lc_node *node,
                                 struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    struct lc_entry entry = {.node = node, .base = LC_BASE_BESIDE, .sampling = "all"};
    const struct lc_node *path, *sampling;
    size_t before = registry->added;
    enum lc_status status;

    if (node->kind != LC_NODE_MAP)
        return lc_registry_refuse(node, err, "an entry of datasets is not a mapping");
    if (lc_document_merges(document, node))
        return lc_registry_refuse(node, err, "merge keys (<<) are not supported");
    path = lc_document_member(document, node, "json_path");
    entry.path = lc_node_string(path);
    if (!entry.path)
        return lc_registry_refuse(node, err, "an entry of datasets has no json_path");
    if (!ends_with(entry.path, ".json") && !ends_with(entry.path, ".jsonl"))
        return lc_registry_refuse(path, err,
                                  "json_path ends with neither .json nor .jsonl");
    sampling = lc_document_member(document, node, "sampling_strategy");
    if (sampling)
        entry.sampling = lc_node_string(sampling);
    if (!entry.sampling || !lc_sampling_parse(entry.sampling, &entry.sampled))
        return lc_registry_refuse(sampling, err,
                                  "sampling_strategy must be all, first:N, end:N or "
                                  "random:N (N: a number, or a percentage such as 10%%)");
    status = lc_registry_add(registry, &entry, err);
    if (status == LC_OK && registry->added == before)
        status =
            lc_registry_refuse(path, err, "json_path is missing or not a regular file");
    return status;
}

static enum lc_status read_mixture(struct lc_registry *registry, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *root = lc_document_root(document), *list;
    enum lc_status status = LC_OK;

    if (!root || root->kind != LC_NODE_MAP)
        return lc_registry_refuse(root, err,
                                  "a mixture must be a mapping with the key datasets");
    if (lc_document_merges(document, root))
        return lc_registry_refuse(root, err, "merge keys (<<) are not supported");
    list = lc_document_member(document, root, "datasets");
    if (!list || list->kind != LC_NODE_LIST)
        return lc_registry_refuse(list ? list : root, err, "datasets is not a list");
    for (size_t i = 0; i < list->count && status == LC_OK; i++)
        status = read_entry(registry, &document->nodes[list->items[i]], err);
    if (status == LC_OK && !list->count)
        status = lc_registry_refuse(list, err, "datasets is empty");
    return status;
}

const struct lc_registry_kind lc_registry_mixture = {
    .title = "a LLaVA-NeXT mixture", .recognise = recognise, .read = read_mixture};
