/* stream.h - the entropy-coded bytes of a JPEG's scan, without their stuffing */
#ifndef LC_IMAGE_JPEG_STREAM_H
#define LC_IMAGE_JPEG_STREAM_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Unstuffed bytes; used again for the next scan. */
struct lc_jpeg_buffer {
    uint8_t *bytes;
    size_t room; /* the padding not counted */
};

/** A scan's bytes on their way. */
struct lc_jpeg_source {
    const uint8_t *data; /* the file */
    size_t size;
    size_t at; /* the next byte; at a marker's FF after a stretch */
};

/**
 * Copy bytes up to the next marker or the end of the file, FF 00 as FF.
 *
 * @param source  at is set on the marker, behind its fill bytes, or to the size
 * @param to      as much room as the source has bytes left
 * @return how many bytes were written
 *
 * Source: ITU-T T.81 B.1.1.5. FF before FF is a fill byte; libjpeg takes FF FF 00, which
 *         is neither data nor a marker, for FF 00: jdhuff.c, jpeg_fill_bit_buffer.
 */
size_t lc_jpeg_source_copy(struct lc_jpeg_source *source, uint8_t *to);

/**
 * Make room.
 *
 * @param size  bytes; LC_JPEG_PADDING more are made, and readable
 *
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_jpeg_buffer_reserve(struct lc_jpeg_buffer *buffer,
                                                    size_t size, struct lc_error *err);
void lc_jpeg_buffer_free(struct lc_jpeg_buffer *buffer);

#endif
