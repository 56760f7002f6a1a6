/* members.h - the members of a JSON object, and the raw bytes of values; private to
 * src/convert */
#ifndef LC_CONVERT_MEMBERS_H
#define LC_CONVERT_MEMBERS_H

#include "base/buffer.h"
#include "json/json.h"

/** A member of an object: indices on the tape. */
struct lc_member {
    uint32_t key;
    uint32_t value;
};

/** Members of objects, one object after the other. All zero is an empty list. */
struct lc_members {
    struct lc_member *items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* private: a table of the object's members by key */
    size_t slot_count;
};

void lc_members_clear(struct lc_members *members);

/**
 * Append the members of an object, in their order. Of equal keys, the last value counts,
 * in the position of the first key, as in Python.
 *
 * @param doc  its text must be set, which the parser does only for an exact doc
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_members_add(struct lc_members *members,
                                            const struct lc_json_doc *doc,
                                            uint32_t object, struct lc_error *err);

/** The bytes of a value in the doc's text. */
struct lc_span lc_raw_value(const struct lc_json_doc *doc, uint32_t at);

/** The bytes of a string in the doc's text, without its quotes. */
struct lc_span lc_raw_string(const struct lc_json_doc *doc, uint32_t at);

/**
 * Find a text in the body of a JSON string, where its characters may be escaped: Go and
 * .NET write '<' as \\u003c.
 *
 * @param text  ASCII without control characters, quotes and backslashes; empty: nothing
 * is found
 *
 * @return the first occurrence as it is written; size 0 if there is none
 */
struct lc_span lc_raw_find(struct lc_span body, struct lc_span text);

/** Append the bytes of a value on one line. Line ends and the white space around them are
 * left out; they are never inside a string. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_raw_add(struct lc_buffer *out, struct lc_span raw,
                                        struct lc_error *err);

#endif
