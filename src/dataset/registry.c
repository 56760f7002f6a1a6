/* Registries: the code shared by all kinds. Each kind is a row of the table below, and
 * has a file of its own. */
#include "dataset/registry.h"

#include "base/map.h"
#include "base/path.h"
#include "dataset/files.h"
#include "dataset/registry_entry.h"

#include <string.h>

/* The kinds that recognise the least come last. */
static const struct lc_registry_kind *const of_json[] = {
    &lc_registry_llama_factory, &lc_registry_internvl, &lc_registry_swift, NULL};
static const struct lc_registry_kind *const of_yaml[] = {
    &lc_registry_lmms_engine, &lc_registry_energon, &lc_registry_llama_factory_v1,
    &lc_registry_mixture, NULL};

static const struct lc_registry_kind *recognise(const char *path,
                                                const struct lc_document *document)
{
    const struct lc_registry_kind *const *kind =
        lc_document_is_yaml(path) ? of_yaml : of_json;

    while (*kind && !(*kind)->recognise(document))
        kind++;
    return *kind;
}

/* The path of a registry relative to the data set's folder; if it is outside, its
 * name. */
static const char *name_within(const char *folder, const char *path)
{
    size_t size = folder ? strlen(folder) : 0;

    if (size && strncmp(path, folder, size) == 0 && path[size] == '/')
        return path + size + 1;
    return size == 1 && *folder == '.' && *path != '/' ? path : lc_path_name(path);
}

/* Report what was not checked, or fail if nothing was added. */
static enum lc_status report_unchecked(struct lc_registry *registry,
                                       const struct lc_registry_kind *kind,
                                       struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!registry->added && registry->skipped && registry->is_named)
        return lc_fail(err, LC_ERR_USAGE, 0, "%s", registry->why.message);
    if (!registry->added && registry->is_named)
        return lc_fail(err, LC_ERR_USAGE, 0, "%s without a local file: %zu %s",
                       kind->title, registry->remote,
                       registry->remote == 1 ? "entry" : "entries");
    if (registry->skipped > LC_REGISTRY_NOTED)
        status = lc_files_notice(registry->dataset, err,
                                 "%s: %zu more entries are not checked", registry->name,
                                 registry->skipped - LC_REGISTRY_NOTED);
    if (status == LC_OK && registry->remote)
        status = lc_files_notice(
            registry->dataset, err, "%s: %zu %s without a local file %s not checked",
            registry->name, registry->remote, registry->remote == 1 ? "entry" : "entries",
            registry->remote == 1 ? "is" : "are");
    return status;
}

/* Whether a file that is not valid JSON was meant to be a registry. */
static enum lc_status has_keys(const char *path, bool *out, struct lc_error *err)
{
    static const char *const keys[] = {"\"repeat_time\"", "\"file_name\"",
                                       "\"dataset_path\"", "\"ms_dataset_id\""};
    struct lc_map map = {0};
    enum lc_status status = lc_map_open(path, &map, err);

    *out = false;
    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        *out |= map.size <= LC_DOCUMENT_MAX_SIZE &&
                memmem(map.data, map.size, keys[i], strlen(keys[i]));
    *out = *out && !memmem(map.data, map.size, "\"conversations\"", 15);
    lc_map_close(&map);
    return LC_OK;
}

/* Whether a YAML file that is no other kind of registry is a mixture: it could be
 * anything. */
static bool has_json_paths(const struct lc_document *document)
{
    const struct lc_node *root = lc_document_root(document);
    const struct lc_node *list = root && root->kind == LC_NODE_MAP
                                     ? lc_document_member(document, root, "datasets")
                                     : NULL;

    if (!list || list->kind != LC_NODE_LIST || !list->count)
        return false;
    return lc_document_member(document, &document->nodes[list->items[0]], "json_path");
}

enum lc_status lc_registry_title(const char *path, const char **out, struct lc_error *err)
{
    struct lc_document document = {0};
    const struct lc_registry_kind *kind;
    enum lc_status status = lc_document_read(path, &document, err);

    *out = NULL;
    if (status == LC_ERR_USAGE) {
        *err = (struct lc_error){0};
        return LC_OK;
    }
    if (status != LC_OK)
        return status;
    kind = recognise(path, &document);
    if (kind == &lc_registry_llama_factory_v1 ||
        (kind == &lc_registry_mixture && !has_json_paths(&document)))
        kind = NULL; /* other programs have files of this form, too */
    if (kind)
        *out = kind->title;
    lc_document_clear(&document);
    return LC_OK;
}

enum lc_status lc_registry_read(struct lc_dataset *dataset, const char *path,
                                bool is_named, struct lc_samples *samples, bool *is_one,
                                struct lc_error *err)
{
    struct lc_document document = {0};
    struct lc_registry registry = {
        .dataset = dataset,
        .samples = samples,
        .document = &document,
        .path = path,
        .name = is_named ? lc_path_name(path) : name_within(dataset->folder, path),
        .is_named = is_named,
        .first = dataset->file_count,
    };
    const struct lc_registry_kind *kind;
    struct lc_error own = {0};
    enum lc_status status = lc_document_read(path, &document, &own);

    *is_one = lc_document_is_yaml(path);
    if (status == LC_ERR_USAGE && !*is_one) {
        enum lc_status read = has_keys(path, is_one, err);

        if (read != LC_OK || !*is_one)
            return read;
    }
    if (status != LC_OK)
        return lc_fail(err, status, own.os_errno, "%s", own.message);
    kind = recognise(path, &document);
    *is_one = kind != NULL;
    if (kind)
        status = kind->read(&registry, err);
    if (kind && status == LC_OK)
        status = report_unchecked(&registry, kind, err);
    lc_document_clear(&document);
    return status;
}
