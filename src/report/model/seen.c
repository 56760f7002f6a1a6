#include "report/model/seen.h"

#include <stdlib.h>

/* A slot of the open-addressing table. */
struct slot {
    struct lc_hash identity;
    uint32_t count; /* 0: the slot is free */
};

struct lc_seen {
    size_t mask;
    struct slot slots[];
};

enum lc_status lc_seen_new(size_t most, struct lc_seen **out, struct lc_error *err)
{
    size_t size = 16;

    while (size < 2 * most)
        size *= 2;
    *out = calloc(1, sizeof(**out) + size * sizeof(struct slot));
    if (!*out)
        return lc_fail_memory(err);
    (*out)->mask = size - 1;
    return LC_OK;
}

void lc_seen_free(struct lc_seen *seen)
{
    free(seen);
}

uint32_t lc_seen_count(struct lc_seen *seen, const struct lc_hash *identity)
{
    size_t at = lc_hash_short(identity) & seen->mask;

    while (seen->slots[at].count &&
           lc_hash_compare(&seen->slots[at].identity, identity) != 0)
        at = (at + 1) & seen->mask;
    seen->slots[at].identity = *identity;
    return ++seen->slots[at].count;
}
