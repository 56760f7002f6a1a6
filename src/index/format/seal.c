#include "index/format/seal.h"

#include "index/format/records.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'L', 'C', 'S', 'E', 'A', 'L', '0', '3'};

struct seal {
    char magic[sizeof(magic)];
    struct lc_hash hash;   /* of all bytes before the seal */
    uint8_t salt[16];      /* random; zeros without a key, as are the fields below */
    struct lc_digest tags; /* of the same bytes, under piece_key() */
    struct lc_digest
        mac; /* of the fields above and the number of bytes before the seal */
};

_Static_assert(sizeof(struct seal) == LC_SEAL_SIZE, "a seal has no padding");

/* The key of the tags of one file. */
static struct lc_key piece_key(const struct lc_key *key, const struct seal *seal)
{
    struct lc_digest derived =
        lc_mac(key, "llava-check pieces", NULL, seal->salt, sizeof(seal->salt));
    struct lc_key out;

    memcpy(out.bytes, derived.bytes, sizeof(out.bytes));
    return out;
}

static struct lc_digest mac_of(const struct lc_key *key, const struct seal *seal,
                               uint64_t size)
{
    uint8_t signed_bytes[8 + offsetof(struct seal, mac)];

    lc_put_u64(signed_bytes, size);
    memcpy(signed_bytes + 8, seal, offsetof(struct seal, mac));
    return lc_mac(key, "llava-check index", NULL, signed_bytes, sizeof(signed_bytes));
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
    struct lc_file_sums sums = {.is_whole = false};
    struct lc_key pieces = {{0}};
    enum lc_status status;
    struct stat st;

    memcpy(seal.magic, magic, sizeof(magic));
    if (fstat(fd, &st) != 0)
        return lc_fail_errno(err, "seal the index");
    if (key) {
        if (getrandom(seal.salt, sizeof(seal.salt), 0) != (ssize_t)sizeof(seal.salt))
            return lc_fail_errno(err, "seal the index");
        pieces = piece_key(key, &seal);
    }
    status =
        lc_sum_file(fd, (uint64_t)st.st_size, true, key ? &pieces : NULL, &sums, err);
    if (status == LC_OK && !sums.is_whole)
        status = lc_fail(err, LC_ERR_IO, 0, "seal the index: the file shrank");
    seal.hash = sums.hash;
    if (key) {
        seal.tags = sums.tags;
        seal.mac = mac_of(key, &seal, (uint64_t)st.st_size);
    }
    if (status == LC_OK)
        status = write_at(fd, (uint64_t)st.st_size, &seal, sizeof(seal), err);
    if (status == LC_OK && fsync(fd) != 0)
        status = lc_fail_errno(err, "seal the index");
    return status;
}

/* Whether this key signed the seal. An unsigned seal has a MAC of zeros, which no key can
 * be expected to produce. */
static bool is_signed(const struct seal *seal, const struct lc_key *key, uint64_t size)
{
    struct lc_digest mac;

    if (!key)
        return false;
    mac = mac_of(key, seal, size);
    return lc_digest_equal(&mac, seal->mac.bytes, sizeof(mac));
}

enum lc_status lc_seal_check(int fd, const struct lc_key *key, enum lc_seal *out,
                             uint64_t *size, struct lc_error *err)
{
    struct lc_file_sums sums;
    struct lc_key pieces;
    enum lc_status status;
    struct seal seal;
    struct stat st;
    bool is_ours;
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
    is_ours = is_signed(&seal, key, *size);
    if (is_ours)
        pieces = piece_key(key, &seal);
    status = lc_sum_file(fd, *size, !is_ours, is_ours ? &pieces : NULL, &sums, err);
    if (status != LC_OK || !sums.is_whole)
        return status;
    if (is_ours && lc_digest_equal(&sums.tags, seal.tags.bytes, sizeof(seal.tags)))
        *out = LC_SEAL_OURS;
    else if (!is_ours && lc_hash_compare(&sums.hash, &seal.hash) == 0)
        *out = LC_SEAL_FOREIGN;
    return LC_OK;
}
