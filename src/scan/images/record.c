#include "scan/images/record.h"

#include <string.h>

static enum lc_image_state get_state(const struct lc_image_facts *facts)
{
    static const enum lc_image_state decoded[] = {
        [LC_DECODE_OK] = LC_IMAGE_OK,
        [LC_DECODE_DAMAGED] = LC_IMAGE_DAMAGED,
        [LC_DECODE_TRUNCATED] = LC_IMAGE_TRUNCATED,
        [LC_DECODE_CORRUPT] = LC_IMAGE_CORRUPT,
    };

    if (!facts->opened)
        return LC_IMAGE_OUTSIDE;
    if (facts->result == LC_READ_MISSING)
        return LC_IMAGE_MISSING;
    if (facts->result != LC_READ_OK)
        return LC_IMAGE_UNREADABLE;
    if (facts->info.content < LC_CONTENT_JPEG ||
        facts->info.content > LC_CONTENT_OTHER_IMAGE)
        return LC_IMAGE_NOT_IMAGE;
    if (facts->info.decode != LC_DECODE_NONE)
        return decoded[facts->info.decode];
    return facts->info.limited ? LC_IMAGE_TOO_LARGE : LC_IMAGE_UNVERIFIED;
}

static struct lc_span make_span(const char *text)
{
    return (struct lc_span){text, text ? strlen(text) : 0};
}

struct lc_image_record lc_image_record_of(const struct lc_image_facts *facts,
                                          const struct lc_file_facts *file,
                                          const struct lc_hash *content)
{
    const struct lc_image_info *info = &facts->info;

    return (struct lc_image_record){
        .path = facts->path,
        .state = (uint8_t)get_state(facts),
        .size = file->size,
        .mtime_ns = file->mtime_ns,
        .ctime_ns = file->ctime_ns,
        .inode = file->inode,
        .device = file->device,
        .content = *content,
        .format = make_span(info->format),
        .mode = make_span(info->mode),
        .width = info->width,
        .height = info->height,
        .rows_decoded = info->rows_decoded,
        .warnings = info->warnings,
        .orientation = info->orientation,
        .depth = info->depth,
        .frames = info->frames,
        .trailing = info->trailing,
        .blank = info->blank,
        .transparent = info->transparent,
        .lenient = (uint8_t)info->lenient,
        .content_kind = (uint8_t)info->content,
        .metadata_too_large = info->metadata_too_large,
        .detail = make_span(info->detail),
    };
}

static const char *const results[] = {
    [LC_READ_OK] = "",
    [LC_READ_MISSING] = "missing",
    [LC_READ_NOT_REGULAR] = "not regular",
    [LC_READ_NOT_ALLOWED] = "not allowed",
    [LC_READ_FAILED] = "failed",
    [LC_READ_TOO_LARGE] = "too large",
    [LC_READ_CHANGED] = "changed",
};

struct lc_span lc_image_result_text(enum lc_read_result result, const char *why)
{
    return make_span(why ? why : results[result]);
}

enum lc_read_result lc_image_result_of(const struct lc_image_record *record)
{
    if (record->state != LC_IMAGE_UNREADABLE)
        return LC_READ_OK;
    for (size_t i = 1; i < sizeof(results) / sizeof(*results); i++)
        if (lc_span_is(record->detail, results[i]))
            return (enum lc_read_result)i;
    return LC_READ_FAILED;
}
