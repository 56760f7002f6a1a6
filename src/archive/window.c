/* window.c - stores the bytes before a point
 *
 * The windows of archives of photographs cannot be deflated. They are stored as they are,
 * which shows in their size. */
#include "archive/archive.h"

#include <string.h>

#include <libdeflate.h>

enum { LEVEL = 6 };

enum lc_status lc_archive_window_pack(const struct lc_archive_point *point,
                                      struct lc_buffer *out, struct lc_error *err)
{
    struct libdeflate_compressor *compressor;
    size_t size = point->window_size, packed;
    enum lc_status status = lc_buffer_reserve(out, size + 1, err);

    if (status != LC_OK || !size)
        return status;
    compressor = libdeflate_alloc_compressor(LEVEL);
    if (!compressor)
        return lc_fail_memory(err);
    packed = libdeflate_deflate_compress(compressor, point->window, size,
                                         out->data + out->size, size - 1);
    libdeflate_free_compressor(compressor);
    if (!packed) {
        memcpy(out->data + out->size, point->window, size);
        packed = size;
    }
    out->size += packed;
    return LC_OK;
}

bool lc_archive_window_unpack(struct lc_span bytes, struct lc_archive_point *point)
{
    struct libdeflate_decompressor *decompressor;
    enum libdeflate_result result;
    size_t size = point->window_size;

    if (size > LC_ARCHIVE_WINDOW || bytes.size > size)
        return false;
    if (bytes.size == size) {
        if (size)
            memcpy(point->window, bytes.text, size);
        return true;
    }
    decompressor = libdeflate_alloc_decompressor();
    if (!decompressor)
        return false;
    result = libdeflate_deflate_decompress(decompressor, bytes.text, bytes.size,
                                           point->window, size, NULL);
    libdeflate_free_decompressor(decompressor);
    return result == LIBDEFLATE_SUCCESS;
}
