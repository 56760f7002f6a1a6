#include "index/seal.h"

#include "base/buffer.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What follows the index: these bytes, then the checksum. It is the hash of the hashes of
 * the file's pieces, so that a file of any size is read in bounded memory. */
static const char mark[8] = {'L', 'C', 'S', 'E', 'A', 'L', '0', '1'};

enum { PIECE = 1 << 20, SEAL_SIZE = sizeof(mark) + sizeof(struct lc_hash) };

struct seal {
    char mark[sizeof(mark)];
    struct lc_hash sum;
};

_Static_assert(sizeof(struct seal) == SEAL_SIZE, "a seal has no gaps");

/* Read size bytes from a place on, or as many as there are: *got. */
static enum lc_status read_at(int fd, uint64_t at, void *to, size_t size, size_t *got,
                              struct lc_error *err)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = pread(fd, (char *)to + *got, size - *got, (off_t)(at + *got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lc_fail_errno(err, "read the index");
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return LC_OK;
}

static enum lc_status write_at(int fd, uint64_t at, const void *from, size_t size,
                               struct lc_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t n =
            pwrite(fd, (const char *)from + done, size - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lc_fail_errno(err, "seal the index");
        done += (size_t)n;
    }
    return LC_OK;
}

/* The checksum of a file's first bytes; zero when there are fewer. */
static enum lc_status sum_of(int fd, uint64_t size, struct lc_hash *out,
                             struct lc_error *err)
{
    struct lc_buffer hashes = {0};
    char *piece = malloc(PIECE);
    enum lc_status status = piece ? LC_OK : lc_fail_memory(err);

    *out = (struct lc_hash){0};
    for (uint64_t at = 0; at < size && status == LC_OK; at += PIECE) {
        size_t part = size - at < PIECE ? (size_t)(size - at) : PIECE, got = 0;
        struct lc_hash hash;

        status = read_at(fd, at, piece, part, &got, err);
        if (status != LC_OK || got < part)
            goto out;
        hash = lc_hash_bytes(piece, part);
        status = lc_buffer_add(&hashes, hash.bytes, sizeof(hash), err);
    }
    if (status == LC_OK)
        *out = lc_hash_bytes(hashes.data, hashes.size);
out:
    lc_buffer_clear(&hashes);
    free(piece);
    return status;
}

enum lc_status lc_seal_add(const char *file, struct lc_error *err)
{
    int fd = open(file, O_RDWR | O_CLOEXEC);
    enum lc_status status = LC_OK;
    struct seal seal;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        status = lc_fail_errno(err, "seal the index");
        goto out;
    }
    memcpy(seal.mark, mark, sizeof(mark));
    status = sum_of(fd, (uint64_t)st.st_size, &seal.sum, err);
    if (status == LC_OK)
        status = write_at(fd, (uint64_t)st.st_size, &seal, sizeof(seal), err);
    if (status == LC_OK && fsync(fd) != 0)
        status = lc_fail_errno(err, "seal the index");
out:
    if (fd >= 0)
        close(fd);
    return status;
}

enum lc_status lc_seal_holds(const char *file, bool *out, struct lc_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */
    struct seal seal = {{0}, {{0}}};
    enum lc_status status = LC_OK;
    struct lc_hash sum;
    struct stat st;
    size_t got = 0;

    *out = false;
    if (fd < 0 || fstat(fd, &st) != 0) {
        status = lc_fail_errno(err, "read the index");
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size <= SEAL_SIZE)
        goto out;
    status =
        read_at(fd, (uint64_t)st.st_size - SEAL_SIZE, &seal, sizeof(seal), &got, err);
    if (status != LC_OK || got < sizeof(seal) ||
        memcmp(seal.mark, mark, sizeof(mark)) != 0)
        goto out;
    status = sum_of(fd, (uint64_t)st.st_size - SEAL_SIZE, &sum, err);
    *out = status == LC_OK && lc_hash_compare(&sum, &seal.sum) == 0;
out:
    if (fd >= 0)
        close(fd);
    return status;
}
