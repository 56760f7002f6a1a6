#include "index/format/seal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'L', 'C', 'S', 'E', 'A', 'L', '0', '2'};

struct seal {
    char magic[sizeof(magic)];
    struct lc_digest digest; /* of all bytes before the seal */
    struct lc_digest mac;    /* of the digest; zeros without a key */
};

_Static_assert(sizeof(struct seal) == 72, "a seal has no padding");

static struct lc_digest mac_of(const struct lc_key *key, const struct lc_digest *digest)
{
    return lc_mac(key, "llava-check index", digest, NULL, 0);
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

enum lc_status lc_seal_add(int fd, const struct lc_key *key, struct lc_error *err)
{
    struct seal seal = {.magic = {0}};
    enum lc_status status;
    bool is_complete = false;
    struct stat st;

    memcpy(seal.magic, magic, sizeof(magic));
    if (fstat(fd, &st) != 0)
        return lc_fail_errno(err, "seal the index");
    status = lc_digest_file(fd, (uint64_t)st.st_size, &is_complete, &seal.digest, err);
    if (status == LC_OK && !is_complete)
        status = lc_fail(err, LC_ERR_IO, 0, "seal the index: the file shrank");
    if (key)
        seal.mac = mac_of(key, &seal.digest);
    if (status == LC_OK)
        status = write_at(fd, (uint64_t)st.st_size, &seal, sizeof(seal), err);
    if (status == LC_OK && fsync(fd) != 0)
        status = lc_fail_errno(err, "seal the index");
    return status;
}

enum lc_status lc_seal_check(int fd, const struct lc_key *key, enum lc_seal *out,
                             uint64_t *size, struct lc_error *err)
{
    struct lc_digest digest, mac;
    enum lc_status status;
    struct seal seal;
    bool is_complete = false;
    struct stat st;
    ssize_t n;

    *out = LC_SEAL_BROKEN;
    if (fstat(fd, &st) != 0)
        return lc_fail_errno(err, "read the index");
    if (!S_ISREG(st.st_mode) || st.st_size <= (off_t)sizeof(seal))
        return LC_OK;
    *size = (uint64_t)st.st_size - sizeof(seal);
    do
        n = pread(fd, &seal, sizeof(seal), (off_t)*size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return lc_fail_errno(err, "read the index");
    if (n != sizeof(seal) || memcmp(seal.magic, magic, sizeof(magic)) != 0)
        return LC_OK;
    status = lc_digest_file(fd, *size, &is_complete, &digest, err);
    if (status != LC_OK || !is_complete ||
        !lc_digest_equal(&digest, seal.digest.bytes, sizeof(digest)))
        return status;
    *out = LC_SEAL_FOREIGN;
    if (!key)
        return LC_OK;
    mac = mac_of(key, &digest);
    if (lc_digest_equal(&mac, seal.mac.bytes, sizeof(mac)))
        *out = LC_SEAL_OURS;
    return LC_OK;
}
