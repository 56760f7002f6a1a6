/* sheet.h - records as JSON, JSON lines or CSV; private to src/query
 *
 * A table of fields describes the records: each field has a name and says where a record
 * has its value. The same table defines the fields of --where.
 */
#ifndef LC_QUERY_SHEET_H
#define LC_QUERY_SHEET_H

#include "base/hash.h"
#include "print/json_writer.h"

/** The type of a record's field. Absent values are omitted, or empty in CSV. */
enum lc_field_type {
    LC_FIELD_TEXT, /* struct lc_span from the data; absent if its text is NULL */
    LC_FIELD_NAME, /* const char *, our own text; absent if NULL */
    LC_FIELD_HASH, /* struct lc_hash; absent if all zero */
    LC_FIELD_BOOL,
    LC_FIELD_U8,
    LC_FIELD_U32,
    LC_FIELD_U64,
    LC_FIELD_I64,
    LC_FIELD_SIDE,  /* uint32_t; absent if 0 */
    LC_FIELD_PLACE, /* int64_t; absent if negative */
    LC_FIELD_LIST,  /* struct lc_texts; in CSV a JSON list */
    LC_FIELD_RANK,  /* uint8_t, only for conditions: the rank among names */
    LC_FIELD_ANY,   /* struct lc_texts, only for conditions: any of the texts */
};

struct lc_field {
    const char *name;
    enum lc_field_type type;
    size_t offset; /* in the record */
};

/** Texts that are members of consecutive structs in an array. */
struct lc_texts {
    const struct lc_span *first; /* of the first struct */
    size_t count;
    size_t stride; /* bytes from one struct to the next */
};

/** Return the text of a field of type TEXT, NAME or HASH; hex is a buffer for the latter.
 * The text is NULL if the value is absent. */
struct lc_span lc_field_text(const struct lc_field *field, const void *record,
                             char hex[33]);

/** Return the number of a field of type BOOL, U8, U32, U64, I64, SIDE, PLACE or RANK, or
 * the number of texts of a LIST. */
int64_t lc_field_number(const struct lc_field *field, const void *record);

/** Whether a record does not have the value. */
bool lc_field_is_absent(const struct lc_field *field, const void *record);

/** The output of records; the formats are named "json", "jsonl" and "csv". */
struct lc_sheet {
    struct lc_jw *json;
    const char *format;
    const struct lc_field *fields;
    size_t count;
    struct lc_buffer cell; /* a text being converted to CSV */
};

/** Whether a format is one of these. */
bool lc_sheet_has(const char *format);

void lc_sheet_begin(struct lc_sheet *sheet);
LC_MUST_CHECK enum lc_status lc_sheet_add(struct lc_sheet *sheet, const void *record,
                                          struct lc_error *err);

/** End the list, unless status is already an error, and free everything. Returns
 * status. */
LC_MUST_CHECK enum lc_status lc_sheet_end(struct lc_sheet *sheet, enum lc_status status);

/** Write a record's fields as members of the object that is open. */
void lc_sheet_members(struct lc_jw *json, const struct lc_field *fields, size_t count,
                      const void *record);

#endif
