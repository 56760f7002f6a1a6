/* parser.h - shared by the two parsers of json.h; private to src/json */
#ifndef LC_JSON_PARSER_H
#define LC_JSON_PARSER_H

#include "base/buffer.h"
#include "json/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Count the bytes of JSON white space at the beginning of a text. */
static inline size_t lc_json_space(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
        at++;
    return at;
}

/** Size of a byte order mark in UTF-8. */
#define LC_JSON_BOM_SIZE 3

/** Whether a text begins with a byte order mark. */
static inline bool lc_json_has_bom(const char *text, size_t size)
{
    return size >= LC_JSON_BOM_SIZE &&
           memcmp(text, "\xEF\xBB\xBF", LC_JSON_BOM_SIZE) == 0;
}

/** The exact parser's tape: words, and for each of them an offset in the text. */
struct lc_json_tape {
    uint64_t *words;
    size_t count;
    size_t capacity;
    uint32_t *offsets;
    size_t offsets_capacity;
};

/** Reserve offsets for `count` words. Returns false if out of memory. */
bool lc_json_tape_reserve_offsets(struct lc_json_tape *tape, size_t count);

/** Add a word. Returns false if out of memory. */
bool lc_json_tape_add(struct lc_json_tape *tape, uint64_t word, uint32_t offset);

struct lc_simdjson; /* simdjson's parser; see json.cpp */

struct lc_json_parser {
    struct lc_json_tape tape; /* written by the exact parser */
    struct lc_buffer strings; /* strings that it decoded: size in 4 bytes, text, NUL */
    struct lc_simdjson *fast;
};

/** Result of parsing with simdjson. */
enum lc_fast_result {
    LC_FAST_READ,
    LC_FAST_REFUSED, /* not RFC 8259, or a limit is exceeded: the exact parser decides */
    LC_FAST_NO_MEMORY,
};

/** Make simdjson's parser; NULL if out of memory. */
struct lc_simdjson *lc_simdjson_new(void);
void lc_simdjson_free(struct lc_simdjson *fast);

/**
 * Parse with simdjson's DOM.
 *
 * @param text  followed by LC_JSON_PADDING readable bytes
 * @param doc   its tape and strings are set if the result is LC_FAST_READ; they belong to
 *              fast and are valid until its next parse
 *
 * Threads: one fast parser per thread.
 * Source:  simdjson 3.0.1 doc/dom.md; its depth limit is set to LC_JSON_MAX_DEPTH.
 */
enum lc_fast_result lc_simdjson_parse(struct lc_simdjson *fast, const char *text,
                                      size_t size, struct lc_json_doc *doc);

/**
 * Find the text offsets of all words on the last parse's tape.
 *
 * @param offsets  set, by tape index; has capacity for all words of the tape
 */
void lc_simdjson_locate(const struct lc_simdjson *fast, const char *text,
                        uint32_t *offsets);

/** Return the number of words on the last parse's tape. */
size_t lc_simdjson_words(const struct lc_simdjson *fast);

#ifdef __cplusplus
}
#endif

#endif
