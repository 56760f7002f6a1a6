#include "scan/common/sorter.h"

#include "index/index.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* External merge sort.
 *
 * Idea. Items gather in memory up to a limit; then they are sorted and appended to an
 * unnamed temporary file, as a run. When all are added, the runs are merged: a binary
 * heap holds the runs by their next item, so the smallest item overall is at its top.
 *
 * Cost. Each item is written once and read once; removing one costs a comparison per
 * level of the heap. Each run reads limit / number of runs items ahead, so all buffers
 * together hold about as many items as the limit. */

/* The most and the fewest items of a run that are read ahead. */
#define READ_AHEAD_MAX 8192
#define READ_AHEAD_MIN 64

static size_t get_limit(const struct lc_sorter *sorter)
{
    return sorter->limit ? sorter->limit : LC_SORTER_LIMIT;
}

/* ---- sorting */

/* Sort the items in memory. */
static enum lc_status sort_items(struct lc_sorter *sorter, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!sorter->is_irregular) {
        status = lc_row_ids_sort(&sorter->items, sorter->count, err);
        sorter->capacity = sorter->count + 1; /* lc_row_ids_sort made a new array */
    } else if (sorter->count) {
        qsort(sorter->items, sorter->count, sizeof(*sorter->items), lc_row_id_compare);
    }
    return status;
}

/* ---- the temporary file */

static enum lc_status write_items(const struct lc_sorter *sorter, uint64_t first,
                                  const struct lc_row_id *items, size_t count,
                                  struct lc_error *err)
{
    return lc_index_scratch_write(sorter->folder, sorter->fd, first * sizeof(*items),
                                  items, count * sizeof(*items), err);
}

static enum lc_status read_items(const struct lc_sorter *sorter, uint64_t first,
                                 struct lc_row_id *items, size_t count,
                                 struct lc_error *err)
{
    return lc_index_scratch_read(sorter->folder, sorter->fd, first * sizeof(*items),
                                 items, count * sizeof(*items), err);
}

/* Sort the items in memory and append them to the file as a run. */
static enum lc_status spill(struct lc_sorter *sorter, struct lc_error *err)
{
    enum lc_status status = sort_items(sorter, err);

    if (status == LC_OK && !sorter->spilled)
        status = lc_index_scratch(sorter->folder, &sorter->fd, err);
    if (status != LC_OK)
        return status;
    sorter->spilled = true;
    status = write_items(sorter, sorter->in_file, sorter->items, sorter->count, err);
    sorter->in_file += sorter->count;
    sorter->count = 0;
    return status;
}

enum lc_status lc_sorter_add(struct lc_sorter *sorter, const struct lc_row_id *item,
                             struct lc_error *err)
{
    struct lc_row_id *items;

    if (sorter->count == get_limit(sorter)) {
        enum lc_status status = spill(sorter, err);

        if (status != LC_OK)
            return status;
    }
    items =
        lc_array_grow(sorter->items, sorter->count, &sorter->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    sorter->items = items;
    items[sorter->count++] = *item;
    return LC_OK;
}

enum lc_status lc_sorter_add_numbers(struct lc_sorter *sorter, uint64_t first,
                                     uint64_t second, uint64_t third,
                                     struct lc_error *err)
{
    struct lc_row_id item = {.row = third};

    lc_put_u64(item.hash.bytes, first);
    lc_put_u64(item.hash.bytes + 8, second);
    return lc_sorter_add(sorter, &item, err);
}

/* ---- merging */

/* Read the next items of a run into its buffer; none at its end. */
static enum lc_status fill_run(const struct lc_sorter *sorter, struct lc_sorter_run *run,
                               size_t capacity, struct lc_error *err)
{
    enum lc_status status;

    run->at = 0;
    run->count =
        run->end - run->next < capacity ? (size_t)(run->end - run->next) : capacity;
    status = read_items(sorter, run->next, run->items, run->count, err);
    run->next += run->count;
    return status;
}

static const struct lc_row_id *next_item(const struct lc_sorter *sorter, size_t place)
{
    const struct lc_sorter_run *run = &sorter->runs[sorter->heap[place]];

    return &run->items[run->at];
}

/* Move a run down the heap until its next item is not greater than its children's. */
static void sink(struct lc_sorter *sorter, size_t place)
{
    size_t *heap = sorter->heap;

    for (;;) {
        size_t child = 2 * place + 1, run = heap[place];

        if (child + 1 < sorter->heap_count &&
            lc_row_id_compare(next_item(sorter, child + 1), next_item(sorter, child)) < 0)
            child++;
        if (child >= sorter->heap_count ||
            lc_row_id_compare(next_item(sorter, place), next_item(sorter, child)) <= 0)
            return;
        heap[place] = heap[child];
        heap[child] = run;
        place = child;
    }
}

static size_t read_ahead(const struct lc_sorter *sorter)
{
    size_t capacity = get_limit(sorter) / sorter->run_count;

    if (capacity > READ_AHEAD_MAX)
        return READ_AHEAD_MAX;
    return capacity > READ_AHEAD_MIN ? capacity : READ_AHEAD_MIN;
}

static enum lc_status begin_merge(struct lc_sorter *sorter, struct lc_error *err)
{
    size_t limit = get_limit(sorter), capacity;

    sorter->run_count = (size_t)((sorter->in_file + limit - 1) / limit);
    sorter->runs = calloc(sorter->run_count, sizeof(*sorter->runs));
    sorter->heap = calloc(sorter->run_count, sizeof(*sorter->heap));
    if (!sorter->runs || !sorter->heap)
        return lc_fail_memory(err);
    capacity = read_ahead(sorter);
    for (size_t i = 0; i < sorter->run_count; i++) {
        struct lc_sorter_run *run = &sorter->runs[i];
        enum lc_status status;

        run->next = (uint64_t)i * limit;
        run->end =
            run->next + limit < sorter->in_file ? run->next + limit : sorter->in_file;
        run->items = malloc(capacity * sizeof(*run->items));
        if (!run->items)
            return lc_fail_memory(err);
        status = fill_run(sorter, run, capacity, err);
        if (status != LC_OK)
            return status;
        sorter->heap[sorter->heap_count++] = i;
    }
    for (size_t i = sorter->heap_count / 2; i--;)
        sink(sorter, i);
    return LC_OK;
}

enum lc_status lc_sorter_sort(struct lc_sorter *sorter, struct lc_error *err)
{
    enum lc_status status;

    if (!sorter->spilled)
        return sort_items(sorter, err);
    status = spill(sorter, err);
    free(sorter->items);
    sorter->items = NULL;
    sorter->capacity = 0;
    return status == LC_OK ? begin_merge(sorter, err) : status;
}

static enum lc_status next_merged(struct lc_sorter *sorter, struct lc_row_id *out,
                                  struct lc_error *err)
{
    struct lc_sorter_run *run = &sorter->runs[sorter->heap[0]];
    enum lc_status status = LC_OK;

    *out = run->items[run->at++];
    if (run->at == run->count && run->next < run->end)
        status = fill_run(sorter, run, read_ahead(sorter), err);
    if (run->at == run->count)
        sorter->heap[0] = sorter->heap[--sorter->heap_count];
    if (status == LC_OK)
        sink(sorter, 0);
    return status;
}

enum lc_status lc_sorter_next(struct lc_sorter *sorter, struct lc_row_id *out, bool *more,
                              struct lc_error *err)
{
    if (sorter->spilled) {
        *more = sorter->heap_count > 0;
        return *more ? next_merged(sorter, out, err) : LC_OK;
    }
    *more = sorter->at < sorter->count;
    if (*more)
        *out = sorter->items[sorter->at++];
    return LC_OK;
}

void lc_sorter_clear(struct lc_sorter *sorter)
{
    if (!sorter)
        return;
    if (sorter->spilled)
        close(sorter->fd);
    for (size_t i = 0; sorter->runs && i < sorter->run_count; i++)
        free(sorter->runs[i].items);
    free(sorter->runs);
    free(sorter->heap);
    free(sorter->items);
    *sorter = (struct lc_sorter){.folder = sorter->folder, .limit = sorter->limit};
}
