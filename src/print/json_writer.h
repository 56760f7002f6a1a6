/* json_writer.h - writes JSON piece by piece; what it writes is valid by construction
 *
 * The writer knows which objects and arrays are open and puts commas, colons, brackets
 * and line breaks itself, so that no caller writes punctuation. A call that would make
 * the text invalid (a value without a key in an object, two keys in a row) is a bug: an
 * assert. After an error, callers return without closing what they opened; lc_jw_finish
 * accepts that.
 *
 * Memory that cannot be allocated is remembered by the lc_out.
 */
#ifndef LC_PRINT_JSON_WRITER_H
#define LC_PRINT_JSON_WRITER_H

#include "print/out.h"

/** Objects and arrays that may be open at once. */
#define LC_JW_DEPTH 16

/** How an object or array is laid out. */
enum lc_jw_layout {
    LC_JW_COMPACT,     /* {"a":1,"b":2} */
    LC_JW_SPACED,      /* {"a": 1, "b": 2} */
    LC_JW_PADDED,      /* { "a": 1, "b": 2 } */
    LC_JW_LINES,       /* one item per line: "a": 1 */
    LC_JW_DENSE_LINES, /* one item per line: "a":1 */
    LC_JW_HANGING,     /* the same, with the closing bracket after the last item */
};

struct lc_jw_level {
    enum lc_jw_layout layout;
    bool is_object;
    bool any; /* it has an item already */
};

/** A writer: zeroed, but for out, indent and for_page. */
struct lc_jw {
    struct lc_out *out;
    unsigned indent; /* columns per level of lines, up to 4 */
    bool for_page;   /* strings are for the script of an HTML page: lc_out_json_page */
    unsigned depth;  /* open objects and arrays */
    unsigned lines;  /* those of them that have an item per line */
    bool has_key;    /* the next call gives the value of a key */
    struct lc_jw_level levels[LC_JW_DEPTH];
};

void lc_jw_object(struct lc_jw *jw, enum lc_jw_layout layout);
void lc_jw_array(struct lc_jw *jw, enum lc_jw_layout layout);

/** Close the innermost open object or array. */
void lc_jw_end(struct lc_jw *jw);

void lc_jw_key(struct lc_jw *jw, const char *key);

/** Write a foreign text as a string: any bytes are safe. */
void lc_jw_text(struct lc_jw *jw, struct lc_span text);
/** Write foreign bytes as a string that can be turned back into them: see
 * lc_out_json_bytes. */
void lc_jw_bytes(struct lc_jw *jw, struct lc_span bytes);
/** Write a trusted text as a string, never truncated, not even in a page. */
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

/** End the line after a complete value. Nothing is open. */
void lc_jw_line(struct lc_jw *jw);

/** End the output as lc_out_end does. If status is LC_OK, nothing is open. Errors:
 * LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_jw_finish(struct lc_jw *jw, enum lc_status status,
                                          struct lc_error *err);

#endif
