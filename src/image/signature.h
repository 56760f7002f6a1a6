/* signature.h - formats that are identified by fixed bytes at a fixed offset */
#ifndef LC_IMAGE_SIGNATURE_H
#define LC_IMAGE_SIGNATURE_H

#include "base/bytes.h"
#include "image/common/facts.h"

#include <string.h>

/** A format and the bytes that identify it. */
struct lc_signature {
    enum lc_content content;
    const char *format;
    size_t offset;
    const char *bytes;
    size_t size;
};

/** A row of a table of signatures; bytes is a string literal, and may contain NUL. */
#define LC_SIGNATURE(content, format, offset, bytes)                                     \
    {                                                                                    \
        LC_CONTENT_##content, format, offset, bytes, sizeof(bytes) - 1                   \
    }

/**
 * Find the first signature that matches a file.
 *
 * @param format  set if one matches
 * @return LC_CONTENT_UNKNOWN if none does
 */
static inline enum lc_content lc_signature_find(const struct lc_signature *signatures,
                                                size_t count, struct lc_bytes bytes,
                                                const char **format)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const struct lc_signature *s = &signatures[i];

        if (bytes.size >= s->offset + s->size &&
            memcmp(bytes.data + s->offset, s->bytes, s->size) == 0) {
            *format = s->format;
            return s->content;
        }
    }
    return LC_CONTENT_UNKNOWN;
}

#endif
