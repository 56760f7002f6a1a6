#include "transcode/picture.h"

#include "image/common/facts.h"

#include <stdlib.h>

enum lc_status lc_picture_fail(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_USAGE, 0, "the image cannot be rewritten");
}

enum lc_status lc_picture_begin(struct lc_picture *picture, struct lc_error *err)
{
    uint64_t pixels = (uint64_t)picture->width * picture->height;

    if (!pixels || pixels > lc_image_limits_default.max_pixels)
        return lc_picture_fail(err);
    picture->pixels = calloc(pixels, picture->channels);
    return picture->pixels ? LC_OK : lc_fail_memory(err);
}

void lc_picture_drop_colours(struct lc_picture *picture)
{
    const size_t pixels = (size_t)picture->width * picture->height;
    const uint8_t *p = picture->pixels;

    for (size_t i = 0; i < pixels; i++)
        if (p[3 * i] != p[3 * i + 1] || p[3 * i] != p[3 * i + 2])
            return;
    for (size_t i = 0; i < pixels; i++)
        picture->pixels[i] = p[3 * i];
    picture->channels = 1;
}

void lc_picture_clear(struct lc_picture *picture)
{
    free(picture->pixels);
    *picture = (struct lc_picture){0};
}
