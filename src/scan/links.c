/* The links stage: image paths get their order, and rows and images know of each other.
 */
#include "scan/scan.h"

#include <stdlib.h>

/* By the number of a path as it came: its place in the sorted order. NULL without memory.
 */
static uint32_t *rank_paths(const struct lc_scan *scan)
{
    uint32_t *ranks = malloc((scan->paths.count + 1) * sizeof(*ranks));

    for (size_t i = 0; ranks && i < scan->paths.count; i++)
        ranks[scan->order[i]] = (uint32_t)i;
    return ranks;
}

/* Replace what rows name by image numbers, and store it row by row. */
static enum lc_status link_rows(struct lc_scan *scan, const uint32_t *ranks,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint32_t *named = scan->named;

    for (size_t i = 0; i < scan->named_count; i++)
        named[i] = ranks[named[i]];
    for (uint64_t row = 0; row < scan->summary.rows && status == LC_OK; row++) {
        if (scan->row_images[row])
            status = lc_index_add_row_images(scan->writer, row, named,
                                             scan->row_images[row], err);
        named += scan->row_images[row];
    }
    return status;
}

/* A counting sort of the pairs (image, row): rows stay in order, no pair stands twice. */
static enum lc_status sort_users(struct lc_scan *scan, struct lc_error *err)
{
    size_t images = scan->paths.count;
    uint64_t *first = calloc(images + 2, sizeof(*first));
    uint32_t *users = calloc(scan->named_count + 1, sizeof(*users));
    const uint32_t *named = scan->named;
    uint64_t kept = 0, begin = 0;

    scan->first_user = first;
    scan->users = users;
    if (!first || !users)
        return lc_fail_memory(err);
    lc_memory_use_large_pages(first, (images + 2) * sizeof(*first));
    lc_memory_use_large_pages(users, (scan->named_count + 1) * sizeof(*users));
    for (size_t i = 0; i < scan->named_count; i++)
        first[named[i] + 2]++;
    for (size_t i = 2; i < images + 2; i++)
        first[i] += first[i - 1];
    /* first[i + 1] is where image i begins; it moves to where it ends */
    for (uint64_t row = 0; row < scan->summary.rows; row++)
        for (uint32_t i = 0; i < scan->row_images[row]; i++)
            users[first[*named++ + 1]++] = (uint32_t)row;
    for (size_t i = 0; i < images; i++) {
        uint64_t end = first[i + 1];

        first[i] = kept;
        for (uint64_t k = begin; k < end; k++)
            if (kept == first[i] || users[kept - 1] != users[k])
                users[kept++] = users[k];
        begin = end;
    }
    first[images] = kept;
    return LC_OK;
}

static enum lc_status link_images(struct lc_scan *scan, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < scan->paths.count; i++)
        for (uint64_t k = scan->first_user[i];
             k < scan->first_user[i + 1] && status == LC_OK; k++)
            status = lc_index_add_image_row(scan->writer, i, scan->users[k], err);
    return status;
}

enum lc_status lc_scan_links(struct lc_scan *scan, struct lc_error *err)
{
    enum lc_status status = lc_paths_sort(&scan->paths, &scan->order, err);
    uint32_t *ranks;

    if (status != LC_OK)
        return status;
    ranks = rank_paths(scan);
    status = ranks ? link_rows(scan, ranks, err) : lc_fail_memory(err);
    free(ranks);
    if (status == LC_OK)
        status = sort_users(scan, err);
    if (status == LC_OK)
        status = link_images(scan, err);
    scan->summary.images_referenced = scan->paths.count;
    return status;
}

void lc_scan_forget_images(struct lc_scan *scan)
{
    lc_paths_clear(&scan->paths);
    free(scan->order);
    free(scan->first_user);
    free(scan->users);
    scan->order = NULL;
    scan->first_user = NULL;
    scan->users = NULL;
}
