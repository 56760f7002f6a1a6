/* references.h - counts an object's references besides its first owner's */
#ifndef LC_BASE_REFERENCES_H
#define LC_BASE_REFERENCES_H

#include <stdatomic.h>
#include <stdbool.h>

/** All zero: only the first owner. */
struct lc_references {
    atomic_uint others;
};

static inline void lc_references_add(struct lc_references *references)
{
    atomic_fetch_add_explicit(&references->others, 1, memory_order_relaxed);
}

/** Give up a reference. Returns whether it was the last one: the object must be freed. */
static inline bool lc_references_drop(struct lc_references *references)
{
    return atomic_fetch_sub_explicit(&references->others, 1, memory_order_acq_rel) == 0;
}

#endif
