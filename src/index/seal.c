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

/* Read exactly size bytes from where the file is. */
static bool read_exactly(int fd, char *to, size_t size)
{
    while (size > 0) {
        ssize_t got = read(fd, to, size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

/* The checksum of a file's first bytes. */
static bool sum_of(int fd, uint64_t size, struct lc_hash *out)
{
    struct lc_buffer hashes = {0};
    char *piece = malloc(PIECE);
    bool good = piece != NULL && lseek(fd, 0, SEEK_SET) == 0;

    while (good && size > 0) {
        size_t part = size < PIECE ? (size_t)size : PIECE;
        struct lc_hash hash;

        good = read_exactly(fd, piece, part);
        if (!good)
            break;
        hash = lc_hash_bytes(piece, part);
        good = lc_buffer_add(&hashes, hash.bytes, sizeof(hash), NULL) == LC_OK;
        size -= part;
    }
    if (good)
        *out = lc_hash_bytes(hashes.data, hashes.size);
    lc_buffer_clear(&hashes);
    free(piece);
    return good;
}

enum lc_status lc_seal_add(const char *file, struct lc_error *err)
{
    int fd = open(file, O_RDWR | O_CLOEXEC);
    struct seal seal;
    struct stat st;
    bool good = fd >= 0 && fstat(fd, &st) == 0;

    memcpy(seal.mark, mark, sizeof(mark));
    good = good && sum_of(fd, (uint64_t)st.st_size, &seal.sum);
    good = good && pwrite(fd, &seal, sizeof(seal), st.st_size) == (ssize_t)sizeof(seal) &&
           fsync(fd) == 0;
    if (!good) {
        enum lc_status status = lc_fail_errno(err, "seal the index");

        if (fd >= 0)
            close(fd);
        return status;
    }
    close(fd);
    return LC_OK;
}

bool lc_seal_holds(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */
    struct seal seal = {{0}, {{0}}};
    struct lc_hash sum;
    struct stat st;
    bool holds = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > SEAL_SIZE;

    holds = holds &&
            pread(fd, &seal, sizeof(seal), st.st_size - SEAL_SIZE) == SEAL_SIZE &&
            memcmp(seal.mark, mark, sizeof(mark)) == 0 &&
            sum_of(fd, (uint64_t)st.st_size - SEAL_SIZE, &sum) &&
            lc_hash_compare(&sum, &seal.sum) == 0;
    if (fd >= 0)
        close(fd);
    return holds;
}
