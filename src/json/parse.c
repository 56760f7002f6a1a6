#include "json/parser.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Find the offsets of the values read by simdjson. */
static enum lc_status locate(struct lc_json_parser *parser, struct lc_json_doc *doc,
                             const char *text, struct lc_error *err)
{
    if (!lc_json_tape_reserve_offsets(&parser->tape, lc_simdjson_words(parser->fast)))
        return lc_fail_memory(err);
    lc_simdjson_locate(parser->fast, text, parser->tape.offsets);
    doc->offsets = parser->tape.offsets;
    doc->text = text;
    return LC_OK;
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
    free(parser->tape.words);
    free(parser->tape.offsets);
    free(parser);
}

void lc_json_reclassify_cut_off(struct lc_json_problem *problem, const char *text,
                                size_t size)
{
    size_t bad = lc_text_invalid_utf8(text, size);

    problem->fault = LC_JSON_SYNTAX;
    if (bad < size)
        *problem = (struct lc_json_problem){
            .fault = LC_JSON_NOT_UTF8, .offset = (uint32_t)bad, .message = "not UTF-8"};
}

enum lc_status lc_json_parse(struct lc_json_parser *parser, const char *text, size_t size,
                             struct lc_json_doc *doc, struct lc_json_problem *problem,
                             struct lc_error *err)
{
    assert(size <= LC_JSON_MAX_SIZE);
    *doc = (struct lc_json_doc){
        .used = (uint32_t)size,
        .nan_offset = -1,
        .surrogate_offset = -1,
    };
    switch (lc_simdjson_parse(parser->fast, text, size, doc)) {
    case LC_FAST_READ:
        *problem = (struct lc_json_problem){.message = ""};
        return locate(parser, doc, text, err);
    case LC_FAST_REFUSED:
        return lc_json_parse_exact(parser, text, size, true, doc, problem, err);
    case LC_FAST_NO_MEMORY:
        break;
    }
    return lc_fail_memory(err);
}
