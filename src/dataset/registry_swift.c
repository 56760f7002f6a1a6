/* ms-swift's lists of data sets: [{dataset_path | ms_dataset_id | hf_dataset_id, subsets,
 * columns, …}, …], the files named by --custom_dataset_info
 *
 * Source: swift/dataset/register.py, register_dataset_info: dataset_path is relative to
 * the list's folder. */
#include "dataset/registry_entry.h"

static bool is_remote(const struct lc_document *document, const struct lc_node *entry)
{
    return lc_document_member(document, entry, "ms_dataset_id") ||
           lc_document_member(document, entry, "hf_dataset_id");
}

static bool recognise(const struct lc_document *document)
{
    const struct lc_node *root = lc_document_root(document);

    if (!root || root->kind != LC_NODE_LIST || !root->count)
        return false;
    for (size_t i = 0; i < root->count; i++) {
        const struct lc_node *entry = &document->nodes[root->items[i]];

        if (!lc_document_member(document, entry, "dataset_path") &&
            !is_remote(document, entry))
            return false;
    }
    return true;
}

static enum lc_status read_list(struct lc_registry *registry, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *root = lc_document_root(document);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < root->count && status == LC_OK; i++) {
        const struct lc_node *node = &document->nodes[root->items[i]];
        const char *name = lc_document_text(document, node, "dataset_name");
        struct lc_entry entry = {
            .node = node,
            .base = LC_BASE_FOLDER,
            .path = lc_document_text(document, node, "dataset_path"),
        };

        entry.name = name ? name : entry.path;
        if (entry.path)
            status = lc_registry_add(registry, &entry, err);
        else if (is_remote(document, node))
            registry->remote++;
        else
            status = lc_registry_skip(registry, name ? name : "without a name", node, err,
                                      "dataset_path is not a string");
    }
    return status;
}

const struct lc_registry_kind lc_registry_swift = {
    .title = "a list of ms-swift", .recognise = recognise, .read = read_list};
