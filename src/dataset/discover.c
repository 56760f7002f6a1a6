/* Discovers data sets: the .json and .jsonl files below a folder that begin with rows
 * (peek.c), grouped by folder. Folders of splits (train, val, test …) form one data set
 * with their siblings.
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

/* A file that was looked into. */
struct found {
    size_t folder; /* number in struct lc_discovery */
    uint64_t bytes;
    bool is_broken;
    bool has_media;
};

struct search {
    const char *root;
    struct lc_discovery *out;
    struct found *files;
    size_t count, capacity;
    size_t seen;
    struct lc_samples samples;
};

void lc_discovery_clear(struct lc_discovery *discovery)
{
    if (!discovery)
        return;
    for (size_t i = 0; i < discovery->folder_count; i++)
        free(discovery->folders[i].path);
    for (size_t i = 0; i < discovery->set_count; i++)
        free(discovery->sets[i].path);
    free(discovery->folders);
    free(discovery->sets);
    free(discovery->example);
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

static enum lc_status add_found(struct search *search, const char *folder,
                                struct found file, struct lc_error *err)
{
    struct found *files;
    enum lc_status status = number_folder(search->out, folder, &file.folder, err);

    if (status != LC_OK)
        return status;
    files =
        lc_array_grow(search->files, search->count, &search->capacity, sizeof(*files));
    if (!files)
        return lc_fail_memory(err);
    search->files = files;
    files[search->count++] = file;
    return LC_OK;
}

static enum lc_status skip(struct search *search, const char *folder, const char *path,
                           struct lc_error *err)
{
    const char *below = path + strlen(search->root);
    enum lc_status status = LC_OK;

    if (strcmp(lc_path_name(path), LC_REGISTRY_OF_FOLDER) == 0)
        status = lc_buffer_add(&search->out->registries, folder, strlen(folder) + 1, err);
    if (status != LC_OK)
        return status;
    if (search->out->skipped++)
        return LC_OK;
    if (strcmp(search->root, ".") == 0)
        below = path;
    search->out->example = strdup(below + strspn(below, "/"));
    return search->out->example ? LC_OK : lc_fail_memory(err);
}

/* Look into a file. If it cannot be opened, skip it: it may belong to anybody. */
static enum lc_status inspect(struct search *search, const char *folder, const char *path,
                              struct lc_error *err)
{
    struct found file = {.folder = 0};
    struct lc_error own = {0};
    enum lc_inspected kind;
    struct stat st;
    enum lc_status status;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        lc_path_resolves_outside(search->root, path))
        return LC_OK;
    search->samples.images.size = search->samples.videos.size = 0;
    search->samples.absolute_images.size = search->samples.absolute_videos.size = 0;
    status = lc_inspect_file(path, NULL, &kind, NULL, &search->samples, &own);
    if (status == LC_ERR_IO &&
        (own.os_errno == EACCES || own.os_errno == EPERM || own.os_errno == ENOENT))
        return LC_OK;
    if (status != LC_OK)
        return lc_fail(err, status, own.os_errno, "%s", own.message);
    if (kind != LC_INSPECTED_ROWS && kind != LC_INSPECTED_BROKEN)
        return skip(search, folder, path, err);
    file.bytes = (uint64_t)st.st_size;
    file.is_broken = kind == LC_INSPECTED_BROKEN;
    file.has_media = search->samples.images.size || search->samples.videos.size;
    return add_found(search, folder, file, err);
}

static enum lc_status visit(void *user, const char *folder, const char *name,
                            bool is_folder, bool *done, struct lc_error *err)
{
    struct search *search = user;
    char *path = NULL;
    enum lc_status status;

    (void)is_folder;
    if (strcmp(folder, search->root) == 0)
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

/* Get the path of the set that a folder belongs to. */
static enum lc_status path_of_set(const struct search *search, const char *folder,
                                  char **out, struct lc_error *err)
{
    if (is_split(lc_path_name(folder)) && strchr(folder, '/') &&
        strcmp(folder, search->root) != 0)
        return lc_path_parent(folder, out, err);
    *out = strdup(folder);
    return *out ? LC_OK : lc_fail_memory(err);
}

/* Get the number of the set with a path, which is freed or given away. */
static enum lc_status number_set(struct lc_discovery *out, char *path, size_t *number,
                                 struct lc_error *err)
{
    struct lc_discovered_set *sets = out->sets;

    for (*number = 0; *number < out->set_count; ++*number)
        if (strcmp(sets[*number].path, path) == 0) {
            free(path);
            return LC_OK;
        }
    sets = lc_array_grow(sets, out->set_count, &out->set_capacity, sizeof(*sets));
    if (!sets) {
        free(path);
        return lc_fail_memory(err);
    }
    out->sets = sets;
    sets[out->set_count++] = (struct lc_discovered_set){.path = path};
    return LC_OK;
}

/* Find the sets that the folders belong to. Folders with only broken files belong to
 * none, if others have rows. */
static enum lc_status group_folders(struct search *search, size_t *set_of,
                                    struct lc_error *err)
{
    struct lc_discovery *out = search->out;
    enum lc_status status = LC_OK;
    bool any = false;

    for (size_t i = 0; i < search->count; i++) {
        out->folders[search->files[i].folder].is_in_set |= !search->files[i].is_broken;
        any |= !search->files[i].is_broken;
    }
    for (size_t i = 0; i < out->folder_count && status == LC_OK; i++) {
        char *path = NULL;

        out->folders[i].is_in_set |= !any;
        if (!out->folders[i].is_in_set)
            continue;
        status = path_of_set(search, out->folders[i].path, &path, err);
        if (status == LC_OK)
            status = number_set(out, path, &set_of[i], err);
    }
    return status;
}

static enum lc_status group(struct search *search, struct lc_error *err)
{
    struct lc_discovery *out = search->out;
    size_t *set_of = calloc(out->folder_count + 1, sizeof(*set_of));
    enum lc_status status;

    if (!set_of)
        return lc_fail_memory(err);
    status = group_folders(search, set_of, err);
    for (size_t i = 0; i < search->count && status == LC_OK; i++) {
        const struct found *file = &search->files[i];
        struct lc_discovered_set *set = &out->sets[set_of[file->folder]];

        if (!out->folders[file->folder].is_in_set)
            continue;
        set->files++;
        set->bytes += file->bytes;
        set->has_media |= file->has_media;
    }
    free(set_of);
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
    struct search search = {.root = folder, .out = out};
    const struct lc_subtree_visitor visitor = {
        .user = &search, .wants = wants, .visit = visit};
    struct lc_subtree_bounds bounds;
    enum lc_status status;

    *out = (struct lc_discovery){0};
    status = lc_subtree_walk(folder, limits, &visitor, &bounds, err);
    if (status == LC_OK)
        status = group(&search, err);
    if (status == LC_OK)
        status = describe_bound(&search, limits, &bounds, err);
    if (status == LC_OK && out->set_count)
        qsort(out->sets, out->set_count, sizeof(*out->sets), by_rank);
    free(search.files);
    lc_samples_clear(&search.samples);
    return status;
}
