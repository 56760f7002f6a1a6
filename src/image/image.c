#include "image/image.h"

#include "image/bmp/bmp.h"
#include "image/common/decoder.h"
#include "image/gif/gif.h"
#include "image/jpeg/fast.h"
#include "image/jpeg/jpeg.h"
#include "image/msp/msp.h"
#include "image/outline/outline.h"
#include "image/pcx/pcx.h"
#include "image/png/png.h"
#include "image/pnm/pnm.h"
#include "image/qoi/qoi.h"
#include "image/sgi/sgi.h"
#include "image/sniff.h"
#include "image/tga/tga.h"
#include "image/tiff/tiff.h"
#include "image/webp/webp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const jpeg_suffixes[] = {".jpg", ".jpeg", ".jpe", ".jfif", NULL};
static const char *const png_suffixes[] = {".png", ".apng", NULL};
static const char *const webp_suffixes[] = {".webp", NULL};
static const char *const gif_suffixes[] = {".gif", NULL};
static const char *const bmp_suffixes[] = {".bmp", ".dib", NULL};
static const char *const tiff_suffixes[] = {".tif", ".tiff", NULL};

/* A format that can be decoded: one folder, and one row of the table. */
struct format {
    const char *name; /* "jpeg" */
    enum lc_content content;
    const char *const *suffixes; /* ".jpg", ".jpeg", NULL; lower case */
    lc_image_inspect_fn *inspect;
    bool hides_memory_errors; /* its library reports a failed allocation as bad data */
};

static const struct format formats[] = {
    {"jpeg", LC_CONTENT_JPEG, jpeg_suffixes, lc_jpeg_inspect, false},
    {"png", LC_CONTENT_PNG, png_suffixes, lc_png_inspect, false},
    {"webp", LC_CONTENT_WEBP, webp_suffixes, lc_webp_inspect, true},
    {"gif", LC_CONTENT_GIF, gif_suffixes, lc_gif_inspect, false},
    {"bmp", LC_CONTENT_BMP, bmp_suffixes, lc_bmp_inspect, false},
    {"tiff", LC_CONTENT_TIFF, tiff_suffixes, lc_tiff_inspect, true},
};

/* Images of content OTHER_IMAGE that are decoded nevertheless; found by name. */
static const struct format others[] = {
    {"msp", LC_CONTENT_OTHER_IMAGE, NULL, lc_msp_inspect, false},
    {"pcx", LC_CONTENT_OTHER_IMAGE, NULL, lc_pcx_inspect, false},
    {"pnm", LC_CONTENT_OTHER_IMAGE, NULL, lc_pnm_inspect, false},
    {"qoi", LC_CONTENT_OTHER_IMAGE, NULL, lc_qoi_inspect, false},
    {"sgi", LC_CONTENT_OTHER_IMAGE, NULL, lc_sgi_inspect, false},
    {"tga", LC_CONTENT_OTHER_IMAGE, NULL, lc_tga_inspect, false},
};

/* For all other images, only the outline is inspected. */
static const struct format outline = {"", LC_CONTENT_OTHER_IMAGE, NULL,
                                      lc_outline_inspect, false};

enum {
    FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]),
    OTHER_COUNT = sizeof(others) / sizeof(others[0]),
};

/* Find the decoder for a format; NULL if there is none. */
static const struct format *find_format(enum lc_content content, const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].content == content)
            return &formats[i];
    for (size_t i = 0; i < OTHER_COUNT; i++)
        if (others[i].content == content && strcmp(others[i].name, name) == 0)
            return &others[i];
    return content == outline.content ? &outline : NULL;
}

enum lc_status lc_image_scratch_new(struct lc_image_scratch **out, struct lc_error *err)
{
    struct lc_image_scratch *scratch = malloc(sizeof(*scratch));
    enum lc_status status;

    if (!scratch)
        return lc_fail_memory(err);
    memset(&scratch->stream, 0, sizeof(scratch->stream));
    scratch->jpeg = NULL;
    scratch->buffer = NULL;
    scratch->buffer_size = 0;
    scratch->inflater.fixed = false;
    if (inflateInit(&scratch->stream) != Z_OK) {
        free(scratch);
        return lc_fail_memory(err);
    }
    status = lc_jpeg_prover_new(&scratch->jpeg, err);
    if (status != LC_OK) {
        lc_image_scratch_free(scratch);
        return status;
    }
    *out = scratch;
    return LC_OK;
}

void lc_image_scratch_free(struct lc_image_scratch *scratch)
{
    if (!scratch)
        return;
    inflateEnd(&scratch->stream);
    lc_jpeg_prover_free(scratch->jpeg);
    free(scratch->buffer);
    free(scratch);
}

void lc_image_scratch_trim(struct lc_image_scratch *scratch)
{
    lc_jpeg_prover_trim(scratch->jpeg);
    free(scratch->buffer);
    scratch->buffer = NULL;
    scratch->buffer_size = 0;
}

/* How much memory must be available to believe a refusal: 4 bytes per pixel, up to this
 * many pixels, plus whatever else libraries allocate. */
#define PROBE_PIXELS ((uint64_t)64 << 20)
#define PROBE_BYTES ((uint64_t)1 << 20)

static bool can_allocate(const struct lc_image_info *info)
{
    uint64_t pixels = (uint64_t)info->width * info->height;
    void *probe = malloc(
        (size_t)(PROBE_BYTES + 4 * (pixels < PROBE_PIXELS ? pixels : PROBE_PIXELS)));
    bool allocated = probe != NULL;

    free(probe);
    return allocated;
}

/*
 * Some libraries report a failed allocation as bad data. That would be a wrong verdict,
 * and it would be kept for later runs. So if such a library does not load a file, check
 * that memory is available, and use the verdict of a second attempt.
 */
static enum lc_status inspect(const struct format *format,
                              struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *info, struct lc_error *err)
{
    const struct lc_image_info before = *info;
    enum lc_status status = format->inspect(scratch, data, size, limits, info, err);

    if (status != LC_OK || !format->hides_memory_errors || info->decode == LC_DECODE_OK)
        return status;
    if (!can_allocate(info))
        return lc_fail_memory(err);
    *info = before;
    return format->inspect(scratch, data, size, limits, info, err);
}

enum lc_status lc_image_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                                size_t size, const struct lc_image_limits *limits,
                                struct lc_image_info *out, struct lc_error *err)
{
    struct lc_image_info info = {0};
    const struct format *format;

    assert(scratch && limits && out && (data || size == 0));
    info.content = lc_image_sniff(data, size, &info.format);
    format = find_format(info.content, info.format);
    if (format) {
        enum lc_status status = inspect(format, scratch, data, size, limits, &info, err);

        if (status != LC_OK)
            return status;
    }
    *out = info;
    return LC_OK;
}

enum lc_content lc_image_content_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash + 1 : path, '.');
    const char *const *suffix;
    size_t i;

    if (!dot)
        return LC_CONTENT_UNKNOWN;
    for (i = 0; i < FORMAT_COUNT; i++) {
        for (suffix = formats[i].suffixes; *suffix; suffix++) {
            if (strcasecmp(dot, *suffix) == 0)
                return formats[i].content;
        }
    }
    return LC_CONTENT_UNKNOWN;
}

const char *lc_image_suffix_of(enum lc_content content)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i].content == content)
            return formats[i].suffixes[0];
    return NULL;
}
