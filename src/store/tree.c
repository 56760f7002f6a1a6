/* Puts files into a folder at paths that strangers chose.
 *
 * A path is walked component by component with O_NOFOLLOW, so a link in the tree ends the
 * walk, whoever made it and whenever. The folder of the last path stays open, since files
 * of the same folder follow each other.
 *
 * A new file has no name at all (O_TMPFILE) until it is linked to its place, so that a
 * killed run leaves nothing behind. If the file system does not support that, the file
 * has a temporary name. link() fails if the name is already taken. */
#include "store/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".llava-check-"
#define TRIES 16 /* for a temporary name */

struct lc_tree {
    int fd;
    bool is_unnamed; /* its file system supports files without names */
    mode_t mode;     /* for new files */
};

/* ---- the tree ---- */

/* Write a path that names an open file, for linking it. */
static void name_fd(int fd, char out[40])
{
    snprintf(out, 40, "/proc/self/fd/%d", fd);
}

/* Whether files can be created without a name and be given one later. */
static bool can_unnamed(int folder)
{
    char path[40];
    int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    bool good;

    if (fd < 0)
        return false;
    name_fd(fd, path);
    good = access(path, R_OK) == 0;
    close(fd);
    return good;
}

enum lc_status lc_tree_open(const char *path, struct lc_tree **out, struct lc_error *err)
{
    struct lc_tree *tree = calloc(1, sizeof(*tree));
    mode_t mask = umask(0);

    umask(mask);
    if (!tree)
        return lc_fail_memory(err);
    tree->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->fd < 0) {
        free(tree);
        return lc_fail_errno(err, "open the folder");
    }
    tree->mode = 0666 & ~mask;
    tree->is_unnamed = can_unnamed(tree->fd);
    *out = tree;
    return LC_OK;
}

void lc_tree_close(struct lc_tree *tree)
{
    if (!tree)
        return;
    close(tree->fd);
    free(tree);
}

enum lc_status lc_tree_sync(const struct lc_tree *tree, struct lc_error *err)
{
    return syncfs(tree->fd) == 0 ? LC_OK : lc_fail_errno(err, "write to the disk");
}

/* ---- places ---- */

static void close_folder(struct lc_tree_place *place)
{
    if (place->folder)
        close(place->folder - 1);
    place->folder = 0;
    if (place->path)
        place->path[0] = '\0';
}

void lc_tree_place_clear(struct lc_tree_place *place)
{
    close_folder(place);
    free(place->path);
    place->path = NULL;
    place->capacity = 0;
}

static enum lc_status fail_folder(const char *name, struct lc_error *err)
{
    int number = errno;

    if (number == ELOOP || number == ENOTDIR)
        return lc_fail(err, LC_ERR_IO, number,
                       "'%.60s' is a link or a file there, not a folder", name);
    return lc_fail_errno(err, "create its folder");
}

/* Move from the place's folder to a subfolder, which is created if it does not exist. */
static enum lc_status enter(struct lc_tree_place *place, const char *name,
                            struct lc_error *err)
{
    int from = place->folder - 1, fd;

    if (strcmp(name, "..") == 0)
        return lc_fail(err, LC_ERR_USAGE, 0, "a path that climbs with \"..\"");
    do {
        fd = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 || errno != ENOENT)
            break;
    } while (mkdirat(from, name, 0777) == 0 || errno == EEXIST);
    if (fd < 0)
        return fail_folder(name, err);
    close(from);
    place->folder = fd + 1;
    return LC_OK;
}

/* Remember the folder of a path. *has is set if that folder is already open; any other
 * one is closed. */
static enum lc_status keep_folder(struct lc_tree_place *place, const char *path,
                                  size_t size, bool *has, struct lc_error *err)
{
    *has = place->folder && strncmp(place->path, path, size) == 0 && !place->path[size];
    if (*has)
        return LC_OK;
    close_folder(place);
    if (place->capacity <= size) {
        char *larger = realloc(place->path, size + 1);

        if (!larger)
            return lc_fail_memory(err);
        place->path = larger;
        place->capacity = size + 1;
    }
    memcpy(place->path, path, size);
    place->path[size] = '\0';
    return LC_OK;
}

enum lc_status lc_tree_go(struct lc_tree_place *place, const char *path,
                          struct lc_error *err)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    char name[NAME_MAX + 1];
    bool has = false;
    enum lc_status status = keep_folder(place, path, size, &has, err);
    int fd;

    place->name = slash ? slash + 1 : path;
    if (status != LC_OK || has)
        return status;
    fd = openat(place->tree->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        status = lc_fail_errno(err, "open its folder");
    else
        place->folder = fd + 1;
    for (size_t at = 0; at < size && status == LC_OK;) {
        size_t part = strcspn(path + at, "/");

        if (part > NAME_MAX)
            status = lc_fail(err, LC_ERR_IO, ENAMETOOLONG, "create its folder: %s",
                             strerror(ENAMETOOLONG));
        if (status == LC_OK && part && !(part == 1 && path[at] == '.')) {
            memcpy(name, path + at, part);
            name[part] = '\0';
            status = enter(place, name, err);
        }
        at += part + 1;
    }
    if (status != LC_OK)
        close_folder(place);
    return status;
}

enum lc_status lc_tree_look(const struct lc_tree_place *place, enum lc_tree_kind *kind,
                            int *fd, uint64_t *size, struct lc_error *err)
{
    int folder = place->folder - 1;
    struct stat st;

    *fd = -1;
    *kind = LC_TREE_NOTHING;
    if (fstatat(folder, place->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? LC_OK : lc_fail_errno(err, "inspect the target");
    *kind = S_ISLNK(st.st_mode) ? LC_TREE_LINK : LC_TREE_OTHER;
    if (!S_ISREG(st.st_mode))
        return LC_OK;
    *fd = openat(folder, place->name,
                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0)
        return lc_fail_errno(err, "open the existing file");
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        *fd = -1;
        return lc_fail(err, LC_ERR_IO, 0, "it changed while it was read");
    }
    *size = (uint64_t)st.st_size;
    *kind = LC_TREE_FILE;
    return LC_OK;
}

/* ---- files ---- */

/* Create a file with a random name. */
static int open_named(int folder, char name[32])
{
    int fd = -1;

    for (int i = 0; i < TRIES && fd < 0 && (!i || errno == EEXIST); i++) {
        uint64_t random;

        if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
            return -1;
        snprintf(name, 32, TEMPORARY "%016llx", (unsigned long long)random);
        fd = openat(folder, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC,
                    0600);
    }
    return fd;
}

enum lc_status lc_tree_file_new(const struct lc_tree_place *place,
                                struct lc_tree_file *out, struct lc_error *err)
{
    int folder = place->folder - 1;

    out->name[0] = '\0';
    out->fd = place->tree->is_unnamed
                  ? openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
                  : open_named(folder, out->name);
    if (out->fd < 0) {
        out->name[0] = '\0';
        return lc_fail_errno(err, "create the file");
    }
    (void)fchmod(out->fd, place->tree->mode);
    return LC_OK;
}

/* Interpret the result of a link call: *there is set if the name is taken. */
static enum lc_status finish_link(int result, bool *there, struct lc_error *err)
{
    *there = result != 0 && errno == EEXIST;
    return result == 0 || *there ? LC_OK : lc_fail_errno(err, "name the file");
}

enum lc_status lc_tree_link(const struct lc_tree_place *place, int fd, bool *there,
                            struct lc_error *err)
{
    char path[40];

    name_fd(fd, path);
    return finish_link(
        linkat(AT_FDCWD, path, place->folder - 1, place->name, AT_SYMLINK_FOLLOW), there,
        err);
}

enum lc_status lc_tree_symlink(const struct lc_tree_place *place, const char *target,
                               bool *there, struct lc_error *err)
{
    return finish_link(symlinkat(target, place->folder - 1, place->name), there, err);
}

enum lc_status lc_tree_is_link_to(const struct lc_tree_place *place, const char *target,
                                  bool *out, struct lc_error *err)
{
    char found[PATH_MAX];
    ssize_t size = readlinkat(place->folder - 1, place->name, found, sizeof(found));

    if (size < 0)
        return lc_fail_errno(err, "read the existing link");
    *out = (size_t)size == strlen(target) && memcmp(found, target, (size_t)size) == 0;
    return LC_OK;
}

enum lc_status lc_tree_file_name(const struct lc_tree_place *place,
                                 const struct lc_tree_file *file, bool *there,
                                 struct lc_error *err)
{
    int folder = place->folder - 1, result;

    if (!file->name[0])
        return lc_tree_link(place, file->fd, there, err);
    result = linkat(folder, file->name, folder, place->name, 0);
    if (result != 0 && (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS))
        result = renameat2(folder, file->name, folder, place->name, RENAME_NOREPLACE);
    return finish_link(result, there, err);
}

void lc_tree_file_end(const struct lc_tree_place *place, struct lc_tree_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->name[0])
        (void)unlinkat(place->folder - 1, file->name, 0);
    file->fd = -1;
    file->name[0] = '\0';
}
