/* json_writer.h - writes JSON piece by piece, valid by construction
 *
 * The writer knows which objects and arrays are open and puts commas, colons, brackets
 * and line breaks itself, so that no caller writes punctuation. A call that would make
 * the text invalid (a value without a key in an object, two keys in a row) is a bug: an
 * assert. After an error, callers return without closing what they opened; lc_jw_finish
 * accepts that.
 *
 * A failed allocation is recorded in the lc_out.
 */
#ifndef LC_PRINT_JSON_WRITER_H
#define LC_PRINT_JSON_WRITER_H

#include "print/out.h"

/** Maximum number of objects and arrays that are open at once. */
#define LC_JW_DEPTH 16

/** How an object or array is laid out. */
enum lc_jw_layout {
    LC_JW_COMPACT,     /* {"a":1,"b":2} */
    LC_JW_SPACED,      /* {"a": 1, "b": 2} */
    LC_JW_PADDED,      /* { "a": 1, "b": 2 } */
    LC_JW_LINES,       /* one item per line: "a": 1 */
    LC_JW_DENSE_LINES, /* one item per line: "a":1 */
    LC_JW_HANGING,     /* the same, but the closing bracket follows the last item */
};

struct lc_jw_level {
    enum lc_jw_layout layout;
    bool is_object;
    bool any; /* it already has an item */
};

/** A writer; all other fields than out, indent and for_page are initially zero. */
struct lc_jw {
    struct lc_out *out;
    unsigned indent; /* columns per level in layouts with lines, up to 4 */
    bool for_page;   /* strings are for the script of an HTML page: lc_out_json_page */
    unsigned depth;  /* number of open objects and arrays */
    unsigned lines;  /* number of these that have one item per line */
    bool has_key;    /* a key was written, and the next call writes its value */
    struct lc_jw_level levels[LC_JW_DEPTH];
};

void lc_jw_object(struct lc_jw *jw, enum lc_jw_layout layout);
void lc_jw_array(struct lc_jw *jw, enum lc_jw_layout layout);

/** Close the innermost open object or array. */
void lc_jw_end(struct lc_jw *jw);

void lc_jw_key(struct lc_jw *jw, const char *key);

/** Write text from the data as a string; any bytes are safe. */
void lc_jw_text(struct lc_jw *jw, struct lc_span text);
/** Write bytes as a string from which they can be recovered; see lc_out_json_bytes. */
void lc_jw_bytes(struct lc_jw *jw, struct lc_span bytes);
/** Write a trusted text as a string. It is never truncated, not even in a page. */
void lc_jw_name(struct lc_jw *jw, const char *text);

void lc_jw_number(struct lc_jw *jw, uint64_t value);
void lc_jw_signed(struct lc_jw *jw, int64_t value);
/** Write a finite number with a fixed number of decimals. */
void lc_jw_decimal(struct lc_jw *jw, double value, int decimals);
void lc_jw_bool(struct lc_jw *jw, bool value);

/** Copy a value that is known to be valid JSON. */
void lc_jw_raw(struct lc_jw *jw, struct lc_span json);

/** Write a key and its value. */
void lc_jw_key_object(struct lc_jw *jw, const char *key, enum lc_jw_layout layout);
void lc_jw_key_array(struct lc_jw *jw, const char *key, enum lc_jw_layout layout);
void lc_jw_key_text(struct lc_jw *jw, const char *key, struct lc_span text);
void lc_jw_key_name(struct lc_jw *jw, const char *key, const char *text);
void lc_jw_key_number(struct lc_jw *jw, const char *key, uint64_t value);
void lc_jw_key_bool(struct lc_jw *jw, const char *key, bool value);

/** End the line after a complete value. Nothing may be open. */
void lc_jw_line(struct lc_jw *jw);

/** End the output like lc_out_end. If status is LC_OK, nothing may be open. Errors:
 * LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_jw_finish(struct lc_jw *jw, enum lc_status status,
                                          struct lc_error *err);

#endif
