/* lmms-engine's lists: datasets: [{path | json_path, data_folder, data_type}, …]
 *
 * Source: src/lmms_engine/utils/data_utils.py, load_yaml: paths are relative to the
 *         folder in which training is started; media paths to data_folder or, without
 *         one, to that folder. */
#include "dataset/registry_entry.h"

#include <string.h>

static const struct lc_node *entries_of(const struct lc_document *document)
{
    const struct lc_node *list =
        lc_document_member(document, lc_document_root(document), "datasets");

    return list && list->kind == LC_NODE_LIST ? list : NULL;
}

/* Whether a document is such a list: a LLaVA-NeXT mixture has the same form, but no
 * folders and types. */
static bool recognise(const struct lc_document *document)
{
    const struct lc_node *list = entries_of(document);

    for (size_t i = 0; list && i < list->count; i++) {
        const struct lc_node *entry = &document->nodes[list->items[i]];

        if (lc_document_member(document, entry, "data_folder") ||
            lc_document_member(document, entry, "data_type"))
            return true;
    }
    return false;
}

static enum lc_status read_entry(struct lc_registry *registry, const struct lc_node *node,
                                 struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const char *type = lc_document_text(document, node, "data_type");
    struct lc_entry entry = {
        .node = node,
        .base = LC_BASE_START,
        .path = lc_document_text(document, node, "path"),
        .root = lc_document_text(document, node, "data_folder"),
    };

    if (!entry.path)
        entry.path = lc_document_text(document, node, "json_path");
    if (!entry.path)
        return lc_registry_skip(registry, "without a path", node, err, "it has no path");
    entry.name = entry.path;
    if (!entry.root)
        entry.root = ".";
    if (type && strcmp(type, "json") != 0 && strcmp(type, "jsonl") != 0)
        return lc_registry_skip(registry, entry.name, node, err,
                                "files of type %.40s are not read", type);
    return lc_registry_add(registry, &entry, err);
}

static enum lc_status read_list(struct lc_registry *registry, struct lc_error *err)
{
    const struct lc_node *list = entries_of(registry->document);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < list->count && status == LC_OK; i++)
        status = read_entry(registry, &registry->document->nodes[list->items[i]], err);
    return status;
}

const struct lc_registry_kind lc_registry_lmms_engine = {
    .title = "a list of lmms-engine", .recognise = recognise, .read = read_list};
