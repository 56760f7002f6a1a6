#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct lc_hasher {
    XXH3_state_t *state; /* has its own alignment */
};

static struct lc_hash canonical_of(XXH128_hash_t value)
{
    XXH128_canonical_t canonical;
    struct lc_hash hash;

    XXH128_canonicalFromHash(&canonical, value);
    memcpy(hash.bytes, canonical.digest, sizeof(hash.bytes));
    return hash;
}

struct lc_hash lc_hash_bytes(const void *data, size_t size)
{
    return canonical_of(XXH3_128bits(data ? data : "", size));
}

struct lc_hasher *lc_hasher_new(void)
{
    struct lc_hasher *hasher = malloc(sizeof(*hasher));

    if (!hasher)
        return NULL;
    hasher->state = XXH3_createState();
    if (!hasher->state) {
        free(hasher);
        return NULL;
    }
    (void)XXH3_128bits_reset(hasher->state); /* this and update fail only on NULL */
    return hasher;
}

void lc_hasher_free(struct lc_hasher *hasher)
{
    if (!hasher)
        return;
    (void)XXH3_freeState(hasher->state);
    free(hasher);
}

void lc_hasher_update(struct lc_hasher *hasher, const void *data, size_t size)
{
    if (size)
        (void)XXH3_128bits_update(hasher->state, data, size);
}

struct lc_hash lc_hasher_finish(struct lc_hasher *hasher)
{
    struct lc_hash hash = canonical_of(XXH3_128bits_digest(hasher->state));

    (void)XXH3_128bits_reset(hasher->state);
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

void lc_hash_hex(const struct lc_hash *hash, char out[33])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof(hash->bytes); i++) {
        out[2 * i] = digits[hash->bytes[i] >> 4];
        out[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    out[32] = '\0';
}
