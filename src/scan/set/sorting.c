#include "scan/set/sorting.h"

#include <stdlib.h>

#define FILTER_BITS 16 /* for each row: one in sixteen is kept without need */

/* Keep those rows of which another may be the same: a bit of a filter for each content,
 * and a second one for those that were there before. Nearly all rows are unlike all
 * others, and need not be sorted. */
static enum lc_status keep_suspects(struct lc_sorter *contents, struct lc_error *err)
{
    struct lc_row_id *items = contents->items;
    size_t bits = 1024, kept = 0;
    uint64_t *seen, *again;

    while (bits < FILTER_BITS * contents->count)
        bits *= 2;
    seen = calloc(bits / 64, sizeof(*seen));
    again = calloc(bits / 64, sizeof(*again));
    for (size_t i = 0; seen && again && i < contents->count; i++) {
        size_t at = lc_hash_short(&items[i].hash) & (bits - 1);
        uint64_t bit = UINT64_C(1) << at % 64;

        again[at / 64] |= seen[at / 64] & bit;
        seen[at / 64] |= bit;
    }
    for (size_t i = 0; seen && again && i < contents->count; i++) {
        size_t at = lc_hash_short(&items[i].hash) & (bits - 1);

        if (again[at / 64] >> at % 64 & 1)
            items[kept++] = items[i];
    }
    if (seen && again)
        contents->count = kept;
    free(seen);
    free(again);
    return seen && again ? LC_OK : lc_fail_memory(err);
}

static void sort(struct lc_sorting *sorting)
{
    struct lc_rows *rows = sorting->rows;
    struct lc_error *err = &sorting->error;

    sorting->status = lc_sorter_sort(&rows->ids, err);
    if (sorting->status == LC_OK && !rows->contents.spilled)
        sorting->status = keep_suspects(&rows->contents, err);
    if (sorting->status == LC_OK)
        sorting->status = lc_sorter_sort(&rows->contents, err);
    if (sorting->status == LC_OK && rows->paths.count && sorting->image_root)
        sorting->status = lc_unused_find(sorting->image_root, &rows->paths,
                                         &sorting->cancelled, &sorting->unused, err);
}

static void *run(void *argument)
{
    sort(argument);
    return NULL;
}

void lc_sorting_begin(struct lc_sorting *sorting, struct lc_rows *rows,
                      const char *image_root)
{
    sorting->rows = rows;
    sorting->image_root = image_root;
    sorting->is_begun = true;
    sorting->has_thread = pthread_create(&sorting->thread, NULL, run, sorting) == 0;
}

enum lc_status lc_sorting_end(struct lc_sorting *sorting, struct lc_error *err)
{
    if (!sorting->is_begun)
        return LC_OK;
    if (sorting->has_thread)
        pthread_join(sorting->thread, NULL);
    else
        sort(sorting);
    sorting->is_begun = sorting->has_thread = false;
    if (sorting->status != LC_OK && err)
        *err = sorting->error;
    return sorting->status;
}

void lc_sorting_clear(struct lc_sorting *sorting)
{
    atomic_store(&sorting->cancelled, true);
    if (sorting->has_thread)
        pthread_join(sorting->thread, NULL);
    sorting->is_begun = sorting->has_thread = false;
    lc_unused_clear(&sorting->unused);
}
