/* GIF, BMP and TIFF, with the checker's decoders: the pixels written are those that were
 * verified */
#include "image/bmp/bmp.h"
#include "image/gif/gif.h"
#include "image/image.h"
#include "image/tiff/tiff.h"
#include "transcode/picture.h"

static enum lc_status flatten(const struct lc_image_samples *samples,
                              struct lc_picture *out, struct lc_error *err)
{
    size_t pixels = (size_t)samples->width * samples->height;
    const uint8_t *from = samples->rgba;
    enum lc_status status;
    uint8_t *to;

    out->width = samples->width;
    out->height = samples->height;
    out->channels = 3;
    status = lc_picture_begin(out, err);
    if (status != LC_OK)
        return status;
    to = out->pixels;
    for (; pixels > 0; pixels--, from += 4)
        for (unsigned c = 0; c < 3; c++)
            *to++ = lc_on_white(from[c], from[3]);
    lc_picture_drop_colours(out);
    return LC_OK;
}

static enum lc_status read_samples(lc_image_samples_fn *read, const uint8_t *data,
                                   size_t size, uint32_t factor, struct lc_picture *out,
                                   struct lc_error *err)
{
    struct lc_image_samples samples = {0};
    struct lc_image_scratch *scratch = NULL;
    enum lc_status status =
        factor == 1 ? lc_image_scratch_new(&scratch, err) : lc_picture_fail(err);

    if (status == LC_OK)
        status = read(scratch, data, size, &samples, err);
    if (status == LC_OK)
        status = flatten(&samples, out, err);
    lc_image_samples_clear(&samples);
    lc_image_scratch_free(scratch);
    return status == LC_ERR_MEMORY || status == LC_OK ? status : lc_picture_fail(err);
}

enum lc_status lc_picture_read_gif(const uint8_t *data, size_t size, uint32_t factor,
                                   struct lc_picture *out, struct lc_error *err)
{
    return read_samples(lc_gif_read, data, size, factor, out, err);
}

enum lc_status lc_picture_read_bmp(const uint8_t *data, size_t size, uint32_t factor,
                                   struct lc_picture *out, struct lc_error *err)
{
    return read_samples(lc_bmp_read, data, size, factor, out, err);
}

enum lc_status lc_picture_read_tiff(const uint8_t *data, size_t size, uint32_t factor,
                                    struct lc_picture *out, struct lc_error *err)
{
    return read_samples(lc_tiff_read, data, size, factor, out, err);
}
