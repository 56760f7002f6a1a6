#include "base/checksum.h"

#include "base/hash.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    size_t size;
    const char *name;
} kinds[LC_CHECKSUM_COUNT] = {
    [LC_CHECKSUM_MD5] = {MD5_DIGEST_SIZE, "MD5"},
    [LC_CHECKSUM_SHA1] = {SHA1_DIGEST_SIZE, "SHA-1"},
    [LC_CHECKSUM_SHA256] = {SHA256_DIGEST_SIZE, "SHA-256"},
    [LC_CHECKSUM_SHA512] = {SHA512_DIGEST_SIZE, "SHA-512"},
    [LC_CHECKSUM_GIT] = {SHA1_DIGEST_SIZE, "git SHA-1"},
    [LC_CHECKSUM_XXH3] = {sizeof(struct lc_hash), "XXH3-128"},
};

_Static_assert(SHA512_DIGEST_SIZE == LC_CHECKSUM_MAX, "the longest checksum");

struct lc_checksums {
    unsigned kinds;
    struct md5_ctx md5;
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
    struct sha1_ctx git;
    struct lc_hasher *xxh3;
    uint8_t bytes[LC_CHECKSUM_COUNT][LC_CHECKSUM_MAX];
};

size_t lc_checksum_size(enum lc_checksum kind)
{
    return kinds[kind].size;
}

const char *lc_checksum_name(enum lc_checksum kind)
{
    return kinds[kind].name;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool lc_checksum_read(struct lc_span text, uint8_t out[LC_CHECKSUM_MAX])
{
    if (text.size < 2 || text.size % 2 || text.size > (size_t)2 * LC_CHECKSUM_MAX)
        return false;
    for (size_t i = 0; i < text.size; i += 2) {
        int high = digit_of(text.text[i]), low = digit_of(text.text[i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void lc_checksum_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

struct lc_checksums *lc_checksums_new(void)
{
    struct lc_checksums *sums = calloc(1, sizeof(*sums));

    if (sums && !(sums->xxh3 = lc_hasher_new())) {
        free(sums);
        sums = NULL;
    }
    return sums;
}

void lc_checksums_free(struct lc_checksums *sums)
{
    if (!sums)
        return;
    lc_hasher_free(sums->xxh3);
    free(sums);
}

static bool wants(const struct lc_checksums *sums, enum lc_checksum kind)
{
    return sums->kinds & 1U << kind;
}

void lc_checksums_begin(struct lc_checksums *sums, unsigned wanted, uint64_t size)
{
    char head[32];
    int head_size;

    if (wants(sums, LC_CHECKSUM_XXH3)) /* the last one may not have been finished */
        (void)lc_hasher_finish(sums->xxh3);
    sums->kinds = wanted;
    md5_init(&sums->md5);
    sha1_init(&sums->sha1);
    sha256_init(&sums->sha256);
    sha512_init(&sums->sha512);
    sha1_init(&sums->git);
    head_size = snprintf(head, sizeof(head), "blob %llu", (unsigned long long)size);
    sha1_update(&sums->git, (size_t)head_size + 1, (const uint8_t *)head);
}

void lc_checksums_update(struct lc_checksums *sums, const void *data, size_t size)
{
    if (wants(sums, LC_CHECKSUM_MD5))
        md5_update(&sums->md5, size, data);
    if (wants(sums, LC_CHECKSUM_SHA1))
        sha1_update(&sums->sha1, size, data);
    if (wants(sums, LC_CHECKSUM_SHA256))
        sha256_update(&sums->sha256, size, data);
    if (wants(sums, LC_CHECKSUM_SHA512))
        sha512_update(&sums->sha512, size, data);
    if (wants(sums, LC_CHECKSUM_GIT))
        sha1_update(&sums->git, size, data);
    if (wants(sums, LC_CHECKSUM_XXH3))
        lc_hasher_update(sums->xxh3, data, size);
}

void lc_checksums_end(struct lc_checksums *sums)
{
    struct lc_hash xxh3;

    md5_digest(&sums->md5, MD5_DIGEST_SIZE, sums->bytes[LC_CHECKSUM_MD5]);
    sha1_digest(&sums->sha1, SHA1_DIGEST_SIZE, sums->bytes[LC_CHECKSUM_SHA1]);
    sha256_digest(&sums->sha256, SHA256_DIGEST_SIZE, sums->bytes[LC_CHECKSUM_SHA256]);
    sha512_digest(&sums->sha512, SHA512_DIGEST_SIZE, sums->bytes[LC_CHECKSUM_SHA512]);
    sha1_digest(&sums->git, SHA1_DIGEST_SIZE, sums->bytes[LC_CHECKSUM_GIT]);
    xxh3 = lc_hasher_finish(sums->xxh3);
    memcpy(sums->bytes[LC_CHECKSUM_XXH3], xxh3.bytes, sizeof(xxh3.bytes));
}

const uint8_t *lc_checksums_get(const struct lc_checksums *sums, enum lc_checksum kind)
{
    return sums->bytes[kind];
}
