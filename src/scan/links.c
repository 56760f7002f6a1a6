#include "scan/links.h"

#include <stdlib.h>

/* By path number: its position in the sorted order. NULL when allocation failed. */
static uint32_t *rank_paths(const struct lc_links *links)
{
    size_t count = lc_links_images(links);
    uint32_t *ranks = malloc((count + 1) * sizeof(*ranks));

    for (size_t i = 0; ranks && i < count; i++)
        ranks[links->order[i]] = (uint32_t)i;
    return ranks;
}

/* Replace the image numbers that the rows have. */
static void renumber(struct lc_rows *rows, const uint32_t *numbers)
{
    for (size_t i = 0; i < rows->named_count; i++)
        rows->named[i] = numbers[rows->named[i]];
}

/* Store the images of each row. */
static enum lc_status link_rows(struct lc_run *run, const struct lc_rows *rows,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    const uint32_t *named = rows->named;

    for (uint64_t row = 0; row < rows->count && status == LC_OK; row++) {
        if (rows->image_counts[row])
            status = lc_index_add_row_images(run->writer, row, named,
                                             rows->image_counts[row], err);
        named += rows->image_counts[row];
    }
    return status;
}

/* Turn the images of each row into the rows of each image: a counting sort of the pairs
 * (image, row), linear in their number.
 *
 * First, first[i + 2] counts the pairs of image i, and the running sums make first[i + 1]
 * the position where image i begins. Then every pair, in the order of rows, is put at
 * that position, which advances; in the end it is the end of image i. Finally a row that
 * names an image twice is reduced to one entry: its pairs are adjacent. */
static enum lc_status sort_users(const struct lc_rows *rows, struct lc_links *out,
                                 struct lc_error *err)
{
    size_t images = rows->paths.count;
    uint64_t *first = calloc(images + 2, sizeof(*first));
    uint32_t *users = calloc(rows->named_count + 1, sizeof(*users));
    const uint32_t *named = rows->named;
    uint64_t kept = 0, begin = 0;

    out->first_user = first;
    out->users = users;
    if (!first || !users)
        return lc_fail_memory(err);
    lc_memory_use_large_pages(first, (images + 2) * sizeof(*first));
    lc_memory_use_large_pages(users, (rows->named_count + 1) * sizeof(*users));
    for (size_t i = 0; i < rows->named_count; i++)
        first[named[i] + 2]++;
    for (size_t i = 2; i < images + 2; i++)
        first[i] += first[i - 1];
    /* first[i + 1]: the start of image i, which advances to its end */
    for (uint64_t row = 0; row < rows->count; row++)
        for (uint32_t i = 0; i < rows->image_counts[row]; i++)
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

static enum lc_status link_images(struct lc_run *run, const struct lc_links *links,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < lc_links_images(links); i++)
        for (uint64_t k = links->first_user[i];
             k < links->first_user[i + 1] && status == LC_OK; k++)
            status = lc_index_add_image_row(run->writer, i, links->users[k], err);
    return status;
}

enum lc_status lc_links_build(struct lc_rows *rows, struct lc_links *out,
                              struct lc_error *err)
{
    uint32_t *ranks;
    enum lc_status status;

    out->paths = &rows->paths;
    out->count = rows->paths.count;
    out->row_count = rows->count;
    status = lc_paths_sort(&rows->paths, &out->order, err);
    if (status != LC_OK)
        return status;
    ranks = rank_paths(out);
    if (!ranks)
        return lc_fail_memory(err);
    renumber(rows, ranks);
    free(ranks);
    return sort_users(rows, out, err);
}

void lc_links_keep(struct lc_links *links, struct lc_rows *rows, uint32_t *numbers,
                   const bool *keep)
{
    uint32_t kept = 0;

    for (size_t i = 0; i < links->count; i++) {
        numbers[i] = LC_NOT_KEPT;
        if (!keep[i])
            continue;
        links->order[kept] = links->order[i];
        links->first_user[kept] = links->first_user[i];
        numbers[i] = kept++;
    }
    links->first_user[kept] = links->first_user[links->count];
    links->count = kept;
    renumber(rows, numbers);
}

enum lc_status lc_links_store(struct lc_run *run, const struct lc_rows *rows,
                              const struct lc_links *links, struct lc_error *err)
{
    enum lc_status status = link_rows(run, rows, err);

    run->summary.images_referenced = links->count;
    return status == LC_OK ? link_images(run, links, err) : status;
}
