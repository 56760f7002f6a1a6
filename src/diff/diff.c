#include "diff/internal.h"

#include "base/buffer.h"

#include <stdlib.h>

const char *lc_change_name(enum lc_change change)
{
    static const char *const names[LC_CHANGE_COUNT] = {
        [LC_CHANGE_ROW_ADDED] = "row-added",
        [LC_CHANGE_ROW_REMOVED] = "row-removed",
        [LC_CHANGE_ROW_CHANGED] = "row-changed",
        [LC_CHANGE_ROW_RENAMED] = "row-renamed",
        [LC_CHANGE_IMAGE_ADDED] = "image-added",
        [LC_CHANGE_IMAGE_REMOVED] = "image-removed",
        [LC_CHANGE_IMAGE_CHANGED] = "image-changed",
        [LC_CHANGE_IMAGE_MOVED] = "image-moved",
    };

    return names[change];
}

/* ---- unmatched rows and images ---- */

enum lc_status lc_unmatched_add(struct lc_unmatched_list *list,
                                const struct lc_hash *content, uint64_t order,
                                struct lc_error *err)
{
    struct lc_unmatched *items =
        lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    list->items = items;
    items[list->count++] = (struct lc_unmatched){*content, order};
    return LC_OK;
}

static int by_content(const void *a, const void *b)
{
    const struct lc_unmatched *x = a, *y = b;
    int order = lc_hash_compare(&x->content, &y->content);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

void lc_unmatched_sort(struct lc_unmatched_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_content);
}

size_t lc_unmatched_count_equal(const struct lc_unmatched_list *list, size_t at)
{
    size_t end = at;

    while (end < list->count &&
           lc_hash_compare(&list->items[at].content, &list->items[end].content) == 0)
        end++;
    return end - at;
}

int lc_unmatched_compare(const struct lc_unmatched_list *a, size_t i,
                         const struct lc_unmatched_list *b, size_t k)
{
    if (i == a->count || k == b->count)
        return (i == a->count) - (k == b->count);
    return lc_hash_compare(&a->items[i].content, &b->items[k].content);
}

/* ---- changes ---- */

enum lc_status lc_diff_add(struct lc_diff *diff, enum lc_change change, uint64_t a,
                           uint64_t b, struct lc_error *err)
{
    struct lc_diff_list *list = &diff->lists[change];
    struct lc_diff_pair *items =
        lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    list->items = items;
    items[list->count++] = (struct lc_diff_pair){a, b};
    return LC_OK;
}

void lc_diff_clear(struct lc_diff *diff)
{
    for (int i = 0; i < LC_CHANGE_COUNT; i++)
        free(diff->lists[i].items);
    *diff = (struct lc_diff){0};
}
