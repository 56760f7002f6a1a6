#include "image/common/decoder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const struct lc_image_limits lc_image_limits_default = {
    .max_pixels = UINT64_C(178956970),
    .max_memory = UINT64_C(700000000),
    .max_warnings = 1000000,
    .max_scans = 500,
    .max_scan_pixels = UINT64_C(178956970) * 20,
    .max_stream = UINT64_C(512) << 20,
};

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

void lc_image_cut_off(struct lc_image_info *info, uint64_t rows)
{
    info->rows_decoded = (uint32_t)rows;
    lc_image_judge(info, LC_DECODE_TRUNCATED, "%u of %u rows decoded", (unsigned)rows,
                   (unsigned)info->height);
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

bool lc_image_reserve(struct lc_image_scratch *scratch, size_t size)
{
    if (size <= scratch->buffer_size)
        return true;
    free(scratch->buffer); /* not realloc: no need to copy the contents */
    scratch->buffer = malloc(size);
    scratch->buffer_size = scratch->buffer ? size : 0;
    return scratch->buffer != NULL;
}
