#include "store/walk.h"

#include "store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The open folders, each one inside the previous one. */
struct walk {
    lc_walk_fn *each;
    void *user;
    DIR *open[LC_WALK_DEPTH];
    size_t sizes[LC_WALK_DEPTH]; /* size of each folder's path with its slash */
    size_t depth;
    char path[LC_WALK_PATH + 2];
};

static enum lc_status report(struct walk *walk, enum lc_walk_event event, size_t size,
                             struct lc_error *err)
{
    walk->path[size] = '\0';
    return walk->each(walk->user, event, (struct lc_span){walk->path, size}, err);
}

/* Fail because a folder, which the message names, cannot be read. */
static enum lc_status fail_to_read(const struct walk *walk, size_t size,
                                   struct lc_error *err)
{
    int number = errno;

    if (number == ENOMEM)
        return lc_fail_errno(err, "read an image folder");
    return lc_fail(err, LC_ERR_IO, number, "read the image folder %.*s: %s",
                   (int)(size ? size : 1), size ? walk->path : ".", strerror(number));
}

/* Whether a folder that cannot be opened or listed is skipped: no permission, removed, or
 * replaced by another kind of file. Any other failure ends the walk. */
static bool is_skipped(int number)
{
    return number == EACCES || number == EPERM || number == ENOENT || number == ENOTDIR ||
           number == ELOOP;
}

/* Open a subfolder and report it. */
static enum lc_status enter(struct walk *walk, int within, const char *name, size_t size,
                            struct lc_error *err)
{
    DIR *dir;
    int fd;

    if (walk->depth == LC_WALK_DEPTH || size >= LC_WALK_PATH)
        return LC_OK;
    do
        fd = openat(within, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return is_skipped(errno) ? LC_OK : fail_to_read(walk, size, err);
    dir = fdopendir(fd);
    if (!dir) {
        enum lc_status status = fail_to_read(walk, size, err);

        close(fd);
        return status;
    }
    walk->open[walk->depth] = dir;
    walk->sizes[walk->depth++] = size ? size + 1 : 0;
    return report(walk, LC_WALK_ENTER, size, err);
}

static unsigned char type_of(int fd, const struct dirent *entry)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return S_ISDIR(st.st_mode)   ? DT_DIR
           : S_ISREG(st.st_mode) ? DT_REG
           : S_ISLNK(st.st_mode) ? DT_LNK
                                 : DT_UNKNOWN;
}

/* Process the next entry of the innermost open folder. */
static enum lc_status step(struct walk *walk, struct lc_error *err)
{
    DIR *dir = walk->open[walk->depth - 1];
    size_t from = walk->sizes[walk->depth - 1], size;
    const struct dirent *entry;
    unsigned char type;

    errno = 0;
    entry = readdir(dir);
    if (!entry && errno && !is_skipped(errno))
        return fail_to_read(walk, from ? from - 1 : 0, err);
    if (!entry) {
        closedir(dir);
        walk->depth--;
        return report(walk, LC_WALK_LEAVE, from ? from - 1 : 0, err);
    }
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return LC_OK;
    size = strlen(entry->d_name);
    if (from + size > LC_WALK_PATH)
        return LC_OK;
    if (from)
        walk->path[from - 1] = '/'; /* report() terminated the path there */
    memcpy(walk->path + from, entry->d_name, size);
    type = type_of(dirfd(dir), entry);
    if (type == DT_DIR)
        return enter(walk, dirfd(dir), entry->d_name, from + size, err);
    if (type == DT_REG || type == DT_LNK)
        return report(walk, LC_WALK_FILE, from + size, err);
    return LC_OK;
}

enum lc_status lc_folder_walk(const struct lc_folder *folder, lc_walk_fn *each,
                              void *user, struct lc_error *err)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    enum lc_status status;

    if (!walk)
        return lc_fail_memory(err);
    walk->each = each;
    walk->user = user;
    status = enter(walk, folder->fd, ".", 0, err);
    while (status == LC_OK && walk->depth)
        status = step(walk, err);
    while (walk->depth)
        closedir(walk->open[--walk->depth]);
    free(walk);
    return status;
}
