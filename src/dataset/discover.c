/* Discovers data sets: the .json and .jsonl files below a folder that begin with rows
 * (peek.c), grouped by folder. Folders of splits (train, val, test …) form one data set
 * with their siblings. Files that a registry names are left out.
 *
 * Files that may be damaged rows count only beside files with rows, or if no file of the
 * whole tree has rows: repositories are full of JSON with comments and of results that
 * were cut off.
 */
#include "dataset/discover.h"

#include "base/path.h"
#include "dataset/inspect.h"
#include "dataset/subtree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define MAX_FILES 4096 /* files to look into */

static const struct lc_subtree_limits search_limits = {
    .depth = 12, .entries = 1000000, .time_ns = 10000000000};

/* There are usually many images beside the rows. */
static const struct lc_subtree_limits aside_limits = {
    .depth = 12, .entries = 20000, .time_ns = 500000000};

struct search {
    struct lc_discovery *out;
    size_t seen;
    struct lc_samples samples;
    unsigned rank; /* of the example of a skipped file */
    uint64_t bytes;
};

static void clear_sets(struct lc_discovery *discovery)
{
    for (size_t i = 0; i < discovery->set_count; i++)
        free(discovery->sets[i].path);
    discovery->set_count = 0;
}

void lc_discovery_clear(struct lc_discovery *discovery)
{
    if (!discovery)
        return;
    for (size_t i = 0; i < discovery->folder_count; i++)
        free(discovery->folders[i].path);
    for (size_t i = 0; i < discovery->file_count; i++)
        free(discovery->files[i].name);
    clear_sets(discovery);
    free(discovery->root);
    free(discovery->folders);
    free(discovery->files);
    free(discovery->sets);
    free(discovery->example);
    free(discovery->example_keys);
    lc_buffer_clear(&discovery->registries);
    free(discovery->bound);
    *discovery = (struct lc_discovery){0};
}

/* ---- files ---- */

static bool wants(void *user, const char *name, bool is_folder)
{
    (void)user;
    return !is_folder && lc_inspect_is_rows_name(name);
}

/* Get the number of a folder; the walk visits all files of a folder one after the
 * other. */
static enum lc_status number_folder(struct lc_discovery *out, const char *path,
                                    size_t *number, struct lc_error *err)
{
    struct lc_rows_folder *folders = out->folders;

    *number = out->folder_count;
    if (out->folder_count && strcmp(folders[out->folder_count - 1].path, path) == 0) {
        --*number;
        return LC_OK;
    }
    folders = lc_array_grow(folders, out->folder_count, &out->folder_capacity,
                            sizeof(*folders));
    if (!folders)
        return lc_fail_memory(err);
    out->folders = folders;
    folders[out->folder_count] = (struct lc_rows_folder){.path = strdup(path)};
    if (!folders[out->folder_count].path)
        return lc_fail_memory(err);
    out->folder_count++;
    return LC_OK;
}

static enum lc_status add_found(struct lc_discovery *out, const char *folder,
                                const char *name, struct lc_discovered_file file,
                                struct lc_error *err)
{
    struct lc_discovered_file *files;
    enum lc_status status = number_folder(out, folder, &file.folder, err);

    if (status != LC_OK)
        return status;
    files =
        lc_array_grow(out->files, out->file_count, &out->file_capacity, sizeof(*files));
    if (!files)
        return lc_fail_memory(err);
    out->files = files;
    file.name = strdup(name);
    if (!file.name)
        return lc_fail_memory(err);
    files[out->file_count++] = file;
    return LC_OK;
}

/* How much a file without rows looks like data, by the keys of its first object. */
static unsigned rank_keys(const char *keys)
{
    if (!*keys)
        return 0;
    return strstr(keys, "'image") || strstr(keys, "'video") ? 2 : 1;
}

/* Keep a skipped file as the example if it looks more like data than the earlier ones,
 * or is larger. */
static enum lc_status keep_example(struct search *search, const char *path,
                                   const char *keys, uint64_t bytes, struct lc_error *err)
{
    struct lc_discovery *out = search->out;
    const char *below = path;
    unsigned rank = rank_keys(keys);

    if (out->example && (rank < search->rank || !rank ||
                         (rank == search->rank && bytes <= search->bytes)))
        return LC_OK;
    if (strcmp(out->root, ".") != 0)
        below += strlen(out->root);
    free(out->example);
    free(out->example_keys);
    out->example = strdup(below + strspn(below, "/"));
    out->example_keys = strdup(keys);
    search->rank = rank;
    search->bytes = bytes;
    return out->example && out->example_keys ? LC_OK : lc_fail_memory(err);
}

static enum lc_status skip(struct search *search, const char *folder, const char *path,
                           const char *keys, uint64_t bytes, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (strcmp(lc_path_name(path), LC_REGISTRY_OF_FOLDER) == 0)
        status = lc_buffer_add(&search->out->registries, folder, strlen(folder) + 1, err);
    search->out->skipped++;
    return status == LC_OK ? keep_example(search, path, keys, bytes, err) : status;
}

/* Look into a file. If it cannot be opened, skip it: it may belong to anybody. */
static enum lc_status inspect(struct search *search, const char *folder, const char *path,
                              struct lc_error *err)
{
    struct lc_discovered_file file = {.folder = 0};
    struct lc_error own = {0};
    struct lc_peek peek = {.keys = ""};
    enum lc_inspected kind;
    struct stat st;
    enum lc_status status;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        lc_path_resolves_outside(search->out->root, path))
        return LC_OK;
    search->samples.images.size = search->samples.videos.size = 0;
    search->samples.absolute_images.size = search->samples.absolute_videos.size = 0;
    status = lc_inspect_file(path, NULL, &kind, &peek, &search->samples, &own);
    if (status == LC_ERR_IO &&
        (own.os_errno == EACCES || own.os_errno == EPERM || own.os_errno == ENOENT))
        return LC_OK;
    if (status != LC_OK)
        return lc_fail(err, status, own.os_errno, "%s", own.message);
    if (kind != LC_INSPECTED_ROWS && kind != LC_INSPECTED_BROKEN)
        return skip(search, folder, path, peek.keys, (uint64_t)st.st_size, err);
    file.bytes = (uint64_t)st.st_size;
    file.device = (uint64_t)st.st_dev;
    file.inode = (uint64_t)st.st_ino;
    file.is_broken = kind == LC_INSPECTED_BROKEN;
    file.has_media = search->samples.images.size || search->samples.videos.size;
    return add_found(search->out, folder, lc_path_name(path), file, err);
}

static enum lc_status visit(void *user, const char *folder, const char *name,
                            bool is_folder, bool *done, struct lc_error *err)
{
    struct search *search = user;
    char *path = NULL;
    enum lc_status status;

    (void)is_folder;
    if (strcmp(folder, search->out->root) == 0)
        return LC_OK;
    if (search->seen++ == MAX_FILES) {
        *done = true;
        return LC_OK;
    }
    status = lc_path_join(folder, name, &path, err);
    if (status == LC_OK)
        status = inspect(search, folder, path, err);
    free(path);
    return status;
}

/* ---- sets ---- */

static bool is_split(const char *name)
{
    static const char *const names[] = {"train", "training",   "val",  "valid",
                                        "dev",   "validation", "test", "testing",
                                        "eval",  "evaluation"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Whether a folder directly contains rows files, so that as PATH it would mean only
 * these. */
static bool has_rows(const struct lc_discovery *discovery, const char *folder)
{
    if (strcmp(folder, discovery->root) == 0)
        return true;
    for (size_t i = 0; i < discovery->folder_count; i++)
        if (discovery->folders[i].is_in_set &&
            strcmp(discovery->folders[i].path, folder) == 0)
            return true;
    return false;
}

/* Get the path of the set that a file belongs to. A split belongs to the folder above it,
 * unless there are other sets and that folder has rows files of its own: as PATH it would
 * not mean the split. */
static enum lc_status path_of_set(const struct lc_discovery *discovery,
                                  const struct lc_discovered_file *file, bool are_several,
                                  char **out, struct lc_error *err)
{
    const struct lc_rows_folder *folder = &discovery->folders[file->folder];
    char *parent = NULL;
    enum lc_status status;

    if (folder->has_known && !folder->is_named)
        return lc_path_join(folder->path, file->name, out, err);
    if (!folder->is_named && is_split(lc_path_name(folder->path))) {
        status = lc_path_parent(folder->path, &parent, err);
        if (status != LC_OK || !are_several || !has_rows(discovery, parent)) {
            *out = parent;
            return status;
        }
        free(parent);
    }
    *out = strdup(folder->path);
    return *out ? LC_OK : lc_fail_memory(err);
}

enum lc_status lc_discovery_add(struct lc_discovery *discovery, const char *path,
                                const struct lc_discovered_set *add, struct lc_error *err)
{
    struct lc_discovered_set *sets = discovery->sets;
    size_t at = 0;

    while (at < discovery->set_count && strcmp(sets[at].path, path) != 0)
        at++;
    if (at == discovery->set_count) {
        sets = lc_array_grow(sets, at, &discovery->set_capacity, sizeof(*sets));
        if (!sets)
            return lc_fail_memory(err);
        discovery->sets = sets;
        sets[at] = (struct lc_discovered_set){.path = strdup(path)};
        if (!sets[at].path)
            return lc_fail_memory(err);
        discovery->set_count++;
    }
    sets[at].files += add->files;
    sets[at].bytes += add->bytes;
    sets[at].has_media |= add->has_media;
    return LC_OK;
}

/* Whether a list of data sets has one with a path. */
static bool has_set(const struct lc_discovery *named, const char *path)
{
    for (size_t i = 0; named && i < named->set_count; i++)
        if (strcmp(named->sets[i].path, path) == 0)
            return true;
    return false;
}

/* Mark the folders that belong to sets. Folders with only broken files do not, if others
 * have rows. */
static void mark_folders(struct lc_discovery *out, const struct lc_discovery *named)
{
    bool any = false;

    for (size_t i = 0; i < out->folder_count; i++) {
        out->folders[i].is_in_set = out->folders[i].has_known = false;
        out->folders[i].is_named = has_set(named, out->folders[i].path);
    }
    for (size_t i = 0; i < out->file_count; i++) {
        struct lc_rows_folder *folder = &out->folders[out->files[i].folder];

        folder->is_in_set |= !out->files[i].is_broken;
        folder->has_known |= out->files[i].is_known;
        any |= !out->files[i].is_broken;
    }
    for (size_t i = 0; i < out->folder_count; i++)
        out->folders[i].is_in_set |= !any;
}

static enum lc_status group_files(struct lc_discovery *out, bool are_several,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    clear_sets(out);
    for (size_t i = 0; i < out->file_count && status == LC_OK; i++) {
        const struct lc_discovered_file *file = &out->files[i];
        const struct lc_discovered_set add = {
            .files = 1, .bytes = file->bytes, .has_media = file->has_media};
        char *path = NULL;

        if (file->is_known || !out->folders[file->folder].is_in_set)
            continue;
        status = path_of_set(out, file, are_several, &path, err);
        if (status == LC_OK)
            status = lc_discovery_add(out, path, &add, err);
        free(path);
    }
    return status;
}

static int by_rank(const void *a, const void *b)
{
    const struct lc_discovered_set *x = a, *y = b;

    if (x->has_media != y->has_media)
        return x->has_media ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return strcmp(x->path, y->path);
}

enum lc_status lc_discovery_group(struct lc_discovery *discovery,
                                  const struct lc_discovery *named, struct lc_error *err)
{
    bool has_others = named && named->set_count;
    enum lc_status status;

    mark_folders(discovery, named);
    status = group_files(discovery, discovery->is_aside || has_others, err);
    if (status == LC_OK && discovery->set_count > 1)
        status = group_files(discovery, true, err);
    for (size_t i = 0; named && i < named->set_count && status == LC_OK; i++)
        status = lc_discovery_add(discovery, named->sets[i].path, &named->sets[i], err);
    if (status == LC_OK && discovery->set_count)
        qsort(discovery->sets, discovery->set_count, sizeof(*discovery->sets), by_rank);
    return status;
}

static enum lc_status describe_bound(const struct search *search,
                                     const struct lc_subtree_limits *limits,
                                     const struct lc_subtree_bounds *bounds,
                                     struct lc_error *err)
{
    char text[80] = "";

    if (search->seen > MAX_FILES)
        snprintf(text, sizeof(text), "the search ended after %d .json and .jsonl files",
                 MAX_FILES);
    else if (bounds->entries)
        snprintf(text, sizeof(text), "the search ended after %zu files and folders",
                 limits->entries);
    else if (bounds->time)
        snprintf(text, sizeof(text), "the search ended after %.1g seconds",
                 (double)limits->time_ns / 1e9);
    else if (bounds->depth)
        snprintf(text, sizeof(text), "folders more than %u levels deep were not searched",
                 limits->depth);
    if (!*text)
        return LC_OK;
    search->out->bound = strdup(text);
    return search->out->bound ? LC_OK : lc_fail_memory(err);
}

enum lc_status lc_discover(const char *folder, bool is_aside, struct lc_discovery *out,
                           struct lc_error *err)
{
    const struct lc_subtree_limits *limits = is_aside ? &aside_limits : &search_limits;
    struct search search = {.out = out};
    const struct lc_subtree_visitor visitor = {
        .user = &search, .wants = wants, .visit = visit};
    struct lc_subtree_bounds bounds;
    enum lc_status status;

    *out = (struct lc_discovery){.root = strdup(folder), .is_aside = is_aside};
    if (!out->root)
        return lc_fail_memory(err);
    status = lc_subtree_walk(folder, limits, &visitor, &bounds, err);
    if (status == LC_OK)
        status = lc_discovery_group(out, NULL, err);
    if (status == LC_OK)
        status = describe_bound(&search, limits, &bounds, err);
    lc_samples_clear(&search.samples);
    return status;
}
