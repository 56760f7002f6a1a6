#include "image/common/samples.h"

#include "image/common/facts.h"

#include <stdlib.h>

enum lc_status lc_image_samples_begin(struct lc_image_samples *samples,
                                      struct lc_error *err)
{
    uint64_t pixels = (uint64_t)samples->width * samples->height;

    if (!pixels || pixels > lc_image_limits_default.max_pixels)
        return lc_fail(err, LC_ERR_USAGE, 0, "the picture is empty or too large");
    samples->rgba = calloc(pixels, 4);
    return samples->rgba ? LC_OK : lc_fail_memory(err);
}

void lc_image_samples_clear(struct lc_image_samples *samples)
{
    free(samples->rgba);
    *samples = (struct lc_image_samples){0};
}
