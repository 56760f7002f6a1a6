/* Sample, parts and shuffle
 *
 * All three use hashes, so that the result depends only on the data and the seed:
 *
 *   sample   the rows with the smallest hashes of "SEED:ROW"
 *   shuffle  rows in the order of the hashes of "SEED:ROW"
 *   parts    the hash of "SEED:KEY" as a fraction of 2^128, compared with the shares
 *
 * ROW is the row's number in the data set. KEY, in hexadecimal digits, is a hash for the
 * pictures that the row shows. Rows that show the same picture must be in the same part,
 * and a row may show several: so rows and pictures form groups, which are computed by a
 * union-find over the images. The key of a group is the smallest hash of its pictures. A
 * picture is hashed by its bytes, if they are known, so that copies with different names
 * count as one picture. */
#include "clean/state.h"

#include "scan/common/sorter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

static struct lc_hash hash_row(uint64_t seed, uint64_t row)
{
    char text[48];
    int size = snprintf(text, sizeof(text), "%" PRIu64 ":%" PRIu64, seed, row);

    return lc_hash_bytes(text, (size_t)size);
}

/* The hash of a key, as a fraction with 53 bits, the precision of a double. */
static double place_key(uint64_t seed, const struct lc_hash *key)
{
    char text[64], hex[33];
    struct lc_hash hash;
    int size;

    lc_hash_hex(key, hex);
    size = snprintf(text, sizeof(text), "%" PRIu64 ":%s", seed, hex);
    hash = lc_hash_bytes(text, (size_t)size);
    return (double)(lc_get_u64(hash.bytes) >> 11) / (double)((uint64_t)1 << 53);
}

/* The part for a key. Whatever rounding leaves over belongs to the last part. */
static uint8_t part_of(const struct lc_clean *clean, const struct lc_hash *key)
{
    double place = place_key(clean->options.seed, key), end = 0;
    size_t last = clean->options.part_count - 1;

    for (size_t i = 0; i < last; i++) {
        end += clean->options.parts[i].share;
        if (place < end)
            return (uint8_t)i;
    }
    return (uint8_t)last;
}

/* ---- sample ---- */

static enum lc_status pick_sample(struct lc_clean *clean, struct lc_error *err)
{
    struct lc_sorter sorter = {.is_irregular = false};
    uint64_t picked = 0;
    bool more = true;
    enum lc_status status = LC_OK;

    for (uint64_t row = 0; row < clean->rows && status == LC_OK; row++) {
        const struct lc_row_id item = {hash_row(clean->options.seed, row), row};

        if (clean->parts[row] != LC_ROW_DROPPED)
            status = lc_sorter_add(&sorter, &item, err);
    }
    if (status == LC_OK)
        status = lc_sorter_sort(&sorter, err);
    while (status == LC_OK && more) {
        struct lc_row_id item;

        status = lc_sorter_next(&sorter, &item, &more, err);
        if (status == LC_OK && more && picked++ >= clean->options.sample)
            clean->parts[item.row] = LC_ROW_LEFT;
    }
    lc_sorter_clear(&sorter);
    return status;
}

/* ---- parts ---- */

/* Groups of images that must be in the same part. */
struct groups {
    struct lc_clean *clean;
    uint64_t count;    /* of images */
    uint32_t *parents; /* by image: its parent; the root of a group is its own parent */
    struct lc_hash *keys; /* by image: its own key; then, for a group's root, the smallest
                           * key of the group */
    struct lc_hash last;  /* content of the previous image */
    uint32_t last_image;
};

static enum lc_status fail_damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such image");
}

static uint32_t find_root(struct groups *groups, uint32_t image)
{
    uint32_t *parents = groups->parents;

    while (parents[image] != image) {
        parents[image] = parents[parents[image]];
        image = parents[image];
    }
    return image;
}

static void join(struct groups *groups, uint32_t a, uint32_t b)
{
    uint32_t x = find_root(groups, a), y = find_root(groups, b);

    if (x == y)
        return;
    groups->parents[y] = x;
    if (lc_hash_compare(&groups->keys[y], &groups->keys[x]) < 0)
        groups->keys[x] = groups->keys[y];
}

static enum lc_status set_key(void *user, uint32_t number,
                              const struct lc_image_record *image, struct lc_error *err)
{
    static const struct lc_hash none;
    struct groups *groups = user;

    if (number >= groups->count)
        return fail_damaged(err);
    groups->parents[number] = number;
    groups->keys[number] = lc_hash_compare(&image->content, &none)
                               ? image->content
                               : lc_hash_bytes(image->path.text, image->path.size);
    return LC_OK;
}

static enum lc_status join_content(void *user, const struct lc_hash *content,
                                   uint32_t image, struct lc_error *err)
{
    struct groups *groups = user;

    if (image >= groups->count)
        return fail_damaged(err);
    if (groups->last_image != UINT32_MAX && lc_hash_compare(content, &groups->last) == 0)
        join(groups, groups->last_image, image);
    groups->last = *content;
    groups->last_image = image;
    return LC_OK;
}

static bool is_picked(const struct lc_clean *clean, uint64_t row)
{
    return row < clean->rows && clean->parts[row] != LC_ROW_DROPPED &&
           clean->parts[row] != LC_ROW_LEFT;
}

static enum lc_status join_row(void *user, uint64_t number,
                               const struct lc_row_record *row, struct lc_span images,
                               struct lc_error *err)
{
    const uint8_t *numbers = (const uint8_t *)images.text;
    struct groups *groups = user;

    (void)row;
    for (size_t i = 0; i + 4 <= images.size && is_picked(groups->clean, number); i += 4) {
        if (lc_get_u32(numbers + i) >= groups->count)
            return fail_damaged(err);
        join(groups, lc_get_u32(numbers), lc_get_u32(numbers + i));
    }
    return LC_OK;
}

static enum lc_status place_row(void *user, uint64_t number,
                                const struct lc_row_record *row, struct lc_span images,
                                struct lc_error *err)
{
    struct groups *groups = user;
    struct lc_clean *clean = groups->clean;
    struct lc_hash key = row->content;

    (void)err;
    if (!is_picked(clean, number))
        return LC_OK;
    if (images.size)
        key = groups->keys[find_root(groups, lc_get_u32((const uint8_t *)images.text))];
    else if (row->id.size)
        key = lc_hash_bytes(row->id.text, row->id.size);
    clean->parts[number] = part_of(clean, &key);
    return LC_OK;
}

static enum lc_status pick_parts(struct lc_clean *clean, struct lc_error *err)
{
    uint64_t images = lc_index_summary(clean->index)->images_referenced;
    struct groups groups = {.clean = clean, .count = images, .last_image = UINT32_MAX};
    enum lc_status status = LC_OK;

    groups.parents = calloc(images + 1, sizeof(*groups.parents));
    groups.keys = calloc(images + 1, sizeof(*groups.keys));
    if (!groups.parents || !groups.keys)
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = lc_index_each_image(clean->index, set_key, &groups, err);
    if (status == LC_OK)
        status = lc_index_each_content(clean->index, join_content, &groups, err);
    if (status == LC_OK)
        status = lc_index_each_row(clean->index, join_row, &groups, err);
    if (status == LC_OK)
        status = lc_index_each_row(clean->index, place_row, &groups, err);
    free(groups.parents);
    free(groups.keys);
    return status;
}

enum lc_status lc_clean_pick(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint64_t row = 0; row < clean->rows; row++)
        if (clean->parts[row] != LC_ROW_DROPPED)
            clean->parts[row] = 0;
    if (clean->options.sample)
        status = pick_sample(clean, err);
    if (status == LC_OK && clean->options.part_count)
        status = pick_parts(clean, err);
    return status;
}

/* ---- shuffle ---- */

struct shuffle {
    uint64_t seed;
    struct lc_sorter sorter;
};

static enum lc_status add_row(void *user, uint64_t result, uint64_t row,
                              struct lc_error *err)
{
    struct shuffle *shuffle = user;
    const struct lc_row_id item = {hash_row(shuffle->seed, row), row};

    (void)result;
    return lc_sorter_add(&shuffle->sorter, &item, err);
}

static enum lc_status shuffle_output(struct lc_clean *clean,
                                     const struct lc_clean_output *output,
                                     uint32_t *order, struct lc_error *err)
{
    struct shuffle shuffle = {.seed = clean->options.shuffle_seed};
    uint64_t at = output->first_row;
    bool more = true;
    enum lc_status status = lc_clean_each_row(clean, output, add_row, &shuffle, err);

    if (status == LC_OK)
        status = lc_sorter_sort(&shuffle.sorter, err);
    while (status == LC_OK && more) {
        struct lc_row_id item;

        status = lc_sorter_next(&shuffle.sorter, &item, &more, err);
        if (status == LC_OK && more)
            order[at++] = (uint32_t)item.row;
    }
    lc_sorter_clear(&shuffle.sorter);
    return status;
}

enum lc_status lc_clean_shuffle(struct lc_clean *clean, struct lc_error *err)
{
    uint32_t *order;
    enum lc_status status = LC_OK;

    free(clean->order);
    clean->order = NULL; /* meanwhile, the rows are in the order of the data set */
    if (clean->rows > UINT32_MAX)
        return lc_fail(err, LC_ERR_USAGE, 0, "too many rows to shuffle");
    order = calloc(clean->written + 1, sizeof(*order));
    if (!order)
        return lc_fail_memory(err);
    for (size_t i = 0; i < clean->output_count && status == LC_OK; i++)
        status = shuffle_output(clean, &clean->outputs[i], order, err);
    clean->order = order;
    return status;
}
