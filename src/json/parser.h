/* parser.h - what the two parsers of json.h share; private to src/json */
#ifndef LC_JSON_PARSER_H
#define LC_JSON_PARSER_H

#include "base/buffer.h"
#include "json/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many bytes of JSON white space a text begins with. */
static inline size_t lc_json_space(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
        at++;
    return at;
}

/** Nodes in document order, and the memory behind them. */
struct lc_json_nodes {
    struct lc_json_node *items;
    size_t count;
    size_t capacity;
};

/** Make room for more nodes. Returns false when out of memory. Moves the nodes. */
bool lc_json_nodes_grow(struct lc_json_nodes *nodes);

/** Add an empty node of a type and return it, or NULL when out of memory. Moves the
 * others. */
static inline struct lc_json_node *lc_json_nodes_add(struct lc_json_nodes *nodes,
                                                     enum lc_json_type type)
{
    struct lc_json_node *node;

    if (nodes->count == nodes->capacity && !lc_json_nodes_grow(nodes))
        return NULL;
    node = &nodes->items[nodes->count++];
    node->as.text = NULL;
    node->count = 0;
    node->next = (uint32_t)nodes->count;
    node->offset = 0;
    node->type = (uint8_t)type;
    node->decoded = 0;
    return node;
}

struct lc_simdjson; /* simdjson's parser, behind json.cpp */

struct lc_json_parser {
    struct lc_json_nodes nodes;
    struct lc_buffer strings; /* decoded strings of the exact parser */
    struct lc_simdjson *fast;
};

/** What simdjson said: only LC_FAST_READ and LC_FAST_REFUSED are about the text. */
enum lc_fast_result {
    LC_FAST_READ,
    LC_FAST_REFUSED, /* not RFC 8259, or beyond simdjson: the exact parser decides */
    LC_FAST_NO_MEMORY,
};

/** Make simdjson's parser; NULL when out of memory. */
struct lc_simdjson *lc_simdjson_new(void);
void lc_simdjson_free(struct lc_simdjson *fast);

/**
 * Parse with simdjson's DOM into nodes (without offsets).
 *
 * @param text   followed by LC_JSON_PADDING readable bytes
 * @param nodes  emptied, then filled; strings point into fast, until its next parse
 *
 * Threads: one fast parser per thread.
 * Source:  simdjson 3.0.1 doc/dom.md; depth limit LC_JSON_MAX_DEPTH.
 */
enum lc_fast_result lc_simdjson_parse(struct lc_simdjson *fast, const char *text,
                                      size_t size, struct lc_json_nodes *nodes);

#ifdef __cplusplus
}
#endif

#endif
