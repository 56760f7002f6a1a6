#include "scan/set/sorting.h"

#include "scan/common/run.h"

#include <stdlib.h>

#define FILTER_BITS 16 /* per row: about one row in sixteen is kept needlessly */

/* Keep only the rows that may have a duplicate. Nearly all rows have none, and need not
 * be sorted.
 *
 * The first half of a hash sets one bit of a filter. If the bit was already set, it sets
 * the same bit of a second filter. Equal halves share a bit, so a row whose bit in the
 * second filter is clear is unique. Linear in time; the filters take 4 to 8 bytes per
 * row. */
static enum lc_status drop_unique_rows(struct lc_sorter *hashes, struct lc_error *err)
{
    struct lc_row_id *items = hashes->items;
    size_t bits = 1024, kept = 0;
    uint64_t *seen, *seen_twice;

    while (bits < FILTER_BITS * hashes->count)
        bits *= 2;
    seen = calloc(bits / 64, sizeof(*seen));
    seen_twice = calloc(bits / 64, sizeof(*seen_twice));
    for (size_t i = 0; seen && seen_twice && i < hashes->count; i++) {
        size_t at = lc_hash_short(&items[i].hash) & (bits - 1);
        uint64_t bit = UINT64_C(1) << at % 64;

        seen_twice[at / 64] |= seen[at / 64] & bit;
        seen[at / 64] |= bit;
    }
    for (size_t i = 0; seen && seen_twice && i < hashes->count; i++) {
        size_t at = lc_hash_short(&items[i].hash) & (bits - 1);

        if (seen_twice[at / 64] >> at % 64 & 1)
            items[kept++] = items[i];
    }
    if (seen && seen_twice)
        hashes->count = kept;
    free(seen);
    free(seen_twice);
    return seen && seen_twice ? LC_OK : lc_fail_memory(err);
}

/* Sort the hashes that more than one row may have. */
static enum lc_status sort_duplicates(struct lc_sorter *hashes, struct lc_error *err)
{
    enum lc_status status = hashes->spilled ? LC_OK : drop_unique_rows(hashes, err);

    return status == LC_OK ? lc_sorter_sort(hashes, err) : status;
}

static void sort(struct lc_sorting *sorting)
{
    struct lc_rows *rows = sorting->rows;
    struct lc_error *err = &sorting->error;

    sorting->status = lc_sorter_sort(&rows->ids, err);
    if (sorting->status == LC_OK)
        sorting->status = sort_duplicates(&rows->contents, err);
    if (sorting->status == LC_OK)
        sorting->status = sort_duplicates(&rows->questions, err);
}

static void find_unused(struct lc_sorting *sorting)
{
    const struct lc_rows *rows = sorting->rows;
    const struct lc_paths *paths = rows->others.count ? &rows->others : &rows->paths;
    struct lc_error *err = &sorting->error;

    if (sorting->status != LC_OK || !paths->count || !sorting->image_root)
        return;
    if (sorting->part)
        sorting->status =
            lc_unused_list(sorting->image_root, paths, &sorting->cancelled,
                           &sorting->part->unused, &sorting->part->has_unused, err);
    else
        sorting->status = lc_unused_find(sorting->image_root, &sorting->more, paths,
                                         &sorting->cancelled, &sorting->unused, err);
    if (sorting->status != LC_OK)
        err->subject = LC_SUBJECT_IMAGES;
}

static void run(struct lc_sorting *sorting)
{
    if (!sorting->is_sorted)
        sort(sorting);
    sorting->is_sorted = true;
    find_unused(sorting);
}

static void *run_thread(void *argument)
{
    run(argument);
    return NULL;
}

static void start(struct lc_sorting *sorting)
{
    sorting->is_begun = true;
    sorting->has_thread =
        pthread_create(&sorting->thread, NULL, run_thread, sorting) == 0;
}

void lc_sorting_begin(struct lc_sorting *sorting, struct lc_rows *rows,
                      const char *image_root)
{
    sorting->rows = rows;
    sorting->image_root = image_root;
    start(sorting);
}

enum lc_status lc_sorting_search(struct lc_sorting *sorting, const char *image_root,
                                 const struct lc_more_files *more, struct lc_error *err)
{
    enum lc_status status = lc_sorting_end(sorting, err);

    if (status != LC_OK)
        return status;
    sorting->image_root = image_root;
    sorting->more = *more;
    start(sorting);
    return LC_OK;
}

enum lc_status lc_sorting_list(struct lc_sorting *sorting, const char *image_root,
                               struct lc_part_record *out, struct lc_error *err)
{
    static const struct lc_more_files none;

    sorting->part = out;
    return lc_sorting_search(sorting, image_root, &none, err);
}

enum lc_status lc_sorting_end(struct lc_sorting *sorting, struct lc_error *err)
{
    if (!sorting->is_begun)
        return LC_OK;
    if (sorting->has_thread)
        pthread_join(sorting->thread, NULL);
    else
        run(sorting);
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
