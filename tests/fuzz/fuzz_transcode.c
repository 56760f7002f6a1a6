/* fuzz_transcode.c - what must be true when a picture of any bytes is rewritten
 *
 * If the checker finds the picture sound, the rewritten one is sound, too, and has the
 * same number of pixels, one frame, no rotation, no transparency, and 8 bits. Other
 * pictures are rewritten or refused.
 */
#include "target.h"

#include <stdlib.h>

#include "image/image.h"
#include "transcode/transcode.h"

/* Larger pictures take time, but behave like small ones. */
enum { MAX_PIXELS = 2000000, MAX_SCANS = 60 };

static struct lc_image_info inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                                    size_t size)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_info info;

    limits.max_pixels = MAX_PIXELS;
    limits.max_scans = MAX_SCANS;
    must(lc_image_inspect(scratch, data, size, &limits, &info, NULL) == LC_OK);
    return info;
}

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

static void check(struct lc_image_scratch *scratch, const struct lc_image_info *was,
                  const struct lc_buffer *made)
{
    struct lc_image_info now = inspect(scratch, (const uint8_t *)made->data, made->size);
    bool turned = was->orientation >= 5 && was->orientation <= 8;

    bool stays = was->content == LC_CONTENT_JPEG || was->content == LC_CONTENT_WEBP;

    must(now.content == (stays ? was->content : LC_CONTENT_PNG) &&
         now.decode == LC_DECODE_OK && !now.warnings);
    must(now.width == (turned ? was->height : was->width));
    must(now.height == (turned ? was->width : was->height));
    must(now.frames <= 1 && now.orientation <= 1 && !now.transparent && now.depth <= 8);
}

void lc_fuzz_transcode(const uint8_t *data, size_t size)
{
    static struct lc_image_scratch *scratch;
    struct lc_image_info info;
    struct lc_buffer made = {0};
    struct lc_error err = {0};
    enum lc_status status;
    uint8_t *bytes;

    if (!scratch && lc_image_scratch_new(&scratch, NULL) != LC_OK)
        return;
    bytes = (uint8_t *)lc_fuzz_bare(data, size);
    info = inspect(scratch, bytes, size);
    if (!info.limited && (uint64_t)info.width * info.height <= MAX_PIXELS &&
        lc_transcode_can(info.content, span_of(info.mode), info.depth, info.width,
                         info.height)) {
        status =
            lc_transcode(bytes, size, info.content, info.orientation, 1, &made, &err);
        must(status == LC_OK || status == LC_ERR_USAGE);
        if (status != LC_OK)
            lc_fuzz_check_error(status, &err);
        else if (info.decode == LC_DECODE_OK && !info.warnings)
            check(scratch, &info, &made);
        status = lc_transcode(bytes, size, info.content, info.orientation,
                              (uint32_t)(2 + size % 5), &made, &err);
        must(status == LC_OK || status == LC_ERR_USAGE);
    }
    lc_buffer_clear(&made);
    free(bytes);
}
