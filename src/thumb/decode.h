/* decode.h - paint a picture's pixels onto a canvas, as far as they decode; private to
 * src/thumb
 *
 * The bytes are a stranger's. Nothing here judges them: src/image does. */
#ifndef LC_THUMB_DECODE_H
#define LC_THUMB_DECODE_H

#include "base/error.h"
#include "image/image.h"
#include "thumb/canvas.h"

/** Pixels of a picture that is decoded, and memory in bytes that its decoder may take. */
#define LC_THUMB_PIXELS ((uint64_t)40000000)
#define LC_THUMB_MEMORY ((uint64_t)96000000)

/** Bytes of a row of a picture at most. */
#define LC_THUMB_ROW ((size_t)8 << 20)

/** What is painted, and how. */
struct lc_painter {
    const uint8_t *data; /* the whole file */
    size_t size;
    /* as viewers show it: transparency on white, 16 bits as 8. Else as convert("RGB") of
     * Pillow makes it: transparency dropped, gray of 16 bits cut off at 255 */
    bool seen;
    uint64_t budget; /* pixels that may be decoded, those of each scan; lowered */
    struct lc_canvas *canvas;
    const char *why; /* why nothing was painted, static; NULL: something was */
};

/** Paint a file of one format: canvas is begun and painted, or why is set. Errors:
 * LC_ERR_MEMORY. */
typedef enum lc_status lc_paint_fn(struct lc_painter *painter, struct lc_error *err);

lc_paint_fn lc_paint_gif;
lc_paint_fn lc_paint_jpeg;
lc_paint_fn lc_paint_png;
lc_paint_fn lc_paint_webp;

/**
 * Paint a file, whatever it is: what it is is told by its first bytes.
 *
 * @param painter  its why is NULL; set when it is of another format, or larger than the
 *                 limits, or when nothing of it decodes
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with a painter of its own.
 */
LC_MUST_CHECK enum lc_status lc_paint(struct lc_painter *painter, struct lc_error *err);

/** Begin the canvas, if the picture is within the limits and the budget, which it is
 * taken from; else false, and why is set. */
bool lc_paint_begin(struct lc_painter *painter, uint32_t width, uint32_t height);

#endif
