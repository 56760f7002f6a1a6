/* Reads files from a folder to which others may be writing.
 *
 * A file is checked before it is opened (a FIFO could block, opening a device could have
 * effects), and its facts are taken from the open file before and after reading. If size
 * or mtime differ, or the file was unlinked, the bytes may be a mixture of old and new:
 * LC_READ_CHANGED. If only ctime differs, either the mode or a link has changed, which is
 * harmless, or bytes were written and mtime was set back; so the file is read once more.
 * Requesting one byte more than expected detects growth without another system call. */
#include "store/folder.h"

#include "base/clock.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum lc_status lc_folder_open(const char *path, struct lc_folder **out,
                              struct lc_error *err)
{
    struct lc_folder *folder = calloc(1, sizeof(*folder));

    if (!folder)
        return lc_fail_memory(err);
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0) {
        free(folder);
        return lc_fail_errno(err, "open the image folder");
    }
    *out = folder;
    return LC_OK;
}

void lc_folder_close(struct lc_folder *folder)
{
    if (!folder)
        return;
    close(folder->fd);
    free(folder);
}

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

static enum lc_read_result result_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return LC_READ_MISSING;
    case EACCES:
    case EPERM:
        return LC_READ_NOT_ALLOWED;
    case ENXIO: /* a socket, or a device without a driver */
        return LC_READ_NOT_REGULAR;
    default:
        return LC_READ_FAILED;
    }
}

/* Whether a call failed for lack of resources, which is unrelated to the file. */
static bool is_resource_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM;
}

enum lc_status lc_folder_probe(const struct lc_folder *folder, const char *path,
                               const char **fault, struct lc_error *err)
{
    static const char *const faults[] = {
        [LC_READ_MISSING] = "no such file",
        [LC_READ_NOT_ALLOWED] = "permission denied",
        [LC_READ_NOT_REGULAR] = "not a regular file",
        [LC_READ_FAILED] = "it cannot be inspected",
    };
    struct stat st;

    *fault = NULL;
    if (fstatat(folder->fd, path, &st, 0) != 0) {
        if (is_resource_shortage(errno))
            return lc_fail_errno(err, "inspect a video");
        *fault = faults[result_of(errno)];
    } else if (S_ISREG(st.st_mode)) {
        *fault = st.st_size ? NULL : "the file is empty";
    } else if (!S_ISDIR(st.st_mode)) {
        *fault = faults[LC_READ_NOT_REGULAR];
    }
    return LC_OK;
}

bool lc_folder_has(const struct lc_folder *folder, const char *path)
{
    struct stat st;

    return fstatat(folder->fd, path, &st, 0) == 0 || result_of(errno) != LC_READ_MISSING;
}

bool lc_folder_stat(const struct lc_folder *folder, const char *path,
                    struct lc_file_facts *facts)
{
    struct stat st;

    if (fstatat(folder->fd, path, &st, 0) != 0 || !S_ISREG(st.st_mode))
        return false;
    *facts = facts_of(&st);
    return true;
}

/* Bytes to read before hashing them, while they are still in the processor's cache. */
#define HASH_PIECE ((size_t)256 << 10)

/* Read up to size bytes; *got is set to the number read. Returns 0 or an errno. */
static int read_all(int fd, char *to, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = read(fd, to + *got, size - *got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return 0;
}

/* What to do with the bytes of a file. */
struct sink {
    struct lc_buffer *buffer;
    struct lc_hasher *hasher; /* NULL: keep all bytes in the buffer */
    uint64_t limit;           /* larger files are not read */
    bool inside;              /* only read files that are inside the folder */
};

/* Hash up to size bytes, through the buffer; otherwise like read_all. */
static int hash_all(int fd, const struct sink *sink, uint64_t size, uint64_t *got)
{
    int number = 0;

    *got = 0;
    while (!number && *got < size) {
        size_t n = size - *got < HASH_PIECE ? (size_t)(size - *got) : HASH_PIECE, piece;

        number = read_all(fd, sink->buffer->data, n, &piece);
        lc_hasher_update(sink->hasher, sink->buffer->data, piece);
        *got += piece;
        if (piece < n)
            break;
    }
    return number;
}

/* Read an open regular file with known facts, and update the facts. *again is set if only
 * its ctime changed while it was read. */
static enum lc_status read_once(int fd, const struct sink *sink,
                                struct lc_file_facts *facts, enum lc_read_result *result,
                                int *os_errno, bool *again, struct lc_error *err)
{
    uint64_t size = facts->size + 1, got = 0;
    size_t capacity = sink->hasher && size > HASH_PIECE ? HASH_PIECE : (size_t)size;
    size_t all = 0;
    enum lc_status status = lc_buffer_reserve(sink->buffer, capacity, err);
    struct lc_file_facts after;
    struct stat st;

    if (status != LC_OK)
        return status;
    if (sink->hasher) {
        *os_errno = hash_all(fd, sink, size, &got);
    } else {
        *os_errno = read_all(fd, sink->buffer->data, capacity, &all);
        got = all;
    }
    if (*os_errno || fstat(fd, &st) != 0) {
        *os_errno = *os_errno ? *os_errno : errno;
        *result = LC_READ_FAILED;
        return is_resource_shortage(*os_errno) ? lc_fail_memory(err) : LC_OK;
    }
    after = facts_of(&st);
    if (got != facts->size || after.size != facts->size ||
        after.mtime_ns != facts->mtime_ns || st.st_nlink == 0)
        *result = LC_READ_CHANGED; /* written to, removed or replaced */
    else
        sink->buffer->size = all;
    *again = *result == LC_READ_OK && after.ctime_ns != facts->ctime_ns;
    *facts = after;
    return LC_OK;
}

static enum lc_status read_open(int fd, const struct sink *sink,
                                struct lc_file_facts *facts, enum lc_read_result *result,
                                int *os_errno, struct lc_error *err)
{
    bool again = false;
    enum lc_status status = read_once(fd, sink, facts, result, os_errno, &again, err);

    if (status != LC_OK || !again)
        return status;
    sink->buffer->size = 0;
    if (sink->hasher)
        (void)lc_hasher_finish(sink->hasher);
    if (lseek(fd, 0, SEEK_SET) != 0) {
        *os_errno = errno;
        *result = LC_READ_FAILED;
        return LC_OK;
    }
    status = read_once(fd, sink, facts, result, os_errno, &again, err);
    if (status == LC_OK && again) {
        sink->buffer->size = 0;
        *result = LC_READ_CHANGED;
    }
    return status;
}

/* Get the kernel's name for an open file, without links. Returns its size; 0 if there is
 * none. */
static size_t real_path_of_fd(int fd, char place[PATH_MAX])
{
    char link[64];
    ssize_t size;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    size = readlink(link, place, PATH_MAX);
    return size > 0 && size < PATH_MAX ? (size_t)size : 0;
}

/* Whether an open file is inside the folder. Ask about the file itself: its path may lead
 * elsewhere by now. */
bool lc_folder_is_inside(const struct lc_folder *folder, int fd)
{
    char root[PATH_MAX], file[PATH_MAX];
    size_t size = real_path_of_fd(folder->fd, root), all = real_path_of_fd(fd, file);

    if (size == 1) /* "/" */
        size = 0;
    return size < all && root[0] == '/' && memcmp(root, file, size) == 0 &&
           file[size] == '/';
}

enum lc_status lc_folder_open_file(const struct lc_folder *folder, const char *path,
                                   int *fd, struct lc_file_facts *facts,
                                   enum lc_read_result *result, int *os_errno,
                                   struct lc_error *err)
{
    struct stat st;

    *fd = -1;
    *facts = (struct lc_file_facts){0};
    *os_errno = 0;
    *result = LC_READ_OK;
    if (fstatat(folder->fd, path, &st, 0) == 0 && !S_ISREG(st.st_mode)) {
        *facts = facts_of(&st);
        *result = LC_READ_NOT_REGULAR;
        return LC_OK;
    }
    do
        *fd = openat(folder->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    while (*fd < 0 && errno == EINTR);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        *os_errno = errno;
        *result = result_of(errno);
        if (is_resource_shortage(errno))
            return lc_fail_errno(err, "open an image");
        return LC_OK;
    }
    *facts = facts_of(&st);
    if (!S_ISREG(st.st_mode))
        *result = LC_READ_NOT_REGULAR;
    return LC_OK;
}

static enum lc_status open_and_read(const struct lc_folder *folder, const char *path,
                                    const struct sink *sink, struct lc_file_facts *facts,
                                    enum lc_read_result *result, int *os_errno,
                                    struct lc_error *err)
{
    int fd;
    enum lc_status status =
        lc_folder_open_file(folder, path, &fd, facts, result, os_errno, err);

    sink->buffer->size = 0;
    if (status != LC_OK || fd < 0 || *os_errno)
        goto out;
    if (sink->inside && !lc_folder_is_inside(folder, fd)) {
        *result = LC_READ_NOT_ALLOWED;
        *os_errno = EXDEV;
    } else if (*result == LC_READ_OK && facts->size > sink->limit)
        *result = LC_READ_TOO_LARGE;
    else if (*result == LC_READ_OK)
        status = read_open(fd, sink, facts, result, os_errno, err);
out:
    if (fd >= 0)
        close(fd);
    return status;
}

enum lc_status lc_folder_read(const struct lc_folder *folder, const char *path,
                              uint64_t limit, struct lc_buffer *buffer,
                              struct lc_file_facts *facts, enum lc_read_result *result,
                              int *os_errno, struct lc_error *err)
{
    const struct sink sink = {.buffer = buffer, .limit = limit};

    return open_and_read(folder, path, &sink, facts, result, os_errno, err);
}

enum lc_status lc_folder_read_inside(const struct lc_folder *folder, const char *path,
                                     uint64_t limit, struct lc_buffer *buffer,
                                     struct lc_file_facts *facts,
                                     enum lc_read_result *result, int *os_errno,
                                     struct lc_error *err)
{
    const struct sink sink = {.buffer = buffer, .limit = limit, .inside = true};

    return open_and_read(folder, path, &sink, facts, result, os_errno, err);
}

enum lc_status lc_folder_read_file(int fd, uint64_t limit, struct lc_buffer *buffer,
                                   struct lc_file_facts *facts,
                                   enum lc_read_result *result, int *os_errno,
                                   struct lc_error *err)
{
    const struct sink sink = {.buffer = buffer, .limit = limit};

    buffer->size = 0;
    *os_errno = 0;
    *result = facts->size > limit ? LC_READ_TOO_LARGE : LC_READ_OK;
    return *result == LC_READ_OK ? read_open(fd, &sink, facts, result, os_errno, err)
                                 : LC_OK;
}

enum lc_status lc_folder_hash(const struct lc_folder *folder, const char *path,
                              uint64_t limit, struct lc_hasher *hasher,
                              struct lc_buffer *buffer, struct lc_file_facts *facts,
                              enum lc_read_result *result, int *os_errno,
                              struct lc_error *err)
{
    const struct sink sink = {.buffer = buffer, .hasher = hasher, .limit = limit};

    return open_and_read(folder, path, &sink, facts, result, os_errno, err);
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Whether a path begins with a scheme and "://", or with "data:". */
static bool is_url(struct lc_span path)
{
    size_t at = 0;

    if (path.size >= 5 && strncasecmp(path.text, "data:", 5) == 0)
        return true;
    while (at < path.size &&
           (is_letter(path.text[at]) || path.text[at] == '+' || path.text[at] == '-' ||
            path.text[at] == '.' || (path.text[at] >= '0' && path.text[at] <= '9')))
        at++;
    return at > 0 && path.size - at >= 3 && memcmp(path.text + at, "://", 3) == 0;
}

/* Whether a component of the path is exactly "..". */
static bool has_dot_dot(struct lc_span path)
{
    for (size_t at = 0; at < path.size; at++) {
        const char *slash = memchr(path.text + at, '/', path.size - at);
        size_t end = slash ? (size_t)(slash - path.text) : path.size;

        if (end - at == 2 && memcmp(path.text + at, "..", 2) == 0)
            return true;
        at = end;
    }
    return false;
}

enum lc_outside lc_path_outside_kind(struct lc_span path)
{
    if (memchr(path.text, '\0', path.size))
        return LC_OUTSIDE_NUL;
    if (is_url(path))
        return path.text[4] == ':' && (path.text[0] | 32) == 'd' ? LC_OUTSIDE_DATA_URI
                                                                 : LC_OUTSIDE_URL;
    if (path.size >= 2 && is_letter(path.text[0]) && path.text[1] == ':')
        return LC_OUTSIDE_DRIVE;
    if (memchr(path.text, '\\', path.size))
        return LC_OUTSIDE_BACKSLASH;
    if (path.size && path.text[0] == '/')
        return LC_OUTSIDE_ABSOLUTE;
    return has_dot_dot(path) ? LC_OUTSIDE_CLIMBS : LC_OUTSIDE_NOT;
}

const char *lc_path_outside(struct lc_span path)
{
    static const char *const reasons[] = {
        [LC_OUTSIDE_NOT] = NULL,
        [LC_OUTSIDE_NUL] = "a path with a NUL byte",
        [LC_OUTSIDE_DATA_URI] = "a data URI",
        [LC_OUTSIDE_URL] = "a URL",
        [LC_OUTSIDE_DRIVE] = "a path with a drive",
        [LC_OUTSIDE_BACKSLASH] = "a path with a backslash",
        [LC_OUTSIDE_ABSOLUTE] = "an absolute path",
        [LC_OUTSIDE_CLIMBS] = "a path that climbs with \"..\"",
    };

    return reasons[lc_path_outside_kind(path)];
}

bool lc_path_openable(struct lc_span path)
{
    enum lc_outside kind = lc_path_outside_kind(path);

    return kind == LC_OUTSIDE_NOT || kind == LC_OUTSIDE_ABSOLUTE ||
           kind == LC_OUTSIDE_CLIMBS;
}

bool lc_path_foreign(struct lc_span path)
{
    enum lc_outside kind = lc_path_outside_kind(path);

    return (kind == LC_OUTSIDE_DRIVE || kind == LC_OUTSIDE_BACKSLASH) &&
           path.text[0] != '/' && !has_dot_dot(path);
}
