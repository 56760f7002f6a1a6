/* values.h - values of Arrow arrays, and their text as Python's json writes it; private
 * to src/import
 *
 * An array's layout is trusted, like any pointer from a caller: its offsets are not
 * checked. Its texts are not trusted, as they come from the data. Indexes are logical; an
 * array's own offset is added here. */
#ifndef LC_IMPORT_VALUES_H
#define LC_IMPORT_VALUES_H

#include "base/buffer.h"
#include "base/error.h"
#include "llava_check/arrow.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

/** A value: its array, and its index in it. */
struct lc_value {
    const struct ArrowSchema *type;
    const struct ArrowArray *array;
    int64_t index;
};

/** Whether all values of a type can be rendered: texts, integers, booleans and nulls, and
 * lists and structs of these. */
bool lc_value_can_render(const struct ArrowSchema *type);

bool lc_value_is_null(const struct lc_value *value);

/** Whether the values of a type are texts or binary. */
bool lc_value_is_text(const struct ArrowSchema *type);
bool lc_value_is_binary(const struct ArrowSchema *type);

/** The bytes of a text or binary value. */
struct lc_span lc_value_bytes(const struct lc_value *value);

/** The value of a boolean. */
bool lc_value_bool(const struct lc_value *value);

/** Return the number of items of a list; *first is set to the first one. */
int64_t lc_value_items(const struct lc_value *value, struct lc_value *first);

/** Set *out to the struct's field with this name; returns false if it has none. */
bool lc_value_field(const struct lc_value *value, const char *name, struct lc_value *out);

/** Append a value in the form of json.dumps(value, ensure_ascii=False). Errors:
 * LC_ERR_USAGE (a text is not UTF-8), LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_value_render(const struct lc_value *value,
                                             struct lc_buffer *out, struct lc_error *err);

/** Append a text as a JSON string. Errors as above. */
LC_MUST_CHECK enum lc_status
lc_value_render_text(struct lc_span text, struct lc_buffer *out, struct lc_error *err);

#endif
