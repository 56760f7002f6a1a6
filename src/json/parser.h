/* parser.h - what the two parsers of json.h share; private to src/json */
#ifndef LC_JSON_PARSER_H
#define LC_JSON_PARSER_H

#include "base/buffer.h"
#include "json/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The number of bytes of JSON white space that a text begins with. */
static inline size_t lc_json_space(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
        at++;
    return at;
}

/** Bytes of a byte order mark in UTF-8. */
#define LC_JSON_BOM_SIZE 3

/** Whether a text begins with a byte order mark. */
static inline bool lc_json_has_bom(const char *text, size_t size)
{
    return size >= LC_JSON_BOM_SIZE &&
           memcmp(text, "\xEF\xBB\xBF", LC_JSON_BOM_SIZE) == 0;
}

/** The tape of the exact parser: words, and for each of them an offset in the text. */
struct lc_json_tape {
    uint64_t *words;
    size_t count;
    size_t capacity;
    uint32_t *offsets;
    size_t offsets_capacity;
};

/** Reserve offsets for a number of words. Returns false when out of memory. */
bool lc_json_tape_reserve_offsets(struct lc_json_tape *tape, size_t count);

/** Add a word. Returns false when out of memory. */
bool lc_json_tape_add(struct lc_json_tape *tape, uint64_t word, uint32_t offset);

struct lc_simdjson; /* simdjson's parser: see json.cpp */

struct lc_json_parser {
    struct lc_json_tape tape; /* of the exact parser */
    struct lc_buffer strings; /* decoded by it: size in 4 bytes, text, NUL */
    struct lc_simdjson *fast;
};

/** The result of simdjson. */
enum lc_fast_result {
    LC_FAST_READ,
    LC_FAST_REFUSED, /* not RFC 8259, or over a limit: the exact parser decides */
    LC_FAST_NO_MEMORY,
};

/** Make simdjson's parser; NULL when out of memory. */
struct lc_simdjson *lc_simdjson_new(void);
void lc_simdjson_free(struct lc_simdjson *fast);

/**
 * Parse with simdjson's DOM.
 *
 * @param text  followed by LC_JSON_PADDING readable bytes
 * @param doc   its tape and strings are set on LC_FAST_READ; they belong to fast and are
 *              valid until its next parse
 *
 * Threads: one fast parser per thread.
 * Source:  simdjson 3.0.1 doc/dom.md; depth limit LC_JSON_MAX_DEPTH.
 */
enum lc_fast_result lc_simdjson_parse(struct lc_simdjson *fast, const char *text,
                                      size_t size, struct lc_json_doc *doc);

/**
 * Find the offsets in the text of the words of the last parse's tape.
 *
 * @param offsets  set, by index in the tape; has space for all of its words
 */
void lc_simdjson_locate(const struct lc_simdjson *fast, const char *text,
                        uint32_t *offsets);

/** The number of words of the last parse's tape. */
size_t lc_simdjson_words(const struct lc_simdjson *fast);

#ifdef __cplusplus
}
#endif

#endif
