/* inspect.h - the verdict about an image in memory; experimental */
#ifndef LC_LLAVA_CHECK_INSPECT_H
#define LC_LLAVA_CHECK_INSPECT_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/images.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a check would find out about a file with these bytes. Texts are NULL if unknown,
 * and are valid until the next call of the inspector. */
struct lc_inspected {
    enum lc_image_state state;
    const char *format; /* detected from the bytes: "jpeg", "png", "html" … */
    const char *suffix; /* of files of this format: ".jpg"; NULL: it is not an image */
    const char *mode;   /* Pillow's Image.mode */
    uint32_t width;     /* pixels, before any rotation */
    uint32_t height;
    bool transparent;   /* at least one pixel is */
    const char *detail; /* the decoder's first warning or error, one line */
    struct lc_hash content;
};

/** Buffers and decoders. */
struct lc_inspector;

/**
 * Make an inspector.
 *
 * Owner:   the caller, lc_inspector_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one thread at a time; several inspectors are independent.
 */
LC_API enum lc_status lc_inspector_new(struct lc_inspector **out, struct lc_error *err);
LC_API void lc_inspector_free(struct lc_inspector *inspector); /* NULL-safe */

/**
 * Hash an image's bytes, and decode them as a check does.
 *
 * @param data  the whole file; may be NULL if size is 0
 * @param out   overwritten
 *
 * Errors:  LC_ERR_MEMORY. Faults of the image are in *out.
 * Threads: the inspector's.
 */
LC_API enum lc_status lc_inspect(struct lc_inspector *inspector, const void *data,
                                 size_t size, struct lc_inspected *out,
                                 struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif
