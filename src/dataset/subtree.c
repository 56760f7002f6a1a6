#include "dataset/subtree.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLOCK_INTERVAL 1024 /* entries between two looks at the clock */

struct folder {
    char *path;
    unsigned depth;
};

struct entry {
    char *name;
    bool is_folder;
    bool is_wanted;
};

/* Folders are visited breadth first, so that a limit leaves out the deepest ones, not the
 * last ones by name. */
struct walk {
    const struct lc_subtree_limits *limits;
    const struct lc_subtree_visitor *visitor;
    struct lc_subtree_bounds *bounds;
    struct folder *folders;
    size_t next, count, capacity;
    struct entry *entries; /* of the current folder */
    size_t entry_count, entry_capacity;
    size_t seen;
    int64_t deadline_ns;
    bool done;
};

static enum lc_status add_folder(struct walk *walk, const char *parent, const char *name,
                                 unsigned depth, struct lc_error *err)
{
    struct folder *folders =
        lc_array_grow(walk->folders, walk->count, &walk->capacity, sizeof(*folders));
    enum lc_status status;

    if (!folders)
        return lc_fail_memory(err);
    walk->folders = folders;
    folders[walk->count] = (struct folder){.depth = depth};
    status = lc_path_join(parent, name, &folders[walk->count].path, err);
    walk->count += status == LC_OK;
    return status;
}

static bool is_skipped_name(const char *name)
{
    return name[0] == '.' || strcmp(name, "node_modules") == 0 ||
           strcmp(name, "__pycache__") == 0;
}

static bool is_folder(int fd, const struct dirent *entry)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(st.st_mode);
}

static enum lc_status add_entry(struct walk *walk, int fd, const struct dirent *from,
                                struct lc_error *err)
{
    struct entry entry = {.is_folder = is_folder(fd, from)}, *entries;

    entry.is_wanted =
        walk->visitor->wants(walk->visitor->user, from->d_name, entry.is_folder);
    if (!entry.is_folder && !entry.is_wanted)
        return LC_OK;
    entries = lc_array_grow(walk->entries, walk->entry_count, &walk->entry_capacity,
                            sizeof(*entries));
    if (!entries)
        return lc_fail_memory(err);
    walk->entries = entries;
    entry.name = strdup(from->d_name);
    if (!entry.name)
        return lc_fail_memory(err);
    entries[walk->entry_count++] = entry;
    return LC_OK;
}

/* Whether the limits of number and time allow another entry. */
static bool may_go_on(struct walk *walk)
{
    if (walk->seen == walk->limits->entries)
        walk->bounds->entries = true;
    else if (walk->seen++ % CLOCK_INTERVAL == 0 &&
             lc_clock_now(CLOCK_MONOTONIC) > walk->deadline_ns)
        walk->bounds->time = true;
    return !walk->bounds->entries && !walk->bounds->time;
}

static enum lc_status list(struct walk *walk, DIR *dir, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (status == LC_OK) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(dir);
        if (!entry)
            return errno ? lc_fail_errno(err, "read a folder") : LC_OK;
        if (is_skipped_name(entry->d_name))
            continue;
        if (!may_go_on(walk))
            return LC_OK;
        status = add_entry(walk, dirfd(dir), entry, err);
    }
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Visit the entries that were listed, and queue the folders among them. */
static enum lc_status visit(struct walk *walk, const char *folder, unsigned depth,
                            struct lc_error *err)
{
    const struct lc_subtree_visitor *visitor = walk->visitor;
    enum lc_status status = LC_OK;

    if (walk->entry_count)
        qsort(walk->entries, walk->entry_count, sizeof(*walk->entries), by_name);
    for (size_t i = 0; i < walk->entry_count && status == LC_OK && !walk->done; i++) {
        const struct entry *entry = &walk->entries[i];

        if (entry->is_wanted)
            status = visitor->visit(visitor->user, folder, entry->name, entry->is_folder,
                                    &walk->done, err);
        if (status != LC_OK || !entry->is_folder)
            continue;
        if (depth == walk->limits->depth)
            walk->bounds->depth = true;
        else
            status = add_folder(walk, folder, entry->name, depth + 1, err);
    }
    return status;
}

static bool is_passed_over(int number)
{
    return number == EACCES || number == EPERM || number == ENOENT || number == ENOTDIR ||
           number == ELOOP || number == ENAMETOOLONG;
}

static enum lc_status open_folder(const char *path, bool is_first, DIR **out,
                                  struct lc_error *err)
{
    int fd;

    *out = NULL;
    do
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (is_first ? 0 : O_NOFOLLOW));
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return is_passed_over(errno) ? LC_OK : lc_fail_errno(err, "read a folder");
    *out = fdopendir(fd);
    if (*out)
        return LC_OK;
    close(fd);
    return lc_fail_memory(err);
}

static void clear_entries(struct walk *walk)
{
    for (size_t i = 0; i < walk->entry_count; i++)
        free(walk->entries[i].name);
    walk->entry_count = 0;
}

static enum lc_status enter(struct walk *walk, size_t number, struct lc_error *err)
{
    const char *path = walk->folders[number].path;
    DIR *dir;
    enum lc_status status = open_folder(path, number == 0, &dir, err);

    if (status != LC_OK || !dir)
        return status;
    status = list(walk, dir, err);
    closedir(dir);
    if (status == LC_OK)
        status = visit(walk, path, walk->folders[number].depth, err);
    clear_entries(walk);
    return status;
}

enum lc_status lc_subtree_walk(const char *folder, const struct lc_subtree_limits *limits,
                               const struct lc_subtree_visitor *visitor,
                               struct lc_subtree_bounds *bounds, struct lc_error *err)
{
    struct walk walk = {
        .limits = limits,
        .visitor = visitor,
        .bounds = bounds,
        .deadline_ns = lc_clock_now(CLOCK_MONOTONIC) + limits->time_ns,
    };
    enum lc_status status;

    *bounds = (struct lc_subtree_bounds){0};
    status = add_folder(&walk, folder, ".", 0, err);
    while (status == LC_OK && walk.next < walk.count && !walk.done && !bounds->entries &&
           !bounds->time)
        status = enter(&walk, walk.next++, err);
    for (size_t i = 0; i < walk.count; i++)
        free(walk.folders[i].path);
    free(walk.folders);
    free(walk.entries);
    return status;
}
