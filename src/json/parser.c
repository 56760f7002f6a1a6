#include "json/parser.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool lc_json_nodes_grow(struct lc_json_nodes *nodes)
{
    struct lc_json_node *items =
        lc_array_grow(nodes->items, nodes->count, &nodes->capacity, sizeof(*items));

    if (!items)
        return false;
    nodes->items = items;
    return true;
}

enum lc_status lc_json_parser_new(struct lc_json_parser **out, struct lc_error *err)
{
    struct lc_json_parser *parser = calloc(1, sizeof(*parser));

    if (!parser)
        return lc_fail_memory(err);
    parser->fast = lc_simdjson_new();
    if (!parser->fast) {
        free(parser);
        return lc_fail_memory(err);
    }
    *out = parser;
    return LC_OK;
}

void lc_json_parser_free(struct lc_json_parser *parser)
{
    if (!parser)
        return;
    lc_simdjson_free(parser->fast);
    lc_buffer_clear(&parser->strings);
    free(parser->nodes.items);
    free(parser);
}

void lc_json_not_cut_off(struct lc_json_problem *problem, const char *text, size_t size)
{
    size_t bad = lc_text_invalid_utf8(text, size);

    problem->fault = LC_JSON_SYNTAX;
    if (bad < size)
        *problem = (struct lc_json_problem){LC_JSON_NOT_UTF8, (uint32_t)bad, "not UTF-8"};
}

enum lc_status lc_json_parse(struct lc_json_parser *parser, const char *text, size_t size,
                             struct lc_json_doc *doc, struct lc_json_problem *problem,
                             struct lc_error *err)
{
    assert(size <= LC_JSON_MAX_SIZE);
    switch (lc_simdjson_parse(parser->fast, text, size, &parser->nodes)) {
    case LC_FAST_READ:
        *problem = (struct lc_json_problem){.message = ""};
        *doc = (struct lc_json_doc){
            .nodes = parser->nodes.items,
            .count = (uint32_t)parser->nodes.count,
            .used = (uint32_t)size,
            .nan_offset = -1,
            .surrogate_offset = -1,
        };
        return LC_OK;
    case LC_FAST_REFUSED:
        return lc_json_parse_exact(parser, text, size, true, doc, problem, err);
    case LC_FAST_NO_MEMORY:
        break;
    }
    return lc_fail_memory(err);
}
