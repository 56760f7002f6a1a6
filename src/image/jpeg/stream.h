/* stream.h - the entropy-coded bytes of a JPEG's scan, without their stuffing */
#ifndef LC_IMAGE_JPEG_STREAM_H
#define LC_IMAGE_JPEG_STREAM_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Unstuffed bytes; reused for every scan. */
struct lc_jpeg_buffer {
    uint8_t *bytes;
    size_t capacity; /* not counting the padding */
};

/** Position in a scan's bytes. */
struct lc_jpeg_source {
    const uint8_t *data; /* the file */
    size_t size;
    size_t at; /* the next byte to read; after a copy, the FF of a marker */
};

/**
 * Copy bytes up to the next marker or the end of the file, replacing FF 00 by FF.
 *
 * @param source  at is set to the marker, past its fill bytes, or to size
 * @param to      must have capacity for all remaining bytes of the source
 * @return bytes written
 *
 * Source: ITU-T T.81 B.1.1.5. FF before FF is a fill byte; libjpeg reads FF FF 00, which
 *         is neither data nor a marker, as FF 00: jdhuff.c, jpeg_fill_bit_buffer.
 */
size_t lc_jpeg_source_copy(struct lc_jpeg_source *source, uint8_t *to);

/**
 * Grow the buffer; its contents are lost.
 *
 * @param size  bytes; LC_JPEG_PADDING more are allocated and may be read
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_jpeg_buffer_reserve(struct lc_jpeg_buffer *buffer,
                                                    size_t size, struct lc_error *err);
void lc_jpeg_buffer_free(struct lc_jpeg_buffer *buffer);

#endif
