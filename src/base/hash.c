#include "base/hash.h"

#include <string.h>
#include <xxhash.h>

struct lc_hash lc_hash_bytes(const void *data, size_t size)
{
    XXH128_canonical_t canonical;
    struct lc_hash hash;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data ? data : "", size));
    memcpy(hash.bytes, canonical.digest, sizeof(hash.bytes));
    return hash;
}

uint64_t lc_hash_quick(const void *data, size_t size)
{
    return XXH3_64bits(data ? data : "", size);
}

int lc_hash_compare(const struct lc_hash *a, const struct lc_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

uint64_t lc_hash_short(const struct lc_hash *hash)
{
    uint64_t value;

    memcpy(&value, hash->bytes, sizeof(value));
    return value;
}

void lc_hash_hex(const struct lc_hash *hash, char out[33])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof(hash->bytes); i++) {
        out[2 * i] = digits[hash->bytes[i] >> 4];
        out[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    out[32] = '\0';
}
