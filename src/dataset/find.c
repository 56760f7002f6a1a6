/* Finds the data set for the paths that a user gave.
 *
 * 1. The data folder: the first path, or the folder that contains it. Names in reports
 * are relative to it, and its index belongs to it.
 * 2. The rows files (files.c): those named, those of a mixture or a pattern, or the .json
 *    and .jsonl of a folder whose first rows look like rows (peek.c); if there are none,
 *    those of the one data set below it (discover.c).
 * 3. The image and video roots (root.c): the folder under which most of the paths in the
 *    first rows exist. */
#include "dataset/dataset.h"

#include "base/hash.h"
#include "base/path.h"
#include "dataset/files.h"
#include "dataset/folder.h"
#include "dataset/inspect.h"
#include "dataset/peek.h"
#include "dataset/document.h"
#include "dataset/registry.h"
#include "dataset/root.h"
#include "dataset/shard.h"
#include "dataset/shards.h"
#include "llava_check/overwrite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the data folder ---- */

/* Get a path itself if it is a folder, or else the folder that contains it. */
static enum lc_status find_folder(const char *path, char **out, struct lc_error *err)
{
    enum lc_path_kind there;
    enum lc_status status = lc_path_probe(path, &there, err);
    char *base;

    if (status != LC_OK)
        return status;
    if (there == LC_PATH_FOLDER)
        return lc_path_normalize(path, out, err);
    if (!lc_files_is_pattern(path))
        return lc_path_parent(path, out, err);
    /* slashes inside the braces do not count */
    base = strndup(path, (size_t)(lc_files_brace(path) - path));
    if (!base)
        return lc_fail_memory(err);
    status = lc_path_parent(base, out, err);
    free(base);
    return status;
}

/* Get the last component of a path; slashes inside a pattern's braces become +. */
static enum lc_status name_single(const char *path, char **out, struct lc_error *err)
{
    const char *name = lc_path_name(path);

    if (lc_files_is_pattern(path)) {
        name = lc_files_brace(path);
        while (name > path && name[-1] != '/')
            name--;
    }
    *out = strdup(name);
    if (!*out)
        return lc_fail_memory(err);
    for (char *c = *out; *c; c++)
        if (*c == '/')
            *c = '+';
    return LC_OK;
}

/* Make the name for several paths, which together have an index of their own: the name of
 * the first path with a hash of all paths. */
static enum lc_status name_several(const char *const *paths, size_t count,
                                   const char *first, char **out, struct lc_error *err)
{
    struct lc_buffer all = {0}, name = {0};
    enum lc_status status = LC_OK;
    char hex[33];
    struct lc_hash hash;

    for (size_t i = 0; i < count && status == LC_OK; i++) {
        char *real = realpath(paths[i], NULL);
        const char *text = real ? real : paths[i];

        status = lc_buffer_add(&all, text, strlen(text) + 1, err);
        free(real);
    }
    hash = lc_hash_bytes(all.data, all.size);
    lc_hash_hex(&hash, hex);
    if (status == LC_OK)
        status = lc_buffer_printf(&name, err, "%.100s+%zu-%.8s", first, count - 1, hex);
    lc_buffer_clear(&all);
    *out = name.data;
    return status;
}

static enum lc_status locate(const char *const *paths, size_t count, char **folder,
                             char **single, struct lc_error *err)
{
    char *tidy = NULL, *name = NULL;
    enum lc_path_kind there = LC_PATH_MISSING;
    enum lc_status status = lc_path_normalize(paths[0], &tidy, err);

    *single = NULL;
    if (status != LC_OK)
        goto out;
    status = find_folder(tidy, folder, err);
    if (status != LC_OK)
        goto out;
    status = name_single(tidy, &name, err);
    if (status != LC_OK)
        goto out;
    status = lc_path_probe(tidy, &there, err);
    if (status != LC_OK)
        goto out;
    if (count > 1) {
        status = name_several(paths, count, name, single, err);
    } else if (there != LC_PATH_FOLDER) {
        *single = name;
        name = NULL;
    }
out:
    free(name);
    free(tidy);
    return status;
}

enum lc_status lc_dataset_locate(const char *const *paths, size_t count, char **folder,
                                 char **single, struct lc_error *err)
{
    char **all = NULL;
    size_t *from = NULL, total = 0;
    enum lc_status status = lc_shards_expand(paths, count, &all, &from, &total, err);

    *single = NULL;
    if (status == LC_OK)
        status = locate((const char *const *)all, total, folder, single, err);
    lc_shards_free(all);
    free(from);
    return status;
}

/* ---- its files ---- */

/* Find the # of path#N, with which ms-swift takes N rows of a file; NULL if a path does
 * not have that form. */
static const char *find_count(const char *path)
{
    const char *mark = strrchr(path, '#');

    return mark && mark[1] && strspn(mark + 1, "0123456789") == strlen(mark + 1) ? mark
                                                                                 : NULL;
}

/* Add the rows file of path#N. */
static enum lc_status add_counted(struct lc_dataset *dataset, const char *path,
                                  const char *mark, struct lc_samples *samples,
                                  struct lc_error *err)
{
    struct lc_file_use use = {.sampling = mark};
    enum lc_path_kind there = LC_PATH_MISSING;
    char *file = strndup(path, (size_t)(mark - path));
    enum lc_status status = file ? LC_OK : lc_fail_memory(err);

    if (status == LC_OK && !lc_sampling_parse_count(mark + 1, &use.sampled))
        status = lc_fail(err, LC_ERR_USAGE, 0, "not a number of rows: %.40s", mark);
    if (status == LC_OK)
        status = lc_path_probe(file, &there, err);
    if (status == LC_OK && there != LC_PATH_FILE)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    if (status == LC_OK)
        status = lc_files_add(dataset, file, &use, samples, err);
    free(file);
    return status;
}

/* Add a file that the user named: a registry, or rows. */
static enum lc_status add_file(struct lc_dataset *dataset, const char *path,
                               struct lc_samples *samples, struct lc_error *err)
{
    bool may_be_registry = lc_document_is_yaml(path), is_registry = false;
    bool is_shard = false;
    enum lc_status status = lc_shards_add(dataset, path, &is_shard, err);

    if (status != LC_OK || is_shard)
        return status;
    if (!may_be_registry)
        status = lc_inspect_may_be_registry(path, &may_be_registry, err);
    if (status == LC_OK && may_be_registry)
        status = lc_registry_read(dataset, path, true, samples, &is_registry, err);
    if (status != LC_OK || is_registry)
        return status;
    return lc_files_add(dataset, path, NULL, samples, err);
}

/* Add the rows files for one path. */
static enum lc_status add_path(struct lc_dataset *dataset, const char *path,
                               struct lc_samples *samples, struct lc_error *err)
{
    const char *mark = find_count(path);
    struct stat st;

    if (lc_files_is_pattern(path))
        return lc_files_add_pattern(dataset, path, samples, err);
    if (stat(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return lc_fail_errno(err, "inspect the path");
        if (mark)
            return add_counted(dataset, path, mark, samples, err);
        return lc_fail(err, LC_ERR_USAGE, errno, "no such file or folder");
    }
    if (S_ISDIR(st.st_mode))
        return lc_folder_add(dataset, path, samples, err);
    if (!S_ISREG(st.st_mode))
        return lc_fail(err, LC_ERR_USAGE, 0, "is neither a regular file nor a folder");
    return add_file(dataset, path, samples, err);
}

static enum lc_status add_paths(struct lc_dataset *dataset, const char *const *paths,
                                size_t count, struct lc_samples *samples,
                                struct lc_error *err)
{
    char **all = NULL;
    size_t *from = NULL, total = 0;
    enum lc_status status = lc_shards_expand(paths, count, &all, &from, &total, err);

    for (size_t i = 0; i < total && status == LC_OK; i++) {
        char *tidy = NULL;

        status = lc_path_normalize(all[i], &tidy, err);
        if (status == LC_OK)
            status = add_path(dataset, tidy, samples, err);
        free(tidy);
        if (status != LC_OK)
            err->path = from[i];
    }
    lc_shards_free(all);
    free(from);
    return status;
}

static enum lc_status settle_indexes(struct lc_dataset *dataset, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (dataset->has_shards)
        status = lc_shards_check_names(dataset, err);
    return status == LC_OK && dataset->has_shards ? lc_shards_count(dataset, err)
                                                  : status;
}

/* Check the files of a data set with shards: rows in shards name only images of their
 * shard, so no other images are looked for. */
static enum lc_status settle_shards(struct lc_dataset *dataset, struct lc_error *err)
{
    for (size_t i = 0; dataset->has_shards && i < dataset->file_count; i++)
        if (!dataset->files[i].is_shard)
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "shards and rows files are separate data sets: check the "
                           "shards alone");
    if (!dataset->has_shards && dataset->dialect &&
        strcmp(dataset->dialect->name, LC_SHARD_DIALECT) == 0)
        return lc_fail(err, LC_ERR_USAGE, 0, "only shards have the dialect %s: tar files",
                       LC_SHARD_DIALECT);
    return settle_indexes(dataset, err);
}

/* Whether a path leads to the given regular file. */
static bool leads_to_file(const char *path, const struct stat *file)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_ino == file->st_ino &&
           st.st_dev == file->st_dev;
}

enum lc_status lc_dataset_has_file(const char *const *paths, size_t count,
                                   const char *file, bool *out, struct lc_error *err)
{
    struct lc_dataset dataset = {0};
    struct lc_samples samples = {0};
    struct lc_error own = {0};
    enum lc_status status;
    struct stat st;

    *out = false;
    if (stat(file, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
                   ? LC_OK
                   : lc_fail_errno(err, "inspect the file");
    status = lc_dataset_locate(paths, count, &dataset.folder, &dataset.single, &own);
    if (status == LC_OK)
        status = add_paths(&dataset, paths, count, &samples, &own);
    if (status == LC_ERR_USAGE)
        status = LC_OK; /* no rows: compare with the files found so far */
    else if (status != LC_OK && err)
        *err = own;
    for (size_t i = 0; i < count && !*out; i++)
        *out = leads_to_file(paths[i], &st); /* it may be a mixture */
    for (size_t i = 0; i < dataset.file_count && !*out; i++)
        *out = leads_to_file(dataset.files[i].path, &st);
    lc_dataset_clear(&dataset);
    lc_samples_clear(&samples);
    return status;
}

/* Set the data set's name to that of the folder or file, independent of how the path was
 * typed. */
static enum lc_status set_name(struct lc_dataset *dataset, const char *path, size_t count,
                               struct lc_error *err)
{
    char *real = realpath(path, NULL); /* NULL: a pattern */
    const char *name = lc_path_name(real ? real : path);
    struct lc_buffer text = {0};
    enum lc_status status;

    if (count > 1)
        status = lc_buffer_printf(&text, err, "%s and %zu more", name, count - 1);
    else
        status = lc_buffer_printf(&text, err, "%s", name);
    dataset->name = text.data;
    free(real);
    return status;
}

/* Read a file as the dialect of others in the data set, if that fits its rows better than
 * the detected dialect. */
static void join_kin(struct lc_dataset *dataset)
{
    for (size_t i = 0; i < dataset->file_count; i++)
        for (size_t k = 0; k < dataset->file_count && dataset->files[i].kin; k++)
            if (dataset->files[k].dialect == dataset->files[i].kin)
                dataset->files[i].dialect = dataset->files[i].kin;
}

enum lc_status lc_dataset_find(const struct lc_dataset_options *options,
                               struct lc_dataset *out, struct lc_error *err)
{
    struct lc_dataset dataset = {.dialect = options->dialect,
                                 .notes_others = options->on_set};
    struct lc_samples samples = {0};
    const struct lc_discovery *found;
    struct lc_error own = {0};
    enum lc_status status;

    err = err ? err : &own; /* callees add to its message */
    status = lc_dataset_locate(options->paths, options->count, &dataset.folder,
                               &dataset.single, err);
    if (status == LC_OK)
        status = add_paths(&dataset, options->paths, options->count, &samples, err);
    join_kin(&dataset);
    if (status == LC_OK)
        status = settle_shards(&dataset, err);
    if (status == LC_OK)
        status = set_name(&dataset, options->paths[0], options->count, err);
    if (status == LC_OK)
        status = lc_root_find(&dataset, options, &samples, err);
    found = &dataset.discovery;
    for (size_t i = 0; i < found->set_count && options->on_set; i++)
        if (status == LC_OK ? found->is_aside : found->set_count > 1)
            options->on_set(options->user, &found->sets[i]);
    if (status == LC_OK) {
        *out = dataset;
        dataset = (struct lc_dataset){0};
    }
    lc_dataset_clear(&dataset);
    lc_samples_clear(&samples);
    return status;
}
