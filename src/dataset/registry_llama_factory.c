/* LLaMA-Factory's registries: dataset_info.json, {name: {file_name, formatting, columns,
 * tags, num_samples, …}, …}; and those of its next version, YAML, {name: {path, source,
 * converter, size}, …}
 *
 * Source: src/llamafactory/data/parser.py, DatasetAttr.join and get_dataset_list, and
 * loader.py, _load_single_dataset; v1/plugins/data_plugins/. */
#include "dataset/registry_entry.h"

#include "base/buffer.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static const char *const hubs[] = {"hf_hub_url", "ms_hub_url", "om_hub_url", "script_url",
                                   "cloud_file_name"};

static bool is_remote(const struct lc_document *document, const struct lc_node *entry)
{
    for (size_t i = 0; i < sizeof(hubs) / sizeof(hubs[0]); i++)
        if (lc_document_member(document, entry, hubs[i]))
            return true;
    return false;
}

/* Whether a document is a map whose entries all pass a test. */
static bool is_map_of(const struct lc_document *document,
                      bool (*is_entry)(const struct lc_document *,
                                       const struct lc_node *))
{
    const struct lc_node *root = lc_document_root(document);

    if (!root || root->kind != LC_NODE_MAP || !root->count)
        return false;
    for (size_t i = 1; i < root->count; i += 2)
        if (!is_entry(document, &document->nodes[root->items[i]]))
            return false;
    return true;
}

/* Call a function for each entry. */
static enum lc_status
each_entry(struct lc_registry *registry,
           enum lc_status (*read)(struct lc_registry *, const char *,
                                  const struct lc_node *, struct lc_error *),
           struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *root = lc_document_root(document);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < root->count && status == LC_OK; i += 2) {
        const char *name = lc_node_string(&document->nodes[root->items[i]]);

        status =
            read(registry, name ? name : "?", &document->nodes[root->items[i + 1]], err);
    }
    return status;
}

/* ---- dataset_info.json ---- */

static const struct {
    const char *key;      /* key in columns */
    const char *standard; /* the name if an entry has no columns; NULL: no default */
    enum lc_column column;
} columns[] = {
    {"prompt", "instruction", LC_COLUMN_PROMPT},
    {"query", "input", LC_COLUMN_QUERY},
    {"response", "output", LC_COLUMN_RESPONSE},
    {"history", NULL, LC_COLUMN_HISTORY},
    {"messages", "conversations", LC_COLUMN_TURNS},
    {"system", NULL, LC_COLUMN_SYSTEM},
    {"tools", NULL, LC_COLUMN_TOOLS},
    {"images", NULL, LC_COLUMN_IMAGES},
    {"videos", NULL, LC_COLUMN_VIDEOS},
    {"audios", NULL, LC_COLUMN_AUDIOS},
    {"chosen", NULL, LC_COLUMN_CHOSEN},
    {"rejected", NULL, LC_COLUMN_REJECTED},
    {"kto_tag", NULL, LC_COLUMN_LABEL},
};

static const struct {
    const char *key;
    const char *standard;
    enum lc_role role;
} tags[] = {
    {"user_tag", "human", LC_ROLE_HUMAN},
    {"assistant_tag", "gpt", LC_ROLE_GPT},
    {"observation_tag", "observation", LC_ROLE_RESULT},
    {"function_tag", "function_call", LC_ROLE_CALL},
    {"system_tag", "system", LC_ROLE_SYSTEM},
};

/* The name to which an entry maps a key. In the trainer, an existing map replaces all
 * standard names, even those of keys that are not in the map. */
static const char *mapped(const struct lc_document *document, const struct lc_node *map,
                          const char *key, const char *standard)
{
    return map ? lc_document_text(document, map, key) : standard;
}

/* The dialect on which a formatting is based; NULL if there is no such formatting. */
static const struct lc_dialect *dialect_of(const char *formatting)
{
    if (!formatting || strcmp(formatting, "alpaca") == 0)
        return lc_dialect_by_name("alpaca");
    if (strcmp(formatting, "sharegpt") == 0)
        return lc_dialect_by_name("sharegpt");
    return strcmp(formatting, "openai") == 0 ? lc_dialect_by_name("messages") : NULL;
}

static enum lc_status map_roles(struct lc_dialect *dialect,
                                const struct lc_document *document,
                                const struct lc_node *map, struct lc_error *err)
{
    enum lc_status status =
        lc_dialect_set_turn_keys(dialect, mapped(document, map, "role_tag", "from"),
                                 mapped(document, map, "content_tag", "value"), err);

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && status == LC_OK; i++) {
        const char *name = mapped(document, map, tags[i].key, tags[i].standard);

        if (name)
            status = lc_dialect_set_role(dialect, tags[i].role, name, err);
    }
    return status;
}

/* Whether Python takes a value for true, as far as it is a plausible one. */
static bool is_set(const struct lc_node *node)
{
    return node && node->kind != LC_NODE_NULL &&
           !(node->kind == LC_NODE_BOOL && strcmp(node->text, "false") == 0) &&
           !(node->kind == LC_NODE_NUMBER && strcmp(node->text, "0") == 0);
}

/* Restrict a dialect to what the entry's stage reads: answers to compare, or one answer
 * to learn. Source: LLaMA-Factory src/llamafactory/data/loader.py, _get_merged_dataset.
 */
static enum lc_status map_stage(struct lc_dialect *dialect, bool is_ranking,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    dialect->is_ranking = is_ranking;
    if (is_ranking)
        return lc_dialect_set_column(dialect, LC_COLUMN_RESPONSE, NULL, err);
    status = lc_dialect_set_column(dialect, LC_COLUMN_CHOSEN, NULL, err);
    return status == LC_OK ? lc_dialect_set_column(dialect, LC_COLUMN_REJECTED, NULL, err)
                           : status;
}

/* Map the columns and roles of a dialect as the entry defines them. */
static enum lc_status map_names(struct lc_dialect *dialect,
                                const struct lc_document *document,
                                const struct lc_node *entry, struct lc_error *err)
{
    const struct lc_node *map = lc_document_member(document, entry, "columns");
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && status == LC_OK; i++)
        status = lc_dialect_set_column(
            dialect, columns[i].column,
            mapped(document, map, columns[i].key, columns[i].standard), err);
    for (int medium = 0; medium < LC_MEDIUM_COUNT && status == LC_OK; medium++)
        status = lc_dialect_set_column(
            dialect, lc_rejected_column_of((enum lc_medium)medium), NULL, err);
    if (status == LC_OK)
        status = map_stage(dialect,
                           is_set(lc_document_member(document, entry, "ranking")), err);
    if (status == LC_OK && dialect->layout == LC_LAYOUT_TURNS)
        status = map_roles(dialect, document, lc_document_member(document, entry, "tags"),
                           err);
    /* the loader accepts only texts, with one placeholder for each file */
    dialect->has_parts = dialect->has_pairs = false;
    dialect->must_alternate = true;
    dialect->match = LC_MATCH_ANYWHERE;
    memset(dialect->inlines, 0, sizeof(dialect->inlines));
    dialect->trainer = "llama-factory";
    return status;
}

static bool is_entry(const struct lc_document *document, const struct lc_node *entry)
{
    return lc_document_member(document, entry, "file_name") || is_remote(document, entry);
}

static bool recognise(const struct lc_document *document)
{
    return is_map_of(document, is_entry);
}

/* Whether an entry maps the columns that its formatting requires. */
static bool has_columns(const struct lc_dialect *dialect)
{
    return dialect->layout == LC_LAYOUT_TURNS
               ? dialect->columns[LC_COLUMN_TURNS][0].size
               : dialect->columns[LC_COLUMN_PROMPT][0].size;
}

static enum lc_status read_entry(struct lc_registry *registry, const char *name,
                                 const struct lc_node *node, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *formatting = lc_document_member(document, node, "formatting");
    const struct lc_node *count = lc_document_member(document, node, "num_samples");
    const struct lc_dialect *base = dialect_of(lc_node_string(formatting));
    struct lc_entry entry = {
        .name = name,
        .node = node,
        .base = LC_BASE_FOLDER,
        .path = lc_document_text(document, node, "file_name"),
        .root = ".", /* media_dir; then the folder in which the program is started */
        .root_is_first = true,
        .may_be_folder = true,
        .is_choice = true,
        .sampling_key = "num_samples",
    };
    struct lc_dialect *dialect = NULL;
    struct lc_error own = {0};
    enum lc_status status;

    if (is_remote(document, node)) {
        registry->remote++;
        return LC_OK;
    }
    if (!entry.path)
        return lc_registry_skip(registry, name, node, err, "file_name is not a string");
    if (!base || (formatting && !lc_node_string(formatting)))
        return lc_registry_skip(registry, name, formatting, err,
                                "formatting is neither alpaca, sharegpt nor openai");
    if (count && count->kind != LC_NODE_NULL &&
        (count->kind != LC_NODE_NUMBER ||
         !lc_sampling_parse_count(count->text, &entry.sampled)))
        return lc_registry_skip(registry, name, count, err,
                                "num_samples is not a number of rows");
    if (count && count->kind == LC_NODE_NUMBER)
        entry.sampling = count->text;
    status = lc_registry_own_dialect(registry, base, &dialect, err);
    if (status != LC_OK)
        return status;
    status = map_names(dialect, document, node, &own);
    if (status == LC_ERR_USAGE)
        return lc_registry_skip(registry, name, node, err, "%s", own.message);
    if (status != LC_OK)
        return lc_fail_memory(err);
    if (!has_columns(dialect))
        return lc_registry_skip(registry, name, node, err,
                                "its columns have no %s, which then has no standard name",
                                dialect->layout == LC_LAYOUT_TURNS ? "messages"
                                                                   : "prompt");
    entry.dialect = dialect;
    return lc_registry_add(registry, &entry, err);
}

static enum lc_status read_info(struct lc_registry *registry, struct lc_error *err)
{
    return each_entry(registry, read_entry, err);
}

const struct lc_registry_kind lc_registry_llama_factory = {
    .title = "a LLaMA-Factory registry", .recognise = recognise, .read = read_info};

/* ---- YAML ---- */

static bool is_entry_v1(const struct lc_document *document, const struct lc_node *entry)
{
    return lc_document_text(document, entry, "path") != NULL;
}

static bool recognise_v1(const struct lc_document *document)
{
    return is_map_of(document, is_entry_v1);
}

static enum lc_status read_entry_v1(struct lc_registry *registry, const char *name,
                                    const struct lc_node *node, struct lc_error *err)
{
    const struct lc_document *document = registry->document;
    const struct lc_node *size = lc_document_member(document, node, "size");
    const char *source = lc_document_text(document, node, "source");
    const char *converter = lc_document_text(document, node, "converter");
    struct lc_entry entry = {
        .name = name,
        .node = node,
        .base = LC_BASE_START,
        .path = lc_document_text(document, node, "path"),
        .root = ".",
        .sampling_key = "size",
    };

    if (!source || strcmp(source, "local") != 0) {
        registry->remote++;
        return LC_OK;
    }
    if (size && size->kind == LC_NODE_NUMBER &&
        lc_sampling_parse_count(size->text, &entry.sampled))
        entry.sampling = size->text;
    if (converter && strcmp(converter, "pair") != 0)
        entry.dialect = lc_dialect_by_name(converter);
    return lc_registry_add(registry, &entry, err);
}

static enum lc_status read_info_v1(struct lc_registry *registry, struct lc_error *err)
{
    return each_entry(registry, read_entry_v1, err);
}

const struct lc_registry_kind lc_registry_llama_factory_v1 = {
    .title = "a LLaMA-Factory registry", .recognise = recognise_v1, .read = read_info_v1};
