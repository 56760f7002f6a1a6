#include "diff/internal.h"

#include <stdlib.h>

static int by_number(const void *a, const void *b)
{
    const struct lc_diff_pair *x = a, *y = b;

    if (x->b != y->b)
        return x->b > y->b ? 1 : -1;
    return (x->a > y->a) - (x->a < y->a);
}

enum lc_status lc_diff_find(const struct lc_index *a, const struct lc_index *b,
                            struct lc_diff *out, struct lc_error *err)
{
    const struct lc_index *const indexes[2] = {a, b};
    struct lc_diff diff = {0};
    enum lc_status status = lc_diff_rows(indexes, &diff, err);

    if (status == LC_OK)
        status = lc_diff_images(indexes, &diff, err);
    for (int i = 0; i < LC_CHANGE_COUNT; i++)
        if (diff.lists[i].count > 1)
            qsort(diff.lists[i].items, diff.lists[i].count, sizeof(struct lc_diff_pair),
                  by_number);
    *out = diff;
    if (status != LC_OK)
        lc_diff_clear(out);
    return status;
}
