/* Finds the rows files of a folder: its own, those that a registry in it names, or those
 * of the only data set below it. */
#include "dataset/folder.h"

#include "base/path.h"
#include "base/shell.h"
#include "dataset/files.h"
#include "dataset/inspect.h"
#include "dataset/packed.h"
#include "dataset/registry.h"
#include "dataset/shards.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Empty files, which are added only if there are no other files: names, each ended by
 * NUL. */
struct empties {
    const char *folder;
    struct lc_buffer names;
};

/* Whether a registry of the folder has added a file. */
static bool is_registered(const struct lc_dataset *dataset, const char *path)
{
    for (size_t i = 0; i < dataset->file_count; i++)
        if (dataset->files[i].is_registered && strcmp(dataset->files[i].path, path) == 0)
            return true;
    return false;
}

/* Add a file of a folder if it has rows, or may be damaged rows. */
static enum lc_status add_if_rows(struct lc_dataset *dataset, const char *path,
                                  struct lc_samples *samples, struct empties *empties,
                                  struct lc_error *err)
{
    size_t images = samples->images.size, videos = samples->videos.size;
    size_t absolute_images = samples->absolute_images.size;
    size_t absolute_videos = samples->absolute_videos.size;
    struct lc_peek peek;
    enum lc_inspected kind = LC_INSPECTED_OTHER;
    enum lc_path_kind there;
    char *name = NULL;
    enum lc_status status = lc_path_relative(dataset->folder, path, &name, err);

    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    if (status != LC_OK)
        goto out;
    if (there != LC_PATH_FILE) {
        status = lc_files_notice(dataset, err, "skipped %s: not a regular file", name);
        goto out;
    }
    status = lc_inspect_file(path, dataset->dialect, &kind, &peek, samples, err);
    if (status == LC_ERR_IO)
        lc_files_name_error(name, err);
    if (status != LC_OK)
        goto out;
    if (kind != LC_INSPECTED_ROWS && kind != LC_INSPECTED_BROKEN) {
        samples->images.size = images; /* its paths are not those of rows */
        samples->videos.size = videos;
        samples->absolute_images.size = absolute_images;
        samples->absolute_videos.size = absolute_videos;
    }
    if (kind == LC_INSPECTED_OTHER)
        status = lc_files_notice(dataset, err, "skipped %s: it has no rows", name);
    else if (kind == LC_INSPECTED_EMPTY)
        status = lc_buffer_add(&empties->names, lc_path_name(path),
                               strlen(lc_path_name(path)) + 1, err);
    else
        status = lc_files_add_known(
            dataset, path, name,
            &(struct lc_file_use){.dialect = peek.dialect, .kin = peek.kin}, err);
out:
    free(name);
    return status;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Add the files that LLaMA-Factory's registry in a folder names, if there is one. */
static enum lc_status add_registered(struct lc_dataset *dataset, const char *folder,
                                     struct lc_samples *samples, bool *is_one,
                                     struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    char *path = NULL;
    enum lc_status status = lc_path_join(folder, LC_REGISTRY_OF_FOLDER, &path, err);

    *is_one = false;
    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    if (status == LC_OK && there == LC_PATH_FILE)
        status = lc_registry_read(dataset, path, false, samples, is_one, err);
    free(path);
    return status;
}

/* Add the rows files directly in a folder. */
static enum lc_status add_files_of_folder(struct lc_dataset *dataset, const char *folder,
                                          struct lc_samples *samples,
                                          struct empties *empties, struct lc_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, lc_path_compare_entries);
    bool has_registry = false;
    enum lc_status status = count < 0 ? lc_fail_errno(err, "read the folder") : LC_OK;

    if (status == LC_OK)
        status = add_registered(dataset, folder, samples, &has_registry, err);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char *path = NULL;

        if (status == LC_OK && lc_inspect_is_rows_name(name) &&
            !(has_registry && strcmp(name, LC_REGISTRY_OF_FOLDER) == 0)) {
            status = lc_path_join(folder, name, &path, err);
            if (status == LC_OK && !is_registered(dataset, path))
                status = add_if_rows(dataset, path, samples, empties, err);
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* Report that the empty files of a folder are skipped; or add them, if are_all is set
 * because there are no other files. */
static enum lc_status settle_empties(struct lc_dataset *dataset,
                                     const struct empties *empties, bool are_all,
                                     struct lc_samples *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < empties->names.size && status == LC_OK;
         at += strlen(empties->names.data + at) + 1) {
        const char *name = empties->names.data + at;
        char *path = NULL;

        if (!are_all) {
            status = lc_files_notice(dataset, err, "skipped %s: it is empty", name);
            continue;
        }
        status = lc_path_join(empties->folder, name, &path, err);
        if (status == LC_OK)
            status = lc_files_add(dataset, path, NULL, samples, err);
        free(path);
    }
    return status;
}

/* Add the rows files of the data set that was found below a folder. */
static enum lc_status add_discovered(struct lc_dataset *dataset,
                                     const struct lc_discovery *found,
                                     struct lc_samples *samples, struct lc_error *err)
{
    size_t before = dataset->file_count;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < found->folder_count && status == LC_OK; i++) {
        struct empties empties = {.folder = found->folders[i].path};

        if (!found->folders[i].is_in_set)
            continue;
        status = add_files_of_folder(dataset, empties.folder, samples, &empties, err);
        if (status == LC_OK)
            status = settle_empties(dataset, &empties, dataset->file_count == before,
                                    samples, err);
        lc_buffer_clear(&empties.names);
    }
    return status;
}

/* Fail because no file was added. The message names the first file that was skipped
 * (whose notice starts at offset from, or which was further below), and archives that may
 * have to be unpacked. */
static enum lc_status fail_without_rows(const struct lc_dataset *dataset, size_t from,
                                        const char *folder, struct lc_error *err)
{
    const struct lc_discovery *found = &dataset->discovery;
    const struct lc_buffer *notices = &dataset->notices;
    struct lc_buffer packed = {0};
    char first[300] = "it has no .json or .jsonl file", more[40] = "";
    size_t skipped = found->skipped;
    enum lc_status status = lc_packed_find(folder, LC_PACKED_ALL, &packed, err);
    bool has_parquet = packed.size && strcasestr(packed.data, ".parquet");

    for (size_t i = from; i < notices->size; i++)
        skipped += notices->data[i] == '\0';
    if (notices->size > from)
        snprintf(first, sizeof(first), "%.280s", notices->data + from);
    else if (found->example)
        snprintf(first, sizeof(first), "skipped %.60s: it has no rows", found->example);
    if (skipped > 1)
        snprintf(more, sizeof(more), " (and %zu more)", skipped - 1);
    if (status == LC_OK)
        status =
            lc_fail(err, LC_ERR_USAGE, 0, "no rows found: %s%s%s%s%s%.80s%s", first, more,
                    found->bound ? "; " : "", found->bound ? found->bound : "",
                    !packed.size  ? ""
                    : has_parquet ? "; not read: "
                                  : "; not unpacked: ",
                    packed.size ? packed.data : "",
                    has_parquet ? " ('llava-check import parquet' converts it)" : "");
    lc_buffer_clear(&packed);
    return status;
}

static enum lc_status fail_with_several(const struct lc_discovery *found,
                                        struct lc_error *err)
{
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "contains %zu data sets%s%s; check one of them, or each with --all",
                   found->set_count, found->bound ? ", or more: " : "",
                   found->bound ? found->bound : "");
}

/* Add the files named by registries below a folder. If their rows have columns of their
 * own, only the registry shows that they are rows. The datasets library has files with
 * the same name as the registry. */
static enum lc_status add_by_registries(struct lc_dataset *dataset,
                                        const struct lc_buffer *folders,
                                        struct lc_samples *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    bool is_one;

    for (size_t at = 0; at < folders->size && status == LC_OK;
         at += strlen(folders->data + at) + 1)
        status = add_registered(dataset, folders->data + at, samples, &is_one, err);
    return status;
}

/* Search below a folder that has no rows files itself. */
static enum lc_status add_below(struct lc_dataset *dataset, const char *folder,
                                struct lc_samples *samples, struct lc_error *err)
{
    struct lc_discovery *found = &dataset->discovery;
    enum lc_status status;

    lc_discovery_clear(found);
    status = lc_discover(folder, false, found, err);
    if (status == LC_OK && !found->set_count)
        status = add_by_registries(dataset, &found->registries, samples, err);
    if (status == LC_OK && found->set_count > 1)
        return fail_with_several(found, err);
    if (status == LC_OK && found->bound && found->set_count)
        status = lc_files_notice(dataset, err, "%s", found->bound);
    return status == LC_OK ? add_discovered(dataset, found, samples, err) : status;
}

/* Note the data sets below a folder that itself has rows: they are not checked with
 * it. */
static enum lc_status note_below(struct lc_dataset *dataset, const char *folder,
                                 struct lc_error *err)
{
    struct lc_discovery *found = &dataset->discovery;
    struct lc_buffer path = {0};
    char more[64] = "";
    enum lc_status status;

    if (!dataset->notes_others)
        return LC_OK;
    lc_discovery_clear(found);
    status = lc_discover(folder, true, found, err);
    if (status != LC_OK || !found->set_count)
        return status;
    found->is_aside = true;
    if (found->set_count > 1)
        snprintf(more, sizeof(more), " and in %zu more folder%s", found->set_count - 1,
                 found->set_count > 2 ? "s" : "");
    status = lc_shell_add(&path, found->sets[0].path, err);
    if (status == LC_OK)
        status = lc_files_notice(dataset, err,
                                 "rows in %s%s are separate data sets; check them with "
                                 "llava-check %s, or each with --all",
                                 found->sets[0].path, more, path.data);
    lc_buffer_clear(&path);
    return status;
}

enum lc_status lc_folder_add(struct lc_dataset *dataset, const char *folder,
                             struct lc_samples *samples, struct lc_error *err)
{
    size_t before = dataset->file_count, notices = dataset->notices.size;
    struct empties empties = {.folder = folder};
    enum lc_status status = add_files_of_folder(dataset, folder, samples, &empties, err);

    if (status == LC_OK)
        status = dataset->file_count == before ? add_below(dataset, folder, samples, err)
                                               : note_below(dataset, folder, err);
    if (status == LC_OK)
        status = settle_empties(dataset, &empties, dataset->file_count == before, samples,
                                err);
    if (status == LC_OK && dataset->file_count == before && !dataset->file_count)
        status = lc_shards_add_folder(dataset, folder, err);
    if (status == LC_OK && dataset->file_count == before)
        status = fail_without_rows(dataset, notices, folder, err);
    lc_buffer_clear(&empties.names);
    return status;
}
