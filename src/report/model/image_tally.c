#include "report/model/image_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copy a name. In a damaged index it may be anything, so special characters are
 * replaced. */
static void copy_name(struct lc_span name, char out[16])
{
    size_t size = name.size < 15 ? name.size : 15;

    for (size_t i = 0; i < size; i++) {
        char c = name.text[i];

        if (c <= ' ' || c > '~' || c == '"' || c == '\\')
            c = '?';
        out[i] = c;
    }
    out[size] = '\0';
}

static void count_kind(struct lc_tally_kinds *kinds, struct lc_span span, uint64_t bytes)
{
    char name[16];
    size_t i = 0;

    if (!span.size)
        return;
    copy_name(span, name);
    while (i < kinds->count && strcmp(kinds->items[i].name, name) != 0)
        i++;
    if (i == LC_TALLY_KINDS) /* only in a damaged index */
        i--;
    if (i == kinds->count) {
        memcpy(kinds->items[i].name, name, sizeof(name));
        kinds->count++;
    }
    kinds->items[i].images++;
    kinds->items[i].bytes += bytes;
}

static enum lc_status count_image(void *user, uint32_t number,
                                  const struct lc_image_record *image,
                                  struct lc_error *err)
{
    struct lc_image_tally *tally = user;
    char depth[4];

    (void)number;
    (void)err;
    if (image->state < LC_IMAGE_STATE_COUNT)
        tally->states[image->state]++;
    count_kind(&tally->formats, image->format, image->size);
    count_kind(&tally->modes, image->mode, image->size);
    if (image->depth) {
        int size = snprintf(depth, sizeof(depth), "%d", image->depth);

        count_kind(&tally->depths, (struct lc_span){depth, (size_t)size}, image->size);
    }
    if (image->width && image->height) {
        lc_histogram_add(&tally->widths, image->width);
        lc_histogram_add(&tally->heights, image->height);
        lc_histogram_add(&tally->pixels, (uint64_t)image->width * image->height);
    }
    tally->turned += image->orientation >= 2 && image->orientation <= 8;
    tally->animated += image->frames > 1;
    tally->trailing += image->trailing > 0;
    tally->blank += image->blank;
    return LC_OK;
}

static int most_first(const void *a, const void *b)
{
    const struct lc_tally_kind *x = a, *y = b;

    if (x->images != y->images)
        return x->images > y->images ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void sort(struct lc_tally_kinds *kinds)
{
    qsort(kinds->items, kinds->count, sizeof(kinds->items[0]), most_first);
}

enum lc_status lc_image_tally(const struct lc_index *index, struct lc_image_tally *out,
                              struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_image_tally){0};
    status = lc_index_each_image(index, count_image, out, err);
    sort(&out->formats);
    sort(&out->modes);
    sort(&out->depths);
    return status;
}
