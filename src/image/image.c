#include "image/common/internal.h"
#include "image/jpeg/fast.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct lc_image_limits lc_image_limits_default = {
    .max_pixels = UINT64_C(178956970),
    .max_memory = UINT64_C(700000000),
    .max_warnings = 1000000,
    .max_scans = 500,
    .max_scan_pixels = UINT64_C(178956970) * 20,
    .max_stream = UINT64_C(512) << 20,
};

static const char *const jpeg_suffixes[] = {".jpg", ".jpeg", ".jpe", ".jfif", NULL};
static const char *const png_suffixes[] = {".png", ".apng", NULL};
static const char *const webp_suffixes[] = {".webp", NULL};
static const char *const gif_suffixes[] = {".gif", NULL};
static const char *const bmp_suffixes[] = {".bmp", ".dib", NULL};
static const char *const tiff_suffixes[] = {".tif", ".tiff", NULL};

/* inspect is NULL for what can be told but not decoded. */
static const struct lc_image_format formats[] = {
    {"jpeg", LC_CONTENT_JPEG, jpeg_suffixes, lc_jpeg_inspect, false},
    {"png", LC_CONTENT_PNG, png_suffixes, lc_png_inspect, false},
    {"webp", LC_CONTENT_WEBP, webp_suffixes, lc_webp_inspect, true},
    {"gif", LC_CONTENT_GIF, gif_suffixes, lc_gif_inspect, false},
    {"bmp", LC_CONTENT_BMP, bmp_suffixes, lc_bmp_inspect, false},
    {"tiff", LC_CONTENT_TIFF, tiff_suffixes, lc_tiff_inspect, true},
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

static void write_detail(struct lc_image_info *info, const char *format, va_list args)
{
    char *p;

    vsnprintf(info->detail, sizeof(info->detail), format, args);
    for (p = info->detail; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
}

void lc_image_judge(struct lc_image_info *info, enum lc_decode decode, const char *format,
                    ...)
{
    va_list args;

    info->decode = decode;
    va_start(args, format);
    write_detail(info, format, args);
    va_end(args);
}

void lc_image_warn(struct lc_image_info *info, const char *format, ...)
{
    va_list args;

    if (info->warnings < UINT32_MAX)
        info->warnings++;
    if (info->warnings > 1)
        return;
    va_start(args, format);
    write_detail(info, format, args);
    va_end(args);
}

void lc_image_accept(struct lc_image_info *info)
{
    info->decode = info->warnings > 0 ? LC_DECODE_DAMAGED : LC_DECODE_OK;
}

bool lc_image_over_limit(struct lc_image_info *info, const struct lc_image_limits *limits)
{
    uint64_t pixels = (uint64_t)info->width * info->height;

    if (pixels <= limits->max_pixels)
        return false;
    lc_image_judge(info, LC_DECODE_NONE, "%llu pixels, more than %llu",
                   (unsigned long long)pixels, (unsigned long long)limits->max_pixels);
    info->limited = true;
    return true;
}

enum lc_status lc_image_scratch_new(struct lc_image_scratch **out, struct lc_error *err)
{
    struct lc_image_scratch *scratch = malloc(sizeof(*scratch));
    enum lc_status status;

    if (!scratch)
        return lc_fail_memory(err);
    memset(&scratch->stream, 0, sizeof(scratch->stream));
    scratch->jpeg = NULL;
    scratch->room = NULL;
    scratch->room_size = 0;
    scratch->inflater.fixed = false;
    if (inflateInit(&scratch->stream) != Z_OK) {
        free(scratch);
        return lc_fail_memory(err);
    }
    status = lc_jpeg_prover_new(&scratch->jpeg, err);
    if (status == LC_OK)
        *out = scratch;
    else
        lc_image_scratch_free(scratch);
    return status;
}

void lc_image_scratch_free(struct lc_image_scratch *scratch)
{
    if (!scratch)
        return;
    inflateEnd(&scratch->stream);
    lc_jpeg_prover_free(scratch->jpeg);
    free(scratch->room);
    free(scratch);
}

bool lc_image_reserve(struct lc_image_scratch *scratch, size_t size)
{
    if (size <= scratch->room_size)
        return true;
    free(scratch->room); /* nothing in it is needed */
    scratch->room = malloc(size);
    scratch->room_size = scratch->room ? size : 0;
    return scratch->room != NULL;
}

void lc_image_scratch_trim(struct lc_image_scratch *scratch)
{
    lc_jpeg_prover_trim(scratch->jpeg);
    free(scratch->room);
    scratch->room = NULL;
    scratch->room_size = 0;
}

/* Bytes that must be there to believe a library which refuses a picture: its pixels, and
 * what libraries take beside them. */
#define PROOF_PIXELS ((uint64_t)64 << 20)
#define PROOF_BYTES ((uint64_t)1 << 20)

static bool memory_is_there(const struct lc_image_info *info)
{
    uint64_t pixels = (uint64_t)info->width * info->height;
    void *proof = malloc(
        (size_t)(PROOF_BYTES + 4 * (pixels < PROOF_PIXELS ? pixels : PROOF_PIXELS)));
    bool there = proof != NULL;

    free(proof);
    return there;
}

/* What a library refuses that may have lacked memory is looked at again: that is no fault
 * of the file, and a verdict is kept for the next runs. */
static enum lc_status inspect(const struct lc_image_format *format,
                              struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *info, struct lc_error *err)
{
    const struct lc_image_info before = *info;
    enum lc_status status = format->inspect(scratch, data, size, limits, info, err);

    if (status != LC_OK || !format->mute || info->decode == LC_DECODE_OK)
        return status;
    if (!memory_is_there(info))
        return lc_fail_memory(err);
    *info = before;
    return format->inspect(scratch, data, size, limits, info, err);
}

enum lc_status lc_image_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                                size_t size, const struct lc_image_limits *limits,
                                struct lc_image_info *out, struct lc_error *err)
{
    struct lc_image_info info = {0};
    enum lc_status status = LC_OK;
    size_t i;

    assert(scratch && limits && out && (data || size == 0));
    info.content = lc_image_sniff(data, size, &info.format);
    for (i = 0; i < FORMAT_COUNT; i++) {
        if (formats[i].content == info.content && formats[i].inspect)
            status = inspect(&formats[i], scratch, data, size, limits, &info, err);
    }
    if (status == LC_OK)
        *out = info;
    return status;
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
