/* row.h - converts a row of one dialect to another; private to src/convert
 *
 * The content of a row is kept, and so are its other columns, in their positions. Texts
 * keep their JSON bytes. A row that the dialect cannot represent is refused, never
 * changed. */
#ifndef LC_CONVERT_ROW_H
#define LC_CONVERT_ROW_H

#include "base/buffer.h"
#include "dataset/dialect.h"
#include "index/format/records.h"

/** Why a row is refused; lc_refusal_text has the reasons as texts. */
enum lc_refusal {
    LC_REFUSAL_NONE,
    LC_REFUSAL_NOT_JSON,
    LC_REFUSAL_NOT_OBJECT,
    LC_REFUSAL_NO_TURNS,
    LC_REFUSAL_TURN,
    LC_REFUSAL_PAIR,
    LC_REFUSAL_TEXT,
    LC_REFUSAL_PART,
    LC_REFUSAL_ROLE,
    LC_REFUSAL_SYSTEM,
    LC_REFUSAL_SYSTEM_PLACE,
    LC_REFUSAL_SYSTEM_TWICE,
    LC_REFUSAL_TOOL_TURN,
    LC_REFUSAL_TOOLS,
    LC_REFUSAL_ORDER,
    LC_REFUSAL_TURN_MEMBER,
    LC_REFUSAL_HISTORY,
    LC_REFUSAL_PREFERENCE,
    LC_REFUSAL_MEDIUM,
    LC_REFUSAL_MEDIUM_FORM,
    LC_REFUSAL_MEDIUM_URL,
    LC_REFUSAL_MEDIUM_TWICE,
    LC_REFUSAL_INLINE,
    LC_REFUSAL_VIDEO_MARK,
    LC_REFUSAL_PLACES,
    LC_REFUSAL_SIZE,
    LC_REFUSAL_LITERAL,
    LC_REFUSAL_COLUMN,
    LC_REFUSAL_DIFFERS,
    LC_REFUSAL_COUNT
};

/** How texts are written, and where media files are named. */
enum lc_text_form {
    LC_TEXT_STRINGS, /* strings; columns name the files */
    LC_TEXT_PARTS,   /* lists of parts, with {"type": "image"} for a placeholder; columns
                      * name the files */
    LC_TEXT_NAMED,   /* lists of parts, which name the files */
    LC_TEXT_SIZED,   /* parts name the files with their sizes; placeholders in the texts
                      * mark their places */
};

/** The size of an image in pixels, before any rotation; zeros: unknown. */
struct lc_pixel_size {
    uint32_t width, height;
};

/** The sizes of those of a row's images that are paths, in order. */
struct lc_pixel_sizes {
    const struct lc_pixel_size *items;
    size_t count;
};

/** The result of converting a row. */
struct lc_converted {
    enum lc_refusal refusal; /* the reason, or LC_REFUSAL_NONE */
    struct lc_span subject;  /* the name in the row that the refusal is about, or empty;
                              * points into the row's text, valid until the next row */
    uint32_t columns;        /* of the converted row: a bit for each enum lc_column */
};

/** The reason as one line of static text. */
const char *lc_refusal_text(enum lc_refusal refusal);

/** Whether rows of a dialect can be converted, both from it and to it. */
bool lc_dialect_converts(const struct lc_dialect *dialect);

struct lc_converter; /* the memory of one thread */

/** Create a converter. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_converter_new(const struct lc_dialect *to,
                                              enum lc_text_form form,
                                              struct lc_converter **out,
                                              struct lc_error *err);
void lc_converter_free(struct lc_converter *converter); /* NULL-safe */

/**
 * Convert a row.
 *
 * @param from    the dialect of its file
 * @param record  the row's record in the index
 * @param sizes   only for LC_TEXT_SIZED
 * @param text    the row's bytes, followed by LC_JSON_PADDING readable bytes
 * @param out     the row is appended, on one line; undefined if it is refused
 * @param made    set to the result
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_convert_row(struct lc_converter *converter, const struct lc_dialect *from,
               const struct lc_row_record *record, struct lc_pixel_sizes sizes,
               struct lc_span text, struct lc_buffer *out, struct lc_converted *made,
               struct lc_error *err);

#endif
