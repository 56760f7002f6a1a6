#include "import/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)32 << 10)

/* Write the bytes of a file from an offset on. */
static enum lc_status write_from(int fd, const char *data, size_t size, size_t at,
                                 struct lc_error *err)
{
    while (at < size) {
        ssize_t done = pwrite(fd, data + at, size - at, (off_t)at);

        if (done < 0 && errno != EINTR)
            return lc_fail_errno(err, "write an image");
        at += done > 0 ? (size_t)done : 0;
    }
    return LC_OK;
}

/* Compare a file with the beginning of the data. */
static enum lc_status begins_with(int fd, const char *data, size_t size, bool *out,
                                  struct lc_error *err)
{
    char piece[PIECE];

    *out = true;
    for (size_t at = 0; at < size && *out;) {
        size_t wanted = size - at < PIECE ? size - at : PIECE;
        ssize_t got = pread(fd, piece, wanted, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lc_fail_errno(err, "read an existing image");
        *out = got > 0 && memcmp(piece, data + at, (size_t)got) == 0;
        at += (size_t)got;
    }
    return LC_OK;
}

/* Complete an existing file with this name, if it is a beginning of the data. */
static enum lc_status complete_file(int fd, const char *data, size_t size, bool *placed,
                                    struct lc_error *err)
{
    struct stat st;
    enum lc_status status;

    if (fstat(fd, &st) != 0)
        return lc_fail_errno(err, "inspect an existing image");
    if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > size)
        return LC_OK;
    status = begins_with(fd, data, (size_t)st.st_size, placed, err);
    if (status == LC_OK && *placed)
        status = write_from(fd, data, size, (size_t)st.st_size, err);
    return status;
}

enum lc_status lc_import_place(int folder, const char *name, const char *data,
                               size_t size, bool *placed, struct lc_error *err)
{
    /* opening a FIFO must not block */
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(folder, name, flags | O_EXCL, 0644);
    enum lc_status status;

    *placed = false;
    if (fd >= 0) {
        *placed = true;
        status = write_from(fd, data, size, 0, err);
    } else if (errno == EEXIST) {
        fd = openat(folder, name, flags, 0644);
        if (fd < 0)
            return LC_OK; /* a folder, a link, or another user's */
        status = complete_file(fd, data, size, placed, err);
    } else {
        return lc_fail_errno(err, "create an image");
    }
    if (close(fd) != 0 && status == LC_OK) /* some file systems only write now */
        status = lc_fail_errno(err, "write an image");
    return status;
}
