/* InternVL's meta files: {name: {root, annotation, repeat_time, data_augment, length}, …}
 *
 * Source: internvl_chat/internvl/train/internvl_chat_finetune.py, build_datasets and
 * LazySupervisedDataset. Paths are relative to the folder in which training is
 * started. */
#include "dataset/registry_entry.h"

#include <string.h>

static bool recognise(const struct lc_document *document)
{
    const struct lc_node *root = lc_document_root(document);

    if (!root || root->kind != LC_NODE_MAP || !root->count)
        return false;
    for (size_t i = 1; i < root->count; i += 2) {
        const struct lc_node *entry = &document->nodes[root->items[i]];

        if (!lc_document_member(document, entry, "annotation") ||
            (!lc_document_member(document, entry, "root") &&
             !lc_document_member(document, entry, "repeat_time")))
            return false;
    }
    return true;
}

static enum lc_status add_annotation(struct lc_registry *registry, struct lc_entry *entry,
                                     const struct lc_node *annotation,
                                     struct lc_error *err)
{
    entry->path = lc_node_string(annotation);
    if (!entry->path)
        return lc_registry_skip(registry, entry->name, annotation, err,
                                "its annotation is neither a path nor a list of paths");
    return lc_registry_add(registry, entry, err);
}

static enum lc_status read_entry(struct lc_registry *registry, const char *name,
                                 const struct lc_node *node, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *annotation = lc_document_member(document, node, "annotation");
    const struct lc_node *repeat = lc_document_member(document, node, "repeat_time");
    struct lc_entry entry = {
        .name = name,
        .node = node,
        .base = LC_BASE_START,
        .sampling_key = "repeat_time",
        .root = lc_document_text(document, node, "root"),
    };
    enum lc_status status = LC_OK;

    if (repeat && (repeat->kind != LC_NODE_NUMBER ||
                   !lc_sampling_parse_repeat(repeat->text, &entry.sampled)))
        return lc_registry_skip(registry, name, repeat, err,
                                "repeat_time is neither a whole number nor below 1");
    if (repeat && strcmp(repeat->text, "1") != 0)
        entry.sampling = repeat->text;
    if (annotation->kind != LC_NODE_LIST)
        return add_annotation(registry, &entry, annotation, err);
    for (size_t i = 0; i < annotation->count && status == LC_OK; i++)
        status =
            add_annotation(registry, &entry, &document->nodes[annotation->items[i]], err);
    return status;
}

static enum lc_status read_meta(struct lc_registry *registry, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *root = lc_document_root(document);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < root->count && status == LC_OK; i += 2) {
        const char *name = lc_node_string(&document->nodes[root->items[i]]);

        status = read_entry(registry, name ? name : "?",
                            &document->nodes[root->items[i + 1]], err);
    }
    return status;
}

const struct lc_registry_kind lc_registry_internvl = {
    .title = "an InternVL meta file", .recognise = recognise, .read = read_meta};
