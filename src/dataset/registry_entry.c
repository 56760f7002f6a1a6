#include "dataset/registry_entry.h"

#include "base/path.h"
#include "dataset/files.h"
#include "dataset/inspect.h"
#include "dataset/registry_advice.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ENTRIES 10000
#define MAX_CLIMB 8    /* folders above a registry's folder to try */
#define MAX_ADVISED 64 /* entries to advise on */
#define MAX_ALIKE 64   /* entries for one file that are compared */

/* ---- messages ---- */

enum lc_status lc_registry_refuse(const struct lc_node *node, struct lc_error *err,
                                  const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return lc_fail(err, LC_ERR_USAGE, 0, "line %zu: %s", node ? node->line : 1, text);
}

enum lc_status lc_registry_skip(struct lc_registry *registry, const char *name,
                                const struct lc_node *node, struct lc_error *err,
                                const char *format, ...)
{
    char text[160];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)lc_fail(&registry->why, LC_ERR_USAGE, 0, "line %zu: entry %.60s: %s",
                  node->line, name, text);
    if (registry->skipped++ >= LC_REGISTRY_NOTED)
        return LC_OK;
    return lc_files_notice(registry->dataset, err,
                           "%s: line %zu: entry %.100s is not checked: %s",
                           registry->name, node->line, name, text);
}

/* ---- entries ---- */

/* The folders that an entry's path may be relative to, by number: the registry's folder
 * and, depending on the base, the folders above it and the working folder. *out is set to
 * NULL past the last one. */
static enum lc_status name_base(const struct lc_registry *registry,
                                enum lc_registry_base base, size_t number, char **out,
                                struct lc_error *err)
{
    size_t above = base == LC_BASE_START ? MAX_CLIMB : 0;
    struct lc_buffer path = {0};
    char *folder = NULL;
    enum lc_status status;

    *out = NULL;
    if (number && (base == LC_BASE_FOLDER || !registry->is_named || number > above + 1))
        return LC_OK;
    if (number == above + 1)
        return lc_path_join("", ".", out, err);
    status = lc_path_parent(registry->path, &folder, err);
    if (status == LC_OK)
        status = lc_buffer_printf(&path, err, "%s", folder);
    for (size_t i = 0; i < number && status == LC_OK; i++)
        status = lc_buffer_printf(&path, err, "/..");
    free(folder);
    *out = path.data;
    return status;
}

/* Find the folder that an entry's path is relative to: the first one in which the path
 * exists, or else the registry's folder. *out is set to the path in that folder. */
static enum lc_status locate(const struct lc_registry *registry,
                             const struct lc_entry *entry, char **base, char **out,
                             enum lc_path_kind *there, struct lc_error *err)
{
    bool is_last = entry->path[0] == '/';
    size_t number = 0;
    enum lc_status status = LC_OK;

    while (status == LC_OK) {
        status = name_base(registry, entry->base, number, base, err);
        if (status == LC_OK && !*base) { /* it exists nowhere */
            status = name_base(registry, entry->base, 0, base, err);
            is_last = true;
        }
        if (status == LC_OK)
            status =
                lc_path_join(entry->path[0] == '/' ? "" : *base, entry->path, out, err);
        if (status == LC_OK)
            status = lc_path_probe(*out, there, err);
        if (status != LC_OK || is_last || *there != LC_PATH_MISSING)
            break;
        free(*base);
        free(*out);
        *base = *out = NULL;
        number++;
    }
    return status;
}

/* Whether a path leads out of the folder of a registry that the user did not name. */
static bool leads_out(const struct lc_registry *registry, const char *path)
{
    return !registry->is_named &&
           lc_path_resolves_outside(registry->dataset->folder, path);
}

static int is_rows_entry(const struct dirent *entry)
{
    return lc_inspect_is_rows_name(entry->d_name);
}

/* Add the rows files of a folder that is an entry: those that end with .json or
 * .jsonl. */
static enum lc_status add_folder(struct lc_registry *registry, const char *folder,
                                 const struct lc_file_use *use, struct lc_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_rows_entry, lc_path_compare_entries);
    enum lc_status status = count < 0 ? lc_fail_errno(err, "read the folder") : LC_OK;

    for (int i = 0; i < count; i++) {
        enum lc_path_kind there = LC_PATH_MISSING;
        char *path = NULL;

        if (status == LC_OK)
            status = lc_path_join(folder, entries[i]->d_name, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        if (status == LC_OK && there == LC_PATH_FILE && !leads_out(registry, path)) {
            status = lc_files_add(registry->dataset, path, use, registry->samples, err);
            registry->added += status == LC_OK;
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* Whether an entry can be used; if not, note why. */
static enum lc_status check_located(struct lc_registry *registry,
                                    const struct lc_entry *entry, const char *path,
                                    enum lc_path_kind there, bool *good,
                                    struct lc_error *err)
{
    const char *name = entry->name ? entry->name : entry->path;
    const char *why = NULL;

    if (there == LC_PATH_MISSING)
        why = "no such file";
    else if (there != LC_PATH_FILE && (there != LC_PATH_FOLDER || !entry->may_be_folder))
        why = "not a regular file";
    else if (there == LC_PATH_FILE && !lc_inspect_is_rows_name(lc_path_name(path)))
        why = "neither .json nor .jsonl";
    else if (leads_out(registry, path))
        why = "it leads out of the folder";
    *good = !why;
    return why ? lc_registry_skip(registry, name, entry->node, err, "%s: %.100s", why,
                                  entry->path)
               : LC_OK;
}

/* Find the root of an entry. If it does not exist, note this: the root is then searched
 * for. */
static enum lc_status find_root(struct lc_registry *registry,
                                const struct lc_entry *entry, const char *base,
                                char **out, struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    enum lc_status status = LC_OK;

    if (!entry->root)
        return LC_OK;
    if (entry->root[0] == '/')
        status = lc_path_normalize(entry->root, out, err);
    else
        status = lc_path_join(base, entry->root, out, err);
    if (status == LC_OK)
        status = lc_path_probe(*out, &there, err);
    if (status != LC_OK || there == LC_PATH_FOLDER)
        return status;
    free(*out);
    *out = NULL;
    return lc_files_notice(
        registry->dataset, err,
        "%s: line %zu: there is no folder %.100s; its images are searched for",
        registry->name, entry->node->line, entry->root);
}

/* Whether any of the sampled paths is in a folder. */
static enum lc_status any_is_in(const char *folder, const struct lc_buffer *paths,
                                bool *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *out = false;
    for (size_t at = 0; at < paths->size && status == LC_OK && !*out;
         at += strlen(paths->data + at) + 1) {
        enum lc_path_kind there = LC_PATH_MISSING;
        char *path = NULL;

        status = lc_path_join(folder, paths->data + at, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        *out = there != LC_PATH_MISSING;
        free(path);
    }
    return status;
}

/* Whether a root contains media that a file names, or the file names none. */
static enum lc_status serves(const char *root, const char *path,
                             const struct lc_dialect *dialect, bool *out,
                             struct lc_error *err)
{
    struct lc_samples samples = {0};
    enum lc_inspected kind;
    bool has_videos = false;
    enum lc_status status = lc_inspect_file(path, dialect, &kind, NULL, &samples, err);

    if (status == LC_OK)
        status = any_is_in(root, &samples.images, out, err);
    if (status == LC_OK)
        status = any_is_in(root, &samples.videos, &has_videos, err);
    *out |= has_videos || (!samples.images.size && !samples.videos.size);
    lc_samples_clear(&samples);
    return status;
}

/* Describe the files of an entry. The texts must be freed. */
static enum lc_status describe_use(struct lc_registry *registry,
                                   const struct lc_entry *entry, const char *base,
                                   struct lc_buffer *sampling, char **root,
                                   struct lc_file_use *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (entry->sampling && entry->sampling_key)
        status = lc_buffer_printf(sampling, err, "%s %s", entry->sampling_key,
                                  entry->sampling);
    if (status == LC_OK)
        status = find_root(registry, entry, base, root, err);
    *out = (struct lc_file_use){
        .sampling = sampling->size ? sampling->data : entry->sampling,
        .sampled = entry->sampled,
        .root = *root,
        .dialect = entry->dialect,
        .is_registered = !registry->is_named,
    };
    return status;
}

/* Whether an earlier entry has already added a file, to be read in the same way. */
static bool was_added(const struct lc_registry *registry, const char *path,
                      const struct lc_dialect *dialect)
{
    const struct lc_dataset *dataset = registry->dataset;
    size_t alike = 0;
    struct stat st;

    if (dataset->dialect)
        dialect = dataset->dialect;
    if (!dialect || stat(path, &st) != 0)
        return false;
    for (size_t i = registry->first; i < dataset->file_count && alike < MAX_ALIKE; i++) {
        const struct lc_rows_file *file = &dataset->files[i];

        if (file->device != (uint64_t)st.st_dev || file->inode != (uint64_t)st.st_ino)
            continue;
        if (lc_dialect_hash(file->dialect) == lc_dialect_hash(dialect))
            return true;
        alike++;
    }
    return false;
}

static enum lc_status add_located(struct lc_registry *registry,
                                  const struct lc_entry *entry, const char *base,
                                  const char *path, enum lc_path_kind there,
                                  struct lc_error *err)
{
    struct lc_buffer sampling = {0};
    struct lc_file_use use;
    char *root = NULL;
    bool good;
    enum lc_status status = check_located(registry, entry, path, there, &good, err);

    if (status != LC_OK || !good)
        return status;
    if (there == LC_PATH_FILE && entry->is_choice &&
        was_added(registry, path, entry->dialect))
        return LC_OK;
    if (there == LC_PATH_FILE && entry->is_choice && registry->advised++ < MAX_ADVISED)
        status = lc_registry_advise(registry->dataset, registry->name, entry->name,
                                    entry->node->line, path, entry->dialect, err);
    if (status == LC_OK)
        status = describe_use(registry, entry, base, &sampling, &root, &use, err);
    if (status == LC_OK && there == LC_PATH_FOLDER)
        status = add_folder(registry, path, &use, err);
    else if (status == LC_OK) {
        bool is_right = true;

        if (entry->root_is_first && root)
            status = serves(root, path, entry->dialect, &is_right, err);
        if (!is_right)
            use.root = NULL;
        if (status == LC_OK)
            status = lc_files_add(registry->dataset, path, &use, registry->samples, err);
        registry->added += status == LC_OK;
    }
    free(root);
    lc_buffer_clear(&sampling);
    return status;
}

enum lc_status lc_registry_add(struct lc_registry *registry, const struct lc_entry *entry,
                               struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    char *base = NULL, *path = NULL;
    enum lc_status status;

    /* aliases of YAML turn a short text into many entries */
    if (registry->visited++ == MAX_ENTRIES)
        return lc_registry_refuse(entry->node, err, "more than %d entries", MAX_ENTRIES);
    status = locate(registry, entry, &base, &path, &there, err);
    if (status == LC_OK)
        status = add_located(registry, entry, base, path, there, err);
    free(base);
    free(path);
    return status;
}

enum lc_status lc_registry_own_dialect(struct lc_registry *registry,
                                       const struct lc_dialect *from,
                                       struct lc_dialect **out, struct lc_error *err)
{
    struct lc_dataset *dataset = registry->dataset;
    struct lc_dialect **dialects =
        lc_array_grow(dataset->dialects, dataset->dialect_count,
                      &dataset->dialect_capacity, sizeof(struct lc_dialect *));
    enum lc_status status;

    if (!dialects)
        return lc_fail_memory(err);
    dataset->dialects = dialects;
    status = lc_dialect_copy(from, out, err);
    if (status == LC_OK)
        dialects[dataset->dialect_count++] = *out;
    return status;
}
