#include "scan/set/unused.h"

#include "image/image.h"
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Finds image files that no row names, and groups them by folder.
 *
 * Idea. One walk of the image root looks up every image file among the paths that rows
 * name. A stack has a level for each open folder. If rows name nothing in a folder or
 * below it, the folder becomes one result when it is left: the results of its subfolders,
 * which are the last of the list, are removed and counted in it. So a large unused tree
 * is one result, and a folder with some used files reports only its own unused ones.
 *
 * Cost. One look-up per image file; memory for the results and the depth of the tree. */

/* An open folder of the walk. */
struct level {
    size_t found;   /* number of results before it */
    size_t example; /* offset in text of the unused file in it with the lowest path */
    uint64_t own;   /* unused files in it */
    uint64_t all;   /* unused files in it and in subfolders that are unused as a whole */
    bool used;      /* rows name a file in it or below it */
};

struct search {
    const struct lc_paths *paths;
    const atomic_bool *stop;
    struct lc_paths normalized; /* paths that rows name in non-normal form, normalized */
    struct lc_unused *out;
    struct lc_buffer *list; /* the output of lc_unused_list; else NULL */
    struct level levels[LC_WALK_DEPTH];
    size_t depth;
    size_t hidden; /* number of open folders, from the first hidden one on */
};

void lc_unused_clear(struct lc_unused *unused)
{
    free(unused->folders);
    lc_buffer_clear(&unused->text);
    *unused = (struct lc_unused){0};
}

/* ---- paths that are not in normal form: ./a, a//b, a/./b */

/* The component that begins at an offset, without the slash after it. */
static struct lc_span component_at(struct lc_span path, size_t at)
{
    const char *slash = memchr(path.text + at, '/', path.size - at);

    return (struct lc_span){path.text + at,
                            (slash ? (size_t)(slash - path.text) : path.size) - at};
}

static bool is_redundant(struct lc_span component)
{
    return !component.size || (component.size == 1 && *component.text == '.');
}

static enum lc_status normalize(struct lc_span path, struct lc_buffer *out,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    out->size = 0;
    for (size_t at = 0; at < path.size && status == LC_OK;) {
        struct lc_span component = component_at(path, at);

        at += component.size + 1;
        if (is_redundant(component))
            continue;
        if (out->size)
            status = lc_buffer_add(out, "/", 1, err);
        if (status == LC_OK)
            status = lc_buffer_add(out, component.text, component.size, err);
    }
    return status;
}

static bool is_normal(struct lc_span path)
{
    for (size_t at = 0; at <= path.size;) {
        struct lc_span component = component_at(path, at);

        if (is_redundant(component))
            return false;
        at += component.size + 1;
    }
    return true;
}

static enum lc_status add_normalized(struct search *search, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < search->paths->count && status == LC_OK; i++) {
        struct lc_span path = lc_paths_get(search->paths, (uint32_t)i);
        struct lc_hash hash;
        uint32_t number;

        if (is_normal(path))
            continue;
        status = normalize(path, &text, err);
        if (status != LC_OK)
            break;
        hash = lc_hash_bytes(text.data, text.size);
        status = lc_paths_add(&search->normalized, (struct lc_span){text.data, text.size},
                              &hash, &number, err);
    }
    lc_buffer_clear(&text);
    return status;
}

/* ---- the walk */

static enum lc_status append_text(struct search *search, struct lc_span text, size_t *at,
                                  struct lc_error *err)
{
    struct lc_buffer *all = &search->out->text;
    enum lc_status status = lc_buffer_add(all, text.text, text.size, err);

    *at = all->size - text.size;
    return status == LC_OK ? lc_buffer_add(all, "", 1, err) : status;
}

static enum lc_status visit_file(struct search *search, struct lc_span path,
                                 struct lc_error *err)
{
    struct level *level = &search->levels[search->depth - 1];
    struct lc_hash hash;

    if (lc_image_content_of_name(path.text) == LC_CONTENT_UNKNOWN)
        return LC_OK;
    hash = lc_hash_bytes(path.text, path.size);
    if (lc_paths_has(search->paths, path, &hash) ||
        lc_paths_has(&search->normalized, path, &hash)) {
        level->used = true;
        return LC_OK;
    }
    if (search->list)
        return lc_buffer_add(search->list, path.text, path.size + 1, err);
    level->all++;
    if (level->own++ && strcmp(search->out->text.data + level->example, path.text) <= 0)
        return LC_OK;
    /* the walk has no order, and the example is the lowest path, so it is replaced: about
     * twenty times in a million files */
    return append_text(search, path, &level->example, err);
}

static enum lc_status add_result(struct search *search, const struct level *level,
                                 struct lc_span path, bool whole, struct lc_error *err)
{
    struct lc_unused *out = search->out;
    struct lc_unused_folder *folders =
        lc_array_grow(out->folders, out->count, &out->capacity, sizeof(*folders));
    struct lc_unused_folder folder = {
        .example = level->example,
        .count = whole ? level->all : level->own,
        .whole = whole,
    };
    enum lc_status status;

    if (!folders)
        return lc_fail_memory(err);
    out->folders = folders;
    status = append_text(search, path, &folder.folder, err);
    folders[out->count++] = folder;
    return status;
}

/* List a folder that contains files that rows name. */
static enum lc_status list_used(struct search *search, struct lc_span path,
                                struct lc_error *err)
{
    enum lc_status status = lc_buffer_add(search->list, path.text, path.size, err);

    return status == LC_OK ? lc_buffer_add(search->list, "/", 2, err) : status;
}

static enum lc_status leave_folder(struct search *search, struct lc_span path,
                                   struct lc_error *err)
{
    struct level *level = &search->levels[--search->depth];
    struct level *above = search->depth ? level - 1 : NULL;
    bool whole = above && !level->used && level->all;

    if (search->list)
        return level->used ? list_used(search, path, err) : LC_OK;
    if (above)
        above->used |= level->used;
    if (whole) {
        above->all += level->all;
        if (!level->own) /* start with the lowest example of the subfolders */
            level->example = search->out->folders[level->found].example;
        for (size_t i = level->found; i < search->out->count; i++) {
            const char *text = search->out->text.data;
            size_t other = search->out->folders[i].example;

            if (strcmp(text + other, text + level->example) < 0)
                level->example = other;
        }
        search->out->count = level->found;
        return add_result(search, level, path, true, err);
    }
    return level->own ? add_result(search, level, path, false, err) : LC_OK;
}

static bool is_hidden(struct lc_span path)
{
    size_t at = path.size;

    while (at && path.text[at - 1] != '/')
        at--;
    return at < path.size && path.text[at] == '.';
}

static enum lc_status visit(void *user, enum lc_walk_event event, struct lc_span path,
                            struct lc_error *err)
{
    struct search *search = user;

    if (atomic_load(search->stop))
        return LC_ERR_STOPPED;
    if (event == LC_WALK_ENTER && (search->hidden || is_hidden(path))) {
        search->hidden++;
        return LC_OK;
    }
    if (search->hidden) {
        search->hidden -= event == LC_WALK_LEAVE;
        return LC_OK;
    }
    if (event == LC_WALK_LEAVE)
        return leave_folder(search, path, err);
    if (event == LC_WALK_FILE)
        return is_hidden(path) ? LC_OK : visit_file(search, path, err);
    search->levels[search->depth++] = (struct level){.found = search->out->count};
    return LC_OK;
}

/* ---- files in archives ---- */

/* The files of a root and of archives, to be visited in the order of their paths. */
struct joined {
    const char **paths;
    size_t count, capacity;
};

static enum lc_status add_joined(struct joined *joined, const char *path,
                                 struct lc_error *err)
{
    const char **paths =
        lc_array_grow(joined->paths, joined->count, &joined->capacity, sizeof(*paths));

    if (!paths)
        return lc_fail_memory(err);
    joined->paths = paths;
    paths[joined->count++] = path;
    return LC_OK;
}

static enum lc_status keep_file(void *user, enum lc_walk_event event, struct lc_span path,
                                struct lc_error *err)
{
    struct lc_buffer *files = user;

    if (event != LC_WALK_FILE ||
        lc_image_content_of_name(path.text) == LC_CONTENT_UNKNOWN)
        return LC_OK;
    return lc_buffer_add(files, path.text, path.size + 1, err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Leave the open folders that do not contain a path; *folder is set to the one that
 * does. */
static enum lc_status leave_to(struct search *search, struct lc_span *folder,
                               const char *path, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (
        status == LC_OK && folder->size &&
        (strncmp(folder->text, path, folder->size) != 0 || path[folder->size] != '/')) {
        const char *slash = memrchr(folder->text, '/', folder->size);

        status = visit(search, LC_WALK_LEAVE, *folder, err);
        folder->size = slash ? (size_t)(slash - folder->text) : 0;
    }
    return status;
}

/* Visit a file, after entering the folders that lead to it; *folder is the open one. A
 * path that ends with a slash is a folder that contains files that rows name. */
static enum lc_status visit_path(struct search *search, struct lc_span *folder,
                                 const char *path, struct lc_error *err)
{
    size_t parts = 1;
    enum lc_status status;

    for (const char *c = path; *c; c++)
        parts += *c == '/';
    if (parts > LC_WALK_DEPTH)
        return LC_OK;
    if (strcmp(path, "/") == 0) { /* the root, which comes first */
        search->levels[0].used = true;
        return LC_OK;
    }
    status = leave_to(search, folder, path, err);
    while (status == LC_OK) {
        size_t from = folder->size ? folder->size + 1 : 0;
        const char *slash = strchr(path + from, '/');

        if (!slash)
            break;
        *folder = (struct lc_span){path, (size_t)(slash - path)};
        status = visit(search, LC_WALK_ENTER, *folder, err);
    }
    folder->text = path;
    if (status == LC_OK && !path[folder->size + 1] && path[folder->size] == '/') {
        if (!search->hidden)
            search->levels[search->depth - 1].used = true;
        return LC_OK;
    }
    return status == LC_OK
               ? visit(search, LC_WALK_FILE, (struct lc_span){path, strlen(path)}, err)
               : status;
}

/* Visit all files in the order of their paths, in which the files of a folder and of its
 * subfolders are adjacent. */
static enum lc_status visit_joined(struct search *search, struct joined *joined,
                                   struct lc_error *err)
{
    struct lc_span folder = {"", 0};
    enum lc_status status = visit(search, LC_WALK_ENTER, folder, err);

    if (joined->count)
        qsort(joined->paths, joined->count, sizeof(*joined->paths), by_text);
    for (size_t i = 0; i < joined->count && status == LC_OK; i++)
        if (!i || strcmp(joined->paths[i], joined->paths[i - 1]) != 0)
            status = visit_path(search, &folder, joined->paths[i], err);
    if (status == LC_OK)
        status = leave_to(search, &folder, "", err);
    return status == LC_OK ? visit(search, LC_WALK_LEAVE, folder, err) : status;
}

/* Visit a list of files together with the files of archives. */
static enum lc_status visit_both(struct search *search, struct lc_span files,
                                 const struct lc_more_files *more, struct lc_error *err)
{
    struct joined joined = {0};
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < files.size && status == LC_OK;
         at += strlen(files.text + at) + 1)
        status = add_joined(&joined, files.text + at, err);
    for (size_t i = 0; i < more->count && status == LC_OK; i++)
        if (lc_image_content_of_name(more->paths[i]) != LC_CONTENT_UNKNOWN)
            status = add_joined(&joined, more->paths[i], err);
    if (status == LC_OK)
        status = visit_joined(search, &joined, err);
    free(joined.paths);
    return status;
}

/* Visit the files of the root together with the files of archives. */
static enum lc_status walk_joined(struct search *search, const struct lc_folder *folder,
                                  const struct lc_more_files *more, struct lc_error *err)
{
    struct lc_buffer files = {0};
    enum lc_status status = lc_folder_walk(folder, keep_file, &files, err);

    if (status == LC_OK)
        status = visit_both(search, (struct lc_span){files.data, files.size}, more, err);
    lc_buffer_clear(&files);
    return status;
}

static int by_path(const void *a, const void *b, void *text)
{
    const struct lc_unused_folder *x = a, *y = b;
    const char *bytes = text;

    return strcmp(bytes + x->folder, bytes + y->folder);
}

static enum lc_status search_new(const struct lc_paths *paths, const atomic_bool *stop,
                                 struct lc_unused *out, struct search **search,
                                 struct lc_error *err)
{
    *search = calloc(1, sizeof(**search));
    if (!*search)
        return lc_fail_memory(err);
    (*search)->paths = paths;
    (*search)->stop = stop;
    (*search)->out = out;
    return add_normalized(*search, err);
}

static void search_free(struct search *search)
{
    struct lc_unused *out = search ? search->out : NULL;

    if (out && out->count)
        qsort_r(out->folders, out->count, sizeof(*out->folders), by_path, out->text.data);
    if (search)
        lc_paths_clear(&search->normalized);
    free(search);
}

/* Open the root; *out is set to NULL if it does not exist: its images are reported as
 * missing. */
static enum lc_status open_root(const char *root, struct lc_folder **out,
                                struct lc_error *err)
{
    struct lc_error own = {0};
    enum lc_status status = lc_folder_open(root, out, &own);

    if (status != LC_OK && (own.os_errno == ENOENT || own.os_errno == EACCES))
        return LC_OK;
    return status == LC_OK ? LC_OK
                           : lc_fail(err, status, own.os_errno, "%s", own.message);
}

enum lc_status lc_unused_find(const char *root, const struct lc_more_files *more,
                              const struct lc_paths *paths, const atomic_bool *stop,
                              struct lc_unused *out, struct lc_error *err)
{
    struct search *search = NULL;
    struct lc_folder *folder = NULL;
    enum lc_status status = open_root(root, &folder, err);

    if (status != LC_OK || !folder)
        return status;
    status = search_new(paths, stop, out, &search, err);
    if (status == LC_OK)
        status = more->count ? walk_joined(search, folder, more, err)
                             : lc_folder_walk(folder, visit, search, err);
    search_free(search);
    lc_folder_close(folder);
    return status;
}

enum lc_status lc_unused_list(const char *root, const struct lc_paths *paths,
                              const atomic_bool *stop, struct lc_buffer *out, bool *found,
                              struct lc_error *err)
{
    struct lc_unused none = {0};
    struct search *search = NULL;
    struct lc_folder *folder = NULL;
    enum lc_status status = open_root(root, &folder, err);

    *found = folder != NULL;
    if (status != LC_OK || !folder)
        return status;
    status = search_new(paths, stop, &none, &search, err);
    if (status == LC_OK) {
        search->list = out;
        status = lc_folder_walk(folder, visit, search, err);
    }
    search_free(search);
    lc_folder_close(folder);
    return status;
}

enum lc_status lc_unused_join(struct lc_span list, const struct lc_more_files *more,
                              const struct lc_paths *paths, const atomic_bool *stop,
                              struct lc_unused *out, struct lc_error *err)
{
    struct search *search = NULL;
    enum lc_status status = search_new(paths, stop, out, &search, err);

    if (status == LC_OK)
        status = visit_both(search, list, more, err);
    search_free(search);
    return status;
}
