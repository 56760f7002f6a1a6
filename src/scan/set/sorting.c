/* What the set stage needs sorted is sorted while the stages before it run. */
#include "scan/scan.h"

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
    struct lc_scan *scan = sorting->scan;
    struct lc_error *err = &sorting->error;

    sorting->status = lc_sorter_sort(&scan->ids, err);
    if (sorting->status == LC_OK && !scan->contents.spilled)
        sorting->status = keep_suspects(&scan->contents, err);
    if (sorting->status == LC_OK)
        sorting->status = lc_sorter_sort(&scan->contents, err);
    if (sorting->status == LC_OK && scan->paths.count && !scan->options->no_images &&
        scan->dataset.image_root)
        sorting->status = lc_unused_find(scan->dataset.image_root, &scan->paths,
                                         &sorting->cancelled, &scan->unused, err);
}

static void *run(void *argument)
{
    sort(argument);
    return NULL;
}

void lc_scan_sort_begin(struct lc_scan *scan)
{
    struct lc_sorting *sorting = &scan->sorting;

    sorting->scan = scan;
    sorting->wanted = true;
    sorting->running = pthread_create(&sorting->thread, NULL, run, sorting) == 0;
}

enum lc_status lc_scan_sort_end(struct lc_scan *scan, struct lc_error *err)
{
    struct lc_sorting *sorting = &scan->sorting;

    if (!sorting->wanted)
        return LC_OK;
    if (sorting->running)
        pthread_join(sorting->thread, NULL);
    else
        sort(sorting); /* there was no thread to be had */
    sorting->wanted = sorting->running = false;
    if (sorting->status != LC_OK && err)
        *err = sorting->error;
    return sorting->status;
}

void lc_scan_sort_cancel(struct lc_scan *scan)
{
    atomic_store(&scan->sorting.cancelled, true);
    if (scan->sorting.running)
        pthread_join(scan->sorting.thread, NULL);
    scan->sorting.wanted = scan->sorting.running = false;
}
