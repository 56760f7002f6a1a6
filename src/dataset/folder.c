/* Finds the rows files of a folder: its own, those that a registry in it names, or those
 * of the only data set below it. */
#include "dataset/folder.h"

#include "base/path.h"
#include "base/shell.h"
#include "dataset/document.h"
#include "dataset/files.h"
#include "dataset/inspect.h"
#include "dataset/packed.h"
#include "dataset/registry.h"
#include "dataset/shards.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_REGISTRIES 64 /* below a folder */
#define MAX_TITLES 64     /* files of a folder that may be registries of other names */

#define MOST_NOTICES 4 /* of files of a folder that have no rows, for each kind */
#define MOST_KEYS 90   /* bytes of keys in a message */

/* Files of a folder that are not added. */
struct leftovers {
    const char *folder;
    struct lc_buffer empty; /* names of empty files, each ended by NUL: they are added
                             * only if there are no other files */
    size_t objects;         /* number of files with objects that are not rows */
    size_t others;          /* number of files with other JSON */
};

/* Registries of a folder that are not followed, because the user did not name them. */
struct unfollowed {
    const char *title; /* title of the first; NULL if there is none */
    char *path;        /* path of the first */
    size_t count;
    size_t titles; /* number of files that were looked into */
};

/* Whether a registry has added a file, perhaps under another path. */
static bool is_registered(const struct lc_dataset *dataset, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 &&
           lc_files_is_registered(dataset, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
}

/* Count a file if it is a registry. If it cannot be read, skip it: it may belong to
 * anybody. */
static enum lc_status count_unfollowed(struct unfollowed *unfollowed, const char *path,
                                       bool *is_one, struct lc_error *err)
{
    const char *title = NULL;
    struct lc_error own = {0};
    enum lc_status status;

    *is_one = false;
    if (unfollowed->titles++ >= MAX_TITLES)
        return LC_OK;
    status = lc_registry_title(path, &title, &own);
    if (status == LC_ERR_MEMORY)
        return lc_fail_memory(err);
    if (!title)
        return LC_OK;
    *is_one = true;
    if (unfollowed->count++)
        return LC_OK;
    unfollowed->title = title;
    unfollowed->path = strdup(path);
    return unfollowed->path ? LC_OK : lc_fail_memory(err);
}

/* Note that registries are not followed. */
static enum lc_status note_unfollowed(struct lc_dataset *dataset,
                                      const struct unfollowed *unfollowed,
                                      struct lc_error *err)
{
    struct lc_buffer path = {0};
    char others[56] = "", *name = NULL;
    enum lc_status status = LC_OK;

    if (!unfollowed->count)
        return LC_OK;
    if (unfollowed->count > 1)
        snprintf(others, sizeof(others), " (and %zu more registr%s here)",
                 unfollowed->count - 1, unfollowed->count > 2 ? "ies" : "y");
    status = lc_path_relative(dataset->folder, unfollowed->path, &name, err);
    if (status == LC_OK)
        status = lc_shell_add(&path, unfollowed->path, err);
    if (status == LC_OK)
        status = lc_files_notice(dataset, err,
                                 "%.200s is %s%s; to check the rows as it says: "
                                 "llava-check %s",
                                 name, unfollowed->title, others, path.data);
    lc_buffer_clear(&path);
    free(name);
    return status;
}

/* Up to which byte to show a list of quoted keys: at most MOST_KEYS, and whole keys. */
static int cut_keys(const char *keys)
{
    size_t size = strlen(keys);

    if (size <= MOST_KEYS)
        return (int)size;
    for (size = MOST_KEYS; size && strncmp(keys + size, ", ", 2) != 0;)
        size--;
    return (int)size;
}

/* Note that a file is skipped because it has no rows. Only the first ones of a folder get
 * a notice; keys are those of the file's first object. */
static enum lc_status note_skipped(struct lc_dataset *dataset, const char *name,
                                   const char *keys, struct leftovers *left,
                                   struct lc_error *err)
{
    size_t number = *keys ? left->objects++ : left->others++;

    if (number >= MOST_NOTICES)
        return LC_OK;
    return lc_files_notice(dataset, err, "skipped %s: it has no rows%s%.*s%s", name,
                           *keys ? " (keys " : "", cut_keys(keys), keys,
                           *keys ? ")" : "");
}

/* The number of skipped files without a notice of their own. */
static size_t count_unnoted(const struct leftovers *left)
{
    size_t objects = left->objects > MOST_NOTICES ? left->objects - MOST_NOTICES : 0;
    size_t others = left->others > MOST_NOTICES ? left->others - MOST_NOTICES : 0;

    return objects + others;
}

/* Note how many more files of a folder were skipped because they have no rows. */
static enum lc_status note_more_skipped(struct lc_dataset *dataset,
                                        const struct leftovers *left,
                                        struct lc_error *err)
{
    bool is_own = strcmp(left->folder, dataset->folder) == 0;
    size_t more = count_unnoted(left);
    char *name = NULL;
    enum lc_status status = LC_OK;

    if (more && !is_own)
        status = lc_path_relative(dataset->folder, left->folder, &name, err);
    if (more && status == LC_OK)
        status = lc_files_notice(dataset, err, "skipped %zu more file%s%s%s: %s no rows",
                                 more, more > 1 ? "s" : "", is_own ? "" : " in ",
                                 is_own ? "" : name, more > 1 ? "they have" : "it has");
    free(name);
    return status;
}

/* Add a file of a folder if it has rows, or may be damaged rows. */
static enum lc_status add_if_rows(struct lc_dataset *dataset, const char *path,
                                  struct lc_samples *samples, struct leftovers *left,
                                  struct unfollowed *unfollowed, struct lc_error *err)
{
    size_t images = samples->images.size, videos = samples->videos.size;
    size_t absolute_images = samples->absolute_images.size;
    size_t absolute_videos = samples->absolute_videos.size;
    struct lc_peek peek;
    enum lc_inspected kind = LC_INSPECTED_OTHER;
    enum lc_path_kind there;
    bool is_registry = false;
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
        status = count_unfollowed(unfollowed, path, &is_registry, err);
    if (status != LC_OK || is_registry)
        goto out;
    if (kind == LC_INSPECTED_OTHER)
        status = note_skipped(dataset, name, peek.keys, left, err);
    else if (kind == LC_INSPECTED_EMPTY)
        status = lc_buffer_add(&left->empty, lc_path_name(path),
                               strlen(lc_path_name(path)) + 1, err);
    else
        status =
            lc_files_add_known(dataset, path, name,
                               &(struct lc_file_use){.dialect = peek.dialect,
                                                     .kin = peek.kin,
                                                     .is_detected = !dataset->dialect},
                               err);
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

/* Note the files from number first on, which the registry of their folder does not
 * name. */
static enum lc_status note_unnamed(struct lc_dataset *dataset, size_t first,
                                   struct lc_error *err)
{
    size_t more = dataset->file_count - first;
    char others[48] = "";

    if (!more)
        return LC_OK;
    if (more > 1)
        snprintf(others, sizeof(others), " and %zu other file%s", more - 1,
                 more > 2 ? "s" : "");
    return lc_files_notice(dataset, err,
                           "%.200s%s: not named in " LC_REGISTRY_OF_FOLDER
                           ", so training by it does not read %s; checked nevertheless",
                           dataset->files[first].name, others, more > 1 ? "them" : "it");
}

/* Add the rows files directly in a folder, except those that its registry has added. */
static enum lc_status add_others_of_folder(struct lc_dataset *dataset, const char *folder,
                                           bool has_registry, struct lc_samples *samples,
                                           struct leftovers *left, struct lc_error *err)
{
    struct unfollowed unfollowed = {.title = NULL};
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, lc_path_compare_entries);
    enum lc_status status = count < 0 ? lc_fail_errno(err, "read the folder") : LC_OK;

    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char *path = NULL;
        bool is_one;

        if (status == LC_OK && lc_inspect_is_rows_name(name) &&
            !(has_registry && strcmp(name, LC_REGISTRY_OF_FOLDER) == 0)) {
            status = lc_path_join(folder, name, &path, err);
            if (status == LC_OK && !is_registered(dataset, path))
                status = add_if_rows(dataset, path, samples, left, &unfollowed, err);
        } else if (status == LC_OK && lc_document_is_yaml(name)) {
            status = lc_path_join(folder, name, &path, err);
            if (status == LC_OK)
                status = count_unfollowed(&unfollowed, path, &is_one, err);
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (status == LC_OK)
        status = note_more_skipped(dataset, left, err);
    if (status == LC_OK)
        status = note_unfollowed(dataset, &unfollowed, err);
    free(unfollowed.path);
    return status;
}

/* Add the rows files directly in a folder, beginning with those that its registry
 * names. */
static enum lc_status add_files_of_folder(struct lc_dataset *dataset, const char *folder,
                                          struct lc_samples *samples,
                                          struct leftovers *left, struct lc_error *err)
{
    bool has_registry;
    size_t first;
    enum lc_status status = add_registered(dataset, folder, samples, &has_registry, err);

    first = dataset->file_count;
    if (status == LC_OK)
        status = add_others_of_folder(dataset, folder, has_registry, samples, left, err);
    return status == LC_OK && has_registry ? note_unnamed(dataset, first, err) : status;
}

/* Report that the empty files of a folder are skipped; or add them, if are_all is set
 * because there are no other files. */
static enum lc_status settle_empties(struct lc_dataset *dataset,
                                     const struct leftovers *left, bool are_all,
                                     struct lc_samples *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < left->empty.size && status == LC_OK;
         at += strlen(left->empty.data + at) + 1) {
        char *path = NULL, *name = NULL;

        status = lc_path_join(left->folder, left->empty.data + at, &path, err);
        if (status == LC_OK && are_all)
            status = lc_files_add(dataset, path, NULL, samples, err);
        else if (status == LC_OK)
            status = lc_path_relative(dataset->folder, path, &name, err);
        if (status == LC_OK && !are_all)
            status = lc_files_notice(dataset, err, "skipped %s: it is empty", name);
        free(name);
        free(path);
    }
    return status;
}

/* Whether a folder is in a list of folders, each ended by NUL. */
static bool is_listed(const struct lc_buffer *folders, const char *folder)
{
    for (size_t at = 0; at < folders->size; at += strlen(folders->data + at) + 1)
        if (strcmp(folders->data + at, folder) == 0)
            return true;
    return false;
}

/* Add the rows files of the data set that was found below a folder, none of which a
 * registry names. */
static enum lc_status add_discovered(struct lc_dataset *dataset,
                                     const struct lc_discovery *found,
                                     struct lc_samples *samples, struct lc_error *err)
{
    size_t before = dataset->file_count;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < found->folder_count && status == LC_OK; i++) {
        struct leftovers left = {.folder = found->folders[i].path};

        if (!found->folders[i].is_in_set)
            continue;
        status = add_others_of_folder(dataset, left.folder,
                                      is_listed(&found->registries, left.folder), samples,
                                      &left, err);
        if (status == LC_OK)
            status = settle_empties(dataset, &left, dataset->file_count == before,
                                    samples, err);
        lc_buffer_clear(&left.empty);
    }
    return status == LC_OK && found->registries.size ? note_unnamed(dataset, before, err)
                                                     : status;
}

/* The notice to repeat of those that start at an offset: the first one that has keys, or
 * the first one; NULL: there is none. */
static const char *pick_notice(const struct lc_buffer *notices, size_t from)
{
    for (size_t at = from; at < notices->size; at += strlen(notices->data + at) + 1)
        if (strstr(notices->data + at, " (keys "))
            return notices->data + at;
    return from < notices->size ? notices->data + from : NULL;
}

/* Name the columns by which rows are known: that of the turns, or of the question, in
 * each dialect that is detected. */
static void name_known_columns(char *out, size_t size)
{
    for (size_t i = 0, used = 0; i < lc_dialect_count; i++) {
        const struct lc_dialect *dialect = &lc_dialects[i];
        enum lc_column column =
            dialect->layout == LC_LAYOUT_TURNS ? LC_COLUMN_TURNS : LC_COLUMN_PROMPT;
        struct lc_span name = lc_unquoted(dialect->columns[column][0]);

        if (!dialect->is_detected || memmem(out, used, name.text, name.size) ||
            used + name.size + 3 > size)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? ", " : "",
                                 (int)name.size, name.text);
    }
}

/* Fail because no file was added. The message names a file that was skipped (whose notice
 * starts at offset from or later, or which was further below), preferably one with
 * objects; and archives that may have to be unpacked. */
static enum lc_status fail_without_rows(const struct lc_dataset *dataset, size_t from,
                                        const struct leftovers *left,
                                        struct lc_error *err)
{
    const struct lc_discovery *found = &dataset->discovery;
    const struct lc_buffer *notices = &dataset->notices;
    const char *notice = pick_notice(notices, from);
    const char *keys = found->example ? found->example_keys : "";
    size_t unnoted = count_unnoted(left);
    struct lc_buffer packed = {0};
    char first[300] = "it has no .json or .jsonl file", more[40] = "", known[80] = "";
    size_t skipped = found->skipped + unnoted - (unnoted != 0); /* it has a notice */
    enum lc_status status = lc_packed_find(left->folder, LC_PACKED_ALL, &packed, err);
    bool has_parquet = packed.size && strcasestr(packed.data, ".parquet");

    for (size_t i = from; i < notices->size; i++)
        skipped += notices->data[i] == '\0';
    if (notice && (!*keys || strstr(notice, " (keys ")))
        snprintf(first, sizeof(first), "%.280s", notice);
    else if (found->example)
        snprintf(first, sizeof(first), "skipped %.60s: it has no rows%s%.*s%s",
                 found->example, *keys ? " (keys " : "", cut_keys(keys), keys,
                 *keys ? ")" : "");
    if (skipped > 1)
        snprintf(more, sizeof(more), " (and %zu more)", skipped - 1);
    if (strstr(first, " (keys "))
        name_known_columns(known, sizeof(known));
    if (status == LC_OK)
        status =
            lc_fail(err, LC_ERR_USAGE, 0, "no rows found: %s%s%s%s%s%s%s%.80s%s", first,
                    more, *known ? "; rows have one of the keys " : "", known,
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

/* Note the data sets below a folder, or below the folder of a registry: they are not
 * checked with it. */
static enum lc_status note_aside(struct lc_dataset *dataset, bool has_registry,
                                 struct lc_error *err)
{
    const struct lc_discovery *found = &dataset->discovery;
    struct lc_buffer path = {0};
    char more[64] = "";
    enum lc_status status;

    if (!found->set_count)
        return LC_OK;
    if (found->set_count > 1)
        snprintf(more, sizeof(more), " and in %zu more place%s", found->set_count - 1,
                 found->set_count > 2 ? "s" : "");
    status = lc_shell_add(&path, found->sets[0].path, err);
    if (status == LC_OK)
        status = lc_files_notice(
            dataset, err,
            "rows in %s%s are %s; check them with llava-check %s, or each with --all",
            found->sets[0].path, more,
            has_registry ? "not named in " LC_REGISTRY_OF_FOLDER : "separate data sets",
            path.data);
    lc_buffer_clear(&path);
    return status;
}

/* Group the files that were found again, without those that registries have added. */
static enum lc_status leave_out_registered(struct lc_dataset *dataset,
                                           const struct lc_discovery *named,
                                           struct lc_error *err)
{
    struct lc_discovery *found = &dataset->discovery;

    for (size_t i = 0; i < found->file_count; i++)
        found->files[i].is_known = lc_files_is_registered(dataset, found->files[i].device,
                                                          found->files[i].inode);
    return lc_discovery_group(found, named, err);
}

static enum lc_status note_below(struct lc_dataset *dataset, const char *folder,
                                 bool has_registry, struct lc_error *err)
{
    struct lc_discovery *found = &dataset->discovery;
    enum lc_status status;

    lc_discovery_clear(found);
    if (!dataset->notes_others)
        return LC_OK;
    status = lc_discover(folder, true, found, err);
    if (status == LC_OK && has_registry)
        status = leave_out_registered(dataset, NULL, err);
    return status == LC_OK ? note_aside(dataset, has_registry, err) : status;
}

/* ---- registries below a folder ---- */

/* Whether a path is a folder, or below it. */
static bool is_within(const char *path, const char *folder)
{
    size_t size = strcmp(folder, ".") == 0 ? 0 : strlen(folder);

    return strncmp(path, folder, size) == 0 &&
           (!size || !path[size] || path[size] == '/');
}

/* Add the files named by the registry of a folder further below, and add its data set to
 * a list. */
static enum lc_status add_by_registry(struct lc_dataset *dataset, const char *folder,
                                      struct lc_samples *samples,
                                      struct lc_discovery *named, bool *is_one,
                                      struct lc_error *err)
{
    size_t first = dataset->file_count, media = samples->images.size;
    struct lc_discovered_set set = {.path = NULL};
    enum lc_status status = add_registered(dataset, folder, samples, is_one, err);
    struct stat st;

    for (size_t i = first; i < dataset->file_count; i++) {
        set.files++;
        if (stat(dataset->files[i].path, &st) == 0)
            set.bytes += (uint64_t)st.st_size;
    }
    set.has_media = samples->images.size > media;
    return status == LC_OK && set.files ? lc_discovery_add(named, folder, &set, err)
                                        : status;
}

/* Add what the registries below a folder name. Only these registries define the columns
 * of their rows. The datasets library has files with the same name: these are left out of
 * the list.
 *
 * @param named  the registries' data sets are added, as well as to dataset->discovery */
static enum lc_status add_by_registries(struct lc_dataset *dataset,
                                        struct lc_samples *samples,
                                        struct lc_discovery *named, struct lc_error *err)
{
    struct lc_buffer *folders = &dataset->discovery.registries, read = {0};
    size_t count = 0;
    enum lc_status status = LC_OK;

    for (size_t at = 0, size; at < folders->size && status == LC_OK; at += size) {
        const char *folder = folders->data + at;
        bool is_one = false;

        if (count++ == MAX_REGISTRIES)
            break;
        size = strlen(folder) + 1;
        status = add_by_registry(dataset, folder, samples, named, &is_one, err);
        if (status == LC_OK && is_one)
            status = lc_buffer_add(&read, folder, size, err);
    }
    lc_buffer_clear(folders);
    *folders = read;
    return status == LC_OK && named->set_count ? leave_out_registered(dataset, named, err)
                                               : status;
}

/* The data set of the only registry, if everything that was found is in its folder; NULL:
 * it is not. */
static const struct lc_discovered_set *
find_only_registry(const struct lc_discovery *found, const struct lc_discovery *named)
{
    if (named->set_count != 1)
        return NULL;
    for (size_t i = 0; i < found->set_count; i++)
        if (!is_within(found->sets[i].path, named->sets[0].path))
            return NULL;
    return named->sets;
}

/* Complete the data set of the only registry with the rows files beside it, as if the
 * user had named its folder. Data sets below that folder are only noted. */
static enum lc_status complete_registered(struct lc_dataset *dataset, const char *folder,
                                          struct lc_samples *samples,
                                          struct lc_error *err)
{
    struct leftovers left = {.folder = folder};
    size_t first = dataset->file_count;
    enum lc_status status =
        add_others_of_folder(dataset, folder, true, samples, &left, err);

    if (status == LC_OK)
        status = note_unnamed(dataset, first, err);
    if (status == LC_OK)
        status = settle_empties(dataset, &left, false, samples, err);
    lc_buffer_clear(&left.empty);
    return status == LC_OK ? note_below(dataset, folder, true, err) : status;
}

/* Search below a folder that has no rows files itself. */
static enum lc_status add_below(struct lc_dataset *dataset, const char *folder,
                                struct lc_samples *samples, struct lc_error *err)
{
    struct lc_discovery *found = &dataset->discovery, named = {0};
    const struct lc_discovered_set *only;
    enum lc_status status;

    lc_discovery_clear(found);
    status = lc_discover(folder, false, found, err);
    if (status == LC_OK)
        status = add_by_registries(dataset, samples, &named, err);
    if (status == LC_OK && found->bound && found->set_count)
        status = lc_files_notice(dataset, err, "%s", found->bound);
    if (status != LC_OK)
        goto out;
    only = find_only_registry(found, &named);
    if (only)
        status = complete_registered(dataset, only->path, samples, err);
    else if (found->set_count > 1)
        status = fail_with_several(found, err);
    else
        status = add_discovered(dataset, found, samples, err);
out:
    lc_discovery_clear(&named);
    return status;
}

enum lc_status lc_folder_add(struct lc_dataset *dataset, const char *folder,
                             struct lc_samples *samples, struct lc_error *err)
{
    size_t before = dataset->file_count, notices = dataset->notices.size;
    struct leftovers left = {.folder = folder};
    enum lc_status status = add_files_of_folder(dataset, folder, samples, &left, err);

    if (status == LC_OK)
        status =
            dataset->file_count == before
                ? add_below(dataset, folder, samples, err)
                : note_below(dataset, folder, dataset->files[before].is_registered, err);
    if (status == LC_OK)
        status =
            settle_empties(dataset, &left, dataset->file_count == before, samples, err);
    if (status == LC_OK && dataset->file_count == before && !dataset->file_count)
        status = lc_shards_add_folder(dataset, folder, err);
    if (status == LC_OK && dataset->file_count == before)
        status = fail_without_rows(dataset, notices, &left, err);
    lc_buffer_clear(&left.empty);
    return status;
}
