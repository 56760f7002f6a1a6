/* Reads files from a folder without following any link.
 *
 * A path is walked component by component with O_NOFOLLOW, as in tree.c. The last
 * component is opened only if it is a regular file, and checked again once it is open: if
 * a FIFO has taken its place meanwhile, it neither blocks (O_NONBLOCK) nor is read. */
#include "store/plain.h"

#include "base/clock.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct lc_file_facts facts_of(const struct stat *st)
{
    return (struct lc_file_facts){
        .size = (uint64_t)st->st_size,
        .mtime_ns = lc_clock_of(&st->st_mtim),
        .ctime_ns = lc_clock_of(&st->st_ctim),
        .inode = (uint64_t)st->st_ino,
        .device = (uint64_t)st->st_dev,
    };
}

static bool is_resource_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM;
}

static enum lc_read_result result_of(int number)
{
    switch (number) {
    case 0:
        return LC_READ_OK;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return LC_READ_MISSING;
    case LC_PLAIN_LINK:
    case EACCES:
    case EPERM:
        return LC_READ_NOT_ALLOWED;
    case ENXIO:
    case EISDIR:
        return LC_READ_NOT_REGULAR;
    default:
        return LC_READ_FAILED;
    }
}

/* Return the errno for a component that could not be opened as a folder: LC_PLAIN_LINK if
 * it is a link. */
static int why_no_folder(int within, const char *name, int number)
{
    struct stat st;

    if ((number == ENOTDIR || number == ELOOP) &&
        fstatat(within, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        return LC_PLAIN_LINK;
    return number;
}

/* Open the folder that contains a path. Returns 0 or an errno. *name is the last
 * component, *within the open folder: the root itself if the path has only one
 * component. */
static int open_parent(int root, const char *path, int *within, const char **name)
{
    char part[256]; /* NAME_MAX and a NUL */
    const char *slash;

    *within = root;
    *name = path;
    while ((slash = strchr(*name, '/'))) {
        size_t size = (size_t)(slash - *name);
        int fd, number = ENAMETOOLONG;

        if (size < sizeof(part)) {
            memcpy(part, *name, size);
            part[size] = '\0';
            fd = openat(*within, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            number = fd < 0 ? why_no_folder(*within, part, errno) : 0;
        }
        if (*within != root)
            close(*within);
        if (number)
            return number;
        *within = fd;
        *name = slash + 1;
    }
    return 0;
}

/* Check that a stat describes a regular file. Returns 0 or an errno. */
static int check_type(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? 0 : S_ISLNK(st->st_mode) ? LC_PLAIN_LINK : EISDIR;
}

void lc_plain_stat(const struct lc_folder *folder, const char *path,
                   struct lc_file_facts *facts, enum lc_read_result *result,
                   int *os_errno)
{
    struct stat st;
    const char *name;
    int within, number = open_parent(folder->fd, path, &within, &name);

    if (!number) {
        number = fstatat(within, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ? errno
                                                                      : check_type(&st);
        if (within != folder->fd)
            close(within);
    }
    *facts = number ? (struct lc_file_facts){0} : facts_of(&st);
    *result = result_of(number);
    *os_errno = number;
}

enum lc_status lc_plain_folder(const struct lc_folder *folder, const char *path,
                               struct lc_folder **out, struct lc_error *err)
{
    const char *name;
    int within, fd = -1;
    int number = open_parent(folder->fd, *path ? path : ".", &within, &name);

    *out = NULL;
    if (!number) {
        fd = openat(within, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        number = fd < 0 ? errno : 0;
        if (within != folder->fd)
            close(within);
    }
    errno = number;
    if (is_resource_shortage(number))
        return lc_fail_errno(err, "open a folder");
    if (number)
        return LC_OK;
    *out = malloc(sizeof(**out));
    if (!*out) {
        close(fd);
        return lc_fail_memory(err);
    }
    (*out)->fd = fd;
    return LC_OK;
}

bool lc_plain_link(const struct lc_folder *folder, const char *path, char *out,
                   size_t size)
{
    const char *name;
    int within;
    ssize_t n;

    if (open_parent(folder->fd, path, &within, &name) != 0)
        return false;
    n = readlinkat(within, name, out, size);
    if (within != folder->fd)
        close(within);
    if (n < 0 || (size_t)n >= size)
        return false;
    out[n] = '\0';
    return true;
}

/* Open a regular file. Returns 0 or an errno. */
static int open_regular(int within, const char *name, int *fd, struct stat *st)
{
    int number =
        fstatat(within, name, st, AT_SYMLINK_NOFOLLOW) != 0 ? errno : check_type(st);

    if (number)
        return number;
    *fd = openat(within, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0)
        return errno;
    number = fstat(*fd, st) != 0 ? errno : check_type(st);
    if (number) {
        close(*fd);
        *fd = -1;
    }
    return number;
}

/* Open a file by its path. A fault of the file is a result, not an error. */
static enum lc_status open_plain(const struct lc_folder *folder, const char *path,
                                 int *fd, struct stat *st, enum lc_read_result *result,
                                 int *os_errno, struct lc_error *err)
{
    const char *name;
    int within, number = open_parent(folder->fd, path, &within, &name);

    *fd = -1;
    if (!number) {
        number = open_regular(within, name, fd, st);
        if (within != folder->fd)
            close(within);
    }
    *result = result_of(number);
    *os_errno = number;
    if (!is_resource_shortage(number))
        return LC_OK;
    errno = number;
    return lc_fail_errno(err, "open a file");
}

enum lc_status lc_plain_read(const struct lc_folder *folder, const char *path,
                             uint64_t limit, struct lc_buffer *buffer,
                             enum lc_read_result *result, int *os_errno,
                             struct lc_error *err)
{
    struct stat st;
    int fd;
    enum lc_status status = open_plain(folder, path, &fd, &st, result, os_errno, err);

    buffer->size = 0;
    if (status == LC_OK && fd >= 0 && (uint64_t)st.st_size > limit)
        *result = LC_READ_TOO_LARGE;
    if (status == LC_OK && *result == LC_READ_OK)
        status = lc_buffer_reserve(buffer, (size_t)st.st_size + LC_PLAIN_PADDING, err);
    while (status == LC_OK && *result == LC_READ_OK &&
           buffer->size < (size_t)st.st_size) {
        ssize_t n =
            read(fd, buffer->data + buffer->size, (size_t)st.st_size - buffer->size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            *os_errno = errno;
            *result = LC_READ_FAILED;
        }
        if (n == 0)
            break;
        buffer->size += n > 0 ? (size_t)n : 0;
    }
    if (status == LC_OK && *result == LC_READ_OK)
        memset(buffer->data + buffer->size, 0, LC_PLAIN_PADDING);
    if (fd >= 0)
        close(fd);
    return status;
}

enum lc_status lc_plain_reader_begin(struct lc_plain_reader *reader, struct lc_error *err)
{
    reader->sums = lc_checksums_new();
    reader->buffer = malloc(LC_PLAIN_BUFFER);
    return reader->sums && reader->buffer ? LC_OK : lc_fail_memory(err);
}

void lc_plain_reader_clear(struct lc_plain_reader *reader)
{
    lc_checksums_free(reader->sums);
    free(reader->buffer);
    reader->sums = NULL;
    reader->buffer = NULL;
}

/* Read an open file and compute its checksums. Returns 0 or an errno; *size is set to the
 * number of bytes read. */
static int sum_all(int fd, struct lc_plain_reader *reader, uint64_t *size)
{
    *size = 0;
    for (;;) {
        ssize_t n = read(fd, reader->buffer, LC_PLAIN_BUFFER);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0 || (reader->on_bytes && !reader->on_bytes(reader->user, (size_t)n)))
            return 0;
        if (*size == 0) {
            reader->head_size =
                (size_t)n < sizeof(reader->head) ? (size_t)n : sizeof(reader->head);
            memcpy(reader->head, reader->buffer, reader->head_size);
        }
        if (!reader->has_returns)
            reader->has_returns = memchr(reader->buffer, '\r', (size_t)n) != NULL;
        lc_checksums_update(reader->sums, reader->buffer, (size_t)n);
        *size += (uint64_t)n;
    }
}

enum lc_status lc_plain_sum(const struct lc_folder *folder, const char *path,
                            unsigned kinds, struct lc_plain_reader *reader,
                            struct lc_file_facts *facts, enum lc_read_result *result,
                            int *os_errno, struct lc_error *err)
{
    struct stat before, after;
    uint64_t size = 0;
    int fd;
    enum lc_status status = open_plain(folder, path, &fd, &before, result, os_errno, err);

    *facts = (struct lc_file_facts){0};
    reader->head_size = 0;
    reader->has_returns = false;
    if (status != LC_OK || fd < 0)
        return status;
    *facts = facts_of(&before);
    lc_checksums_begin(reader->sums, kinds, facts->size);
    *os_errno = sum_all(fd, reader, &size);
    if (*os_errno) {
        *result = LC_READ_FAILED;
    } else if (size != facts->size || fstat(fd, &after) != 0 ||
               facts_of(&after).mtime_ns != facts->mtime_ns ||
               facts_of(&after).size != facts->size) {
        *result = LC_READ_CHANGED;
    }
    lc_checksums_end(reader->sums);
    close(fd);
    return status;
}
