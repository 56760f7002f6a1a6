#include "image/jpeg/stream.h"

#include <stdlib.h>
#include <string.h>

#include "image/jpeg/lanes.h"

size_t lc_jpeg_source_copy(struct lc_jpeg_source *source, uint8_t *to)
{
    const uint8_t *from = source->data + source->at;
    const uint8_t *end = source->data + source->size;
    uint8_t *begin = to;

    for (;;) {
        const uint8_t *marker = memchr(from, 0xFF, (size_t)(end - from));
        size_t run = (size_t)((marker ? marker : end) - from);

        memcpy(to, from, run);
        to += run;
        while (marker && end - marker >= 2 && marker[1] == 0xFF)
            marker++; /* a fill byte */
        if (!marker || end - marker < 2) {
            source->at = source->size;
            break;
        }
        if (marker[1] != 0) {
            source->at = (size_t)(marker - source->data);
            break;
        }
        *to++ = 0xFF;
        from = marker + 2;
    }
    return (size_t)(to - begin);
}

enum lc_status lc_jpeg_buffer_reserve(struct lc_jpeg_buffer *buffer, size_t size,
                                      struct lc_error *err)
{
    uint8_t *bytes;

    if (size <= buffer->capacity)
        return LC_OK;
    size += size / 4;
    bytes = calloc(size + LC_JPEG_PADDING, 1);
    if (!bytes)
        return lc_fail_memory(err);
    free(buffer->bytes);
    buffer->bytes = bytes;
    buffer->capacity = size;
    return LC_OK;
}

void lc_jpeg_buffer_free(struct lc_jpeg_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct lc_jpeg_buffer){NULL, 0};
}
