/* The exact parser: accepts exactly what Python's json accepts, and reports problems at
 * the same offset as Python.
 *
 * It reads whatever simdjson refuses, which is either wrong or valid only to Python (NaN,
 * lone surrogates, huge integers), and finds the ends of rows for the splitter. One pass
 * in document order, without recursion: open containers are on a stack of
 * LC_JSON_MAX_DEPTH entries, so nesting cannot exhaust the C stack. The checks come in
 * the same order as in CPython's scanner, since the first of several problems decides the
 * message.
 *
 * It writes simdjson's tape (json.h), plus an offset for each word. Strings without
 * escapes are not copied: their words point into the text. If skip is set, nothing is
 * written. Cost: four times that of simdjson for rows like LLaVA-NeXT's; most rows never
 * get here. */
#include "json/exact.h"

#include <assert.h>
#include <string.h>

bool lc_reader_refuse(struct lc_reader *r, enum lc_json_fault fault, size_t offset,
                      const char *message)
{
    r->problem = (struct lc_json_problem){
        .fault = fault, .offset = (uint32_t)offset, .message = message};
    return false;
}

/* Refuse the text at the current place; it is cut off if it ends here. */
static bool refuse_here(struct lc_reader *r, const char *message)
{
    return lc_reader_refuse(r, r->at == r->size ? LC_JSON_CUT_OFF : LC_JSON_SYNTAX, r->at,
                            message);
}

bool lc_reader_no_memory(struct lc_reader *r)
{
    r->status = LC_ERR_MEMORY;
    return false;
}

static void skip_space(struct lc_reader *r)
{
    r->at += lc_json_space(r->text + r->at, r->size - r->at);
}

bool lc_reader_put(struct lc_reader *r, int letter, uint64_t payload, size_t offset)
{
    uint64_t word = (uint64_t)letter << LC_JSON_LETTER_SHIFT | payload;

    if (!r->skip && !lc_json_tape_add(&r->parser->tape, word, (uint32_t)offset))
        return lc_reader_no_memory(r);
    return true;
}

bool lc_reader_put2(struct lc_reader *r, int letter, uint64_t payload, uint64_t second,
                    size_t offset)
{
    if (!lc_reader_put(r, letter, payload, offset))
        return false;
    if (!r->skip && !lc_json_tape_add(&r->parser->tape, second, (uint32_t)offset))
        return lc_reader_no_memory(r);
    return true;
}

/* Read a key and its colon; the key must begin at r->at. */
static bool read_key(struct lc_reader *r)
{
    if (r->at == r->size || r->text[r->at] != '"')
        return refuse_here(r, "expecting a property name in double quotes");
    if (!lc_reader_string(r))
        return false;
    skip_space(r);
    if (r->at == r->size || r->text[r->at] != ':')
        return refuse_here(r, "expecting ':' delimiter");
    r->at++;
    return true;
}

/* Close the innermost container and skip its bracket. */
static bool close_container(struct lc_reader *r)
{
    struct lc_json_tape *tape = &r->parser->tape;
    bool object = r->object[--r->depth];

    if (!lc_reader_put(r, object ? '}' : ']', r->open[r->depth], r->at++))
        return false;
    if (!r->skip)
        tape->words[r->open[r->depth]] |= tape->count;
    return true;
}

/* Open a container; *empty is set if it was closed at once. */
static bool open_container(struct lc_reader *r, bool *empty)
{
    bool object = r->text[r->at] == '{';

    if (r->depth == LC_JSON_MAX_DEPTH)
        return lc_reader_refuse(r, LC_JSON_TOO_DEEP, r->at,
                                "nested more than 1,024 levels deep");
    r->open[r->depth] = (uint32_t)r->parser->tape.count;
    r->object[r->depth++] = object;
    if (!lc_reader_put(r, object ? LC_JSON_OBJECT : LC_JSON_ARRAY, 0, r->at))
        return false;
    r->at++;
    skip_space(r);
    *empty = r->at < r->size && r->text[r->at] == (object ? '}' : ']');
    if (*empty)
        return close_container(r);
    return !object || read_key(r);
}

/* Read one value; *opened is set if it is a container whose first value comes next. */
static bool read_value(struct lc_reader *r, bool *opened)
{
    bool empty;
    char c;

    *opened = false;
    skip_space(r);
    if (r->at == r->size)
        return refuse_here(r, "expecting value");
    c = r->text[r->at];
    if (c == '"')
        return lc_reader_string(r);
    if (c >= '0' && c <= '9')
        return lc_reader_number(r);
    if (c != '{' && c != '[')
        return lc_reader_word(r);
    if (!open_container(r, &empty))
        return false;
    *opened = !empty;
    return true;
}

/* Skip the comma after a value. *is_last is set to whether the container ends after it,
 * which only a lenient reader allows. */
static bool skip_comma(struct lc_reader *r, bool *is_last)
{
    bool object = r->object[r->depth - 1];
    size_t comma = r->at++;

    skip_space(r);
    *is_last = r->at < r->size && r->text[r->at] == (object ? '}' : ']');
    if (!*is_last || (r->lenient && (object || !r->strict_lists)))
        return true;
    lc_reader_refuse(r, LC_JSON_SYNTAX, comma,
                     object ? "trailing comma before }" : "trailing comma before ]");
    r->problem.detail = object ? LC_JSON_COMMA_OBJECT : LC_JSON_COMMA;
    return false;
}

/* After a value, move to the next value of its container, or out of it. *done is set
 * after the root. */
static bool after_value(struct lc_reader *r, bool *done)
{
    while (r->depth) {
        bool object = r->object[r->depth - 1], is_last = true;

        skip_space(r);
        if (r->at < r->size && r->text[r->at] == ',') {
            if (!skip_comma(r, &is_last))
                return false;
        } else if (r->at == r->size || r->text[r->at] != (object ? '}' : ']')) {
            return refuse_here(r, "expecting ',' delimiter");
        }
        if (!is_last)
            return !object || read_key(r);
        if (!close_container(r))
            return false;
    }
    *done = true;
    return true;
}

static bool read_root(struct lc_reader *r, bool whole)
{
    bool opened, done = false;

    while (!done) {
        if (!read_value(r, &opened))
            return false;
        if (!opened && !after_value(r, &done))
            return false;
    }
    if (!whole)
        return true;
    skip_space(r);
    if (r->at < r->size)
        return lc_reader_refuse(r, LC_JSON_SYNTAX, r->at, "extra data after the value");
    return true;
}

/* Check for bytes that are not UTF-8. Python decodes a file before it parses it, so bad
 * bytes take precedence over bad syntax. */
static void check_utf8(struct lc_reader *r, bool whole)
{
    size_t bound = whole ? r->size : r->problem.fault ? r->problem.offset : r->at;
    size_t bad = lc_text_invalid_utf8(r->text, bound);

    if (bad == bound)
        return;
    if (r->problem.fault == LC_JSON_CUT_OFF &&
        lc_text_is_truncated_character(r->text + bad, bound - bad))
        return; /* the text was cut inside a character */
    lc_reader_refuse(r, LC_JSON_NOT_UTF8, bad, "not UTF-8");
}

/* Read the value at the beginning of a text. */
static void read_text(struct lc_reader *r, const char *text, size_t size, bool whole)
{
    r->text = text;
    r->size = size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE;
    r->nan_offset = r->surrogate_offset = -1;
    r->ranges = 0;
    r->problem.message = "";
    r->parser->tape.count = 0;
    r->parser->strings.size = 0;
    if (lc_reader_put(r, 'r', 0, 0))
        read_root(r, whole);
    check_utf8(r, whole);
}

void lc_json_skip_exact(struct lc_json_parser *parser, const char *text, size_t size,
                        bool whole, size_t *used, struct lc_json_problem *problem)
{
    struct lc_reader r = {.parser = parser, .skip = true};

    read_text(&r, text, size, whole);
    assert(r.status == LC_OK); /* nothing is kept, so nothing is allocated */
    *problem = r.problem;
    problem->detail = LC_JSON_NO_DETAIL; /* not verified */
    *used = r.at;
}

/* Verify a detail. It must describe the whole text, so keep it only if nothing else is
 * wrong: a parser that tolerates it can then read the text. */
static void verify_detail(struct lc_reader *r, bool whole)
{
    struct lc_reader lenient = {.parser = r->parser, .skip = true, .lenient = true};
    enum lc_json_detail detail = r->problem.detail;

    if (detail == LC_JSON_NO_DETAIL)
        return;
    lenient.strict_lists = detail != LC_JSON_COMMA;
    lenient.odd_digits = detail == LC_JSON_DIGITS;
    read_text(&lenient, r->text, r->size, whole);
    if (lenient.problem.fault == LC_JSON_FINE)
        return;
    if (detail == LC_JSON_COMMA_OBJECT || detail == LC_JSON_CONTROL) {
        /* commas before brackets are possible, too, which fewer parsers tolerate */
        r->problem.detail = LC_JSON_COMMA;
        lenient = (struct lc_reader){.parser = r->parser, .skip = true, .lenient = true};
        read_text(&lenient, r->text, r->size, whole);
    }
    if (lenient.problem.fault != LC_JSON_FINE)
        r->problem.detail = LC_JSON_NO_DETAIL;
}

enum lc_status lc_json_parse_exact(struct lc_json_parser *parser, const char *text,
                                   size_t size, bool whole, struct lc_json_doc *doc,
                                   struct lc_json_problem *problem, struct lc_error *err)
{
    struct lc_reader r = {.parser = parser};

    assert(!whole || size <= LC_JSON_MAX_SIZE);
    read_text(&r, text, size, whole);
    if (r.status != LC_OK ||
        lc_buffer_reserve(&parser->strings, LC_JSON_PADDING, err) != LC_OK)
        return lc_fail_memory(err);
    verify_detail(&r, whole);
    *problem = r.problem;
    *doc = (struct lc_json_doc){
        .tape = parser->tape.words,
        .strings = parser->strings.data,
        .text = text,
        .offsets = parser->tape.offsets,
        .used = (uint32_t)r.at,
        .exact = true,
        .nan_offset = r.nan_offset,
        .surrogate_offset = r.surrogate_offset,
        .ranges = r.ranges,
    };
    memcpy(doc->range_offsets, r.range_offsets, sizeof(doc->range_offsets));
    return LC_OK;
}
