/* decode.h - decodes a picture onto a canvas, as far as possible; private to src/thumb
 *
 * The bytes are not trusted, and not judged here: src/image does that. */
#ifndef LC_THUMB_DECODE_H
#define LC_THUMB_DECODE_H

#include "base/error.h"
#include "image/image.h"
#include "thumb/canvas.h"

/** Maximum number of pixels of a decoded picture, and of bytes that its decoder may
 * use. */
#define LC_THUMB_PIXELS ((uint64_t)40000000)
#define LC_THUMB_MEMORY ((uint64_t)96000000)

/** Maximum number of bytes in a row of a picture. */
#define LC_THUMB_ROW ((size_t)8 << 20)

/** What to decode, and how. */
struct lc_painter {
    const uint8_t *data; /* the whole file */
    size_t size;
    /* true: decode as viewers show it, with transparency on white and 16 bits scaled to
     * 8. false: as Pillow's convert("RGB") does, with transparency dropped and 16-bit
     * gray clipped at 255 */
    bool seen;
    uint64_t budget; /* number of pixels that may still be decoded, counted for each scan;
                        decreased */
    struct lc_canvas *canvas;
    const char *why; /* why nothing was painted, static; NULL if something was */
};

/** Decode a file of one format: initialise and paint the canvas, or set why. Errors:
 * LC_ERR_MEMORY. */
typedef enum lc_status lc_paint_fn(struct lc_painter *painter, struct lc_error *err);

lc_paint_fn lc_paint_gif;
lc_paint_fn lc_paint_jpeg;
lc_paint_fn lc_paint_png;
lc_paint_fn lc_paint_webp;

/**
 * Decode a file. Its first bytes identify the format.
 *
 * @param painter  its why must be NULL; set if the format is not supported, a limit is
 *                 exceeded, or nothing can be decoded
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, each with its own painter.
 */
LC_MUST_CHECK enum lc_status lc_paint(struct lc_painter *painter, struct lc_error *err);

/** Initialise the canvas and charge the budget, if the picture is within limits and
 * budget; otherwise set why and return false. */
bool lc_paint_begin(struct lc_painter *painter, uint32_t width, uint32_t height);

#endif
