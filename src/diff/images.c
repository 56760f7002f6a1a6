/* How images are paired
 *
 * By path: both indexes list paths in byte order, so one merge finds those on both sides.
 * They are unchanged if their bytes are equal or both failed to be read in the same way,
 * unknown if a run skipped one of them, and changed otherwise. A path on one side only
 * stays unmatched. Unmatched paths are then sorted by content and merged: equal bytes
 * mean that the file moved, and several files with equal bytes are paired one to one in
 * the order of their paths. The rest was removed or added.
 */
#include "diff/internal.h"

#include <stdlib.h>
#include <string.h>

/* The image paths of one version, in byte order. */
struct side {
    struct lc_stream *stream;
    bool has_image; /* the stream is not at its end */
    uint32_t number;
    struct lc_image_record image;
    struct lc_unmatched_list unmatched; /* paths on this side only */
};

struct images {
    struct side sides[2];
    struct lc_diff *diff;
};

static enum lc_status next_image(struct side *side, struct lc_error *err)
{
    return lc_stream_image(side->stream, &side->number, &side->image, &side->has_image,
                           err);
}

static bool was_read(const struct lc_hash *content)
{
    static const struct lc_hash none;

    return lc_hash_compare(content, &none) != 0;
}

static int compare_paths(const struct side *a, const struct side *b)
{
    if (!a->has_image || !b->has_image)
        return b->has_image - a->has_image;
    return lc_span_compare(a->image.path, b->image.path);
}

/* Compare the images of a path that is on both sides. */
static enum lc_status compare_images(struct images *images, struct lc_error *err)
{
    const struct side *a = &images->sides[0], *b = &images->sides[1];

    if (a->image.state == LC_IMAGE_SKIPPED || b->image.state == LC_IMAGE_SKIPPED) {
        images->diff->images_unknown++;
        return LC_OK;
    }
    if (lc_hash_compare(&a->image.content, &b->image.content) == 0 &&
        (was_read(&a->image.content) || a->image.state == b->image.state)) {
        images->diff->images_same++;
        return LC_OK;
    }
    return lc_diff_add(images->diff, LC_CHANGE_IMAGE_CHANGED, a->number, b->number, err);
}

static enum lc_status keep_unmatched(struct side *side, struct lc_error *err)
{
    return lc_unmatched_add(&side->unmatched, &side->image.content, side->number, err);
}

static enum lc_status compare_by_path(struct images *images, struct lc_error *err)
{
    struct side *a = &images->sides[0], *b = &images->sides[1];
    enum lc_status status = next_image(a, err);

    if (status == LC_OK)
        status = next_image(b, err);
    while (status == LC_OK && (a->has_image || b->has_image)) {
        int order = compare_paths(a, b);

        if (order == 0)
            status = compare_images(images, err);
        else
            status = keep_unmatched(order < 0 ? a : b, err);
        if (status == LC_OK && order <= 0)
            status = next_image(a, err);
        if (status == LC_OK && order >= 0)
            status = next_image(b, err);
    }
    return status;
}

static enum lc_status compare_by_content(struct images *images, struct lc_error *err)
{
    struct lc_unmatched_list *a = &images->sides[0].unmatched,
                             *b = &images->sides[1].unmatched;
    struct lc_diff *diff = images->diff;
    enum lc_status status = LC_OK;
    size_t i = 0, k = 0;

    lc_unmatched_sort(a);
    lc_unmatched_sort(b);
    while (status == LC_OK && (i < a->count || k < b->count)) {
        int order = lc_unmatched_compare(a, i, b, k);

        if (order == 0 && was_read(&a->items[i].content))
            status = lc_diff_add(diff, LC_CHANGE_IMAGE_MOVED, a->items[i++].order,
                                 b->items[k++].order, err);
        else if (order <= 0)
            status = lc_diff_add(diff, LC_CHANGE_IMAGE_REMOVED, a->items[i++].order,
                                 LC_DIFF_NOWHERE, err);
        else
            status = lc_diff_add(diff, LC_CHANGE_IMAGE_ADDED, LC_DIFF_NOWHERE,
                                 b->items[k++].order, err);
    }
    return status;
}

enum lc_status lc_diff_images(const struct lc_index *const indexes[2],
                              struct lc_diff *diff, struct lc_error *err)
{
    struct images images = {.diff = diff};
    enum lc_status status = LC_OK;

    for (int i = 0; i < 2 && status == LC_OK; i++)
        status =
            lc_stream_new(indexes[i], LC_STREAM_IMAGES, &images.sides[i].stream, err);
    if (status == LC_OK)
        status = compare_by_path(&images, err);
    if (status == LC_OK)
        status = compare_by_content(&images, err);
    for (int i = 0; i < 2; i++) {
        lc_stream_free(images.sides[i].stream);
        free(images.sides[i].unmatched.items);
    }
    return status;
}
