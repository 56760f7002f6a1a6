/* The second path: Python's json, by the letter, with a place for everything. It reads
 * what simdjson refuses (is it wrong, or only Python's?) and rows that have findings. */
#include "json/parser.h"

#include <assert.h>
#include <string.h>

#define MAX_DIGITS 4300 /* sys.get_int_max_str_digits() */

struct reader {
    struct lc_json_parser *parser;
    const char *text;
    size_t size;
    size_t at;
    int64_t nan_offset;
    int64_t surrogate_offset;
    struct lc_json_problem problem;
    enum lc_status status; /* out of memory, seen where no error can be returned */
    size_t depth;
    uint32_t open[LC_JSON_MAX_DEPTH]; /* indexes of the containers being read */
};

/* Note the problem; always false, so that a failure is one statement. */
static bool refuse(struct reader *r, enum lc_json_fault fault, size_t offset,
                   const char *message)
{
    r->problem = (struct lc_json_problem){fault, (uint32_t)offset, message};
    return false;
}

/* Refuse at the present place: cut off when the text ends here. */
static bool refuse_here(struct reader *r, const char *message)
{
    return refuse(r, r->at == r->size ? LC_JSON_CUT_OFF : LC_JSON_SYNTAX, r->at, message);
}

static bool no_memory(struct reader *r)
{
    r->status = LC_ERR_MEMORY;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->size && (r->text[r->at] == ' ' || r->text[r->at] == '\n' ||
                               r->text[r->at] == '\t' || r->text[r->at] == '\r'))
        r->at++;
}

static struct lc_json_node *add_node(struct reader *r, enum lc_json_type type)
{
    struct lc_json_node *node = lc_json_nodes_add(&r->parser->nodes, type);

    if (!node) {
        no_memory(r);
        return NULL;
    }
    node->offset = (uint32_t)r->at;
    return node;
}

/* The four digits of an escape at text[at], or -1. */
static int32_t hex4(const struct reader *r, size_t at)
{
    int32_t value = 0;

    if (r->size - at < 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        char c = r->text[i];

        if (is_digit(c))
            value = value * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + ((c | 32) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static size_t encode_utf8(int32_t point, char out[4])
{
    uint32_t c = (uint32_t)point;

    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static bool add_decoded(struct reader *r, const char *bytes, size_t size)
{
    if (lc_buffer_add(&r->parser->strings, bytes, size, NULL) != LC_OK)
        return no_memory(r);
    return true;
}

/* r->at is on the u of an escape; the pair of a high surrogate is read with it. */
static bool unicode_escape(struct reader *r)
{
    size_t start = r->at - 1;
    int32_t point = hex4(r, r->at + 1), low;
    char utf8[4];

    if (point < 0 && r->size - r->at < 5 &&
        !memchr(r->text + r->at, '"', r->size - r->at))
        return refuse(r, LC_JSON_CUT_OFF, r->at, "the text ends inside an escape");
    if (point < 0)
        return refuse(r, LC_JSON_SYNTAX, r->at, "invalid \\uXXXX escape");
    r->at += 5;
    if (point >= 0xD800 && point <= 0xDBFF && r->size - r->at >= 6 &&
        r->text[r->at] == '\\' && r->text[r->at + 1] == 'u') {
        low = hex4(r, r->at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            r->at += 6;
        }
    }
    if (point >= 0xD800 && point <= 0xDFFF && r->surrogate_offset < 0)
        r->surrogate_offset = (int64_t)start;
    return add_decoded(r, utf8, encode_utf8(point, utf8));
}

/* r->at is behind a backslash. */
static bool escape(struct reader *r, size_t quote)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (r->at == r->size)
        return refuse(r, LC_JSON_CUT_OFF, quote, "unterminated string");
    if (r->text[r->at] == 'u')
        return unicode_escape(r);
    found = r->text[r->at] ? strchr(from, r->text[r->at]) : NULL;
    if (!found)
        return refuse(r, LC_JSON_SYNTAX, r->at - 1, "invalid \\escape");
    r->at++;
    return add_decoded(r, &to[found - from], 1);
}

/* r->at is on the opening quote. */
static bool read_string(struct reader *r)
{
    struct lc_json_node *node = add_node(r, LC_JSON_STRING);
    size_t quote = r->at++, run = r->at, decoded_from = r->parser->strings.size;
    bool decoded = false;

    if (!node)
        return false;
    for (;; r->at++) {
        while (r->at < r->size && r->text[r->at] != '"' && r->text[r->at] != '\\' &&
               (unsigned char)r->text[r->at] >= 0x20)
            r->at++;
        if (r->at == r->size)
            return refuse(r, LC_JSON_CUT_OFF, quote, "unterminated string");
        if (r->text[r->at] == '"')
            break;
        if (r->text[r->at] != '\\')
            return refuse(r, LC_JSON_SYNTAX, r->at, "raw control character in a string");
        decoded = true;
        if (!add_decoded(r, r->text + run, r->at - run))
            return false;
        r->at++;
        if (!escape(r, quote))
            return false;
        run = r->at--;
    }
    if (decoded) {
        if (!add_decoded(r, r->text + run, r->at - run))
            return false;
        node->as.integer = (int64_t)decoded_from; /* made a pointer when all is read */
        node->decoded = 1;
        node->count = (uint32_t)(r->parser->strings.size - decoded_from);
    } else {
        node->as.text = r->text + run;
        node->count = (uint32_t)(r->at - run);
    }
    r->at++;
    return true;
}

static size_t digits_at(const struct reader *r, size_t at)
{
    size_t start = at;

    while (at < r->size && is_digit(r->text[at]))
        at++;
    return at - start;
}

/* An integer's digits: its value if it fits, else the text itself. */
static void set_integer(struct lc_json_node *node, const char *text, size_t size)
{
    bool negative = text[0] == '-';
    int64_t value = 0;

    for (size_t i = negative; i < size; i++) {
        int digit = text[i] - '0';

        /* built below zero, where there is room for one more */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) {
            node->type = LC_JSON_BIG;
            node->as.text = text;
            node->count = (uint32_t)size;
            return;
        }
    }
    if (!negative && value == INT64_MIN) {
        node->type = LC_JSON_BIG;
        node->as.text = text;
        node->count = (uint32_t)size;
        return;
    }
    node->as.integer = negative ? value : -value;
}

/* The offset behind a point or an exponent's letter and sign at an offset, if digits
 * follow there or may have followed where the text is cut off; else the offset itself. */
static size_t part_begin(const struct reader *r, size_t at, bool exponent)
{
    size_t begin = at + 1;

    if (at == r->size || (exponent ? (r->text[at] | 32) != 'e' : r->text[at] != '.'))
        return at;
    if (exponent && begin < r->size && (r->text[begin] == '+' || r->text[begin] == '-'))
        begin++;
    return begin == r->size || is_digit(r->text[begin]) ? begin : at;
}

/* Go over a fraction and an exponent behind an integer. Returns where they end; *cut says
 * that the text ends inside of them. */
static size_t read_parts(const struct reader *r, size_t at, bool *cut)
{
    for (int exponent = 0; exponent < 2; exponent++) {
        size_t begin = part_begin(r, at, exponent);

        if (begin == at)
            continue;
        *cut |= begin == r->size;
        at = begin + digits_at(r, begin);
    }
    return at;
}

static bool read_number(struct reader *r)
{
    size_t start = r->at, at = r->at, digits, end;
    bool cut = false;
    struct lc_json_node *node;

    at += r->text[at] == '-';
    digits = digits_at(r, at);
    if (!digits && at == r->size)
        return refuse(r, LC_JSON_CUT_OFF, start, "the text ends inside a number");
    if (!digits)
        return refuse(r, LC_JSON_SYNTAX, start, "expecting value");
    at += r->text[at] == '0' ? 1 : digits; /* 01 is 0 and something that should not be */
    node = add_node(r, LC_JSON_INTEGER);
    if (!node)
        return false;
    end = read_parts(r, at, &cut);
    if (cut)
        return refuse(r, LC_JSON_CUT_OFF, start, "the text ends inside a number");
    if (end > at) {
        node->type = LC_JSON_FLOAT;
        r->at = end;
        return true;
    }
    if (at - start - (r->text[start] == '-') > MAX_DIGITS)
        return refuse(r, LC_JSON_SYNTAX, start,
                      "an integer of more than 4,300 digits, which Python refuses");
    set_integer(node, r->text + start, at - start);
    r->at = at;
    return true;
}

/* Whether the text goes on with the word; *cut when it ends inside of it. */
static bool word_here(const struct reader *r, const char *word, bool *cut)
{
    size_t size = strlen(word), left = r->size - r->at;

    if (left < size) {
        *cut |= memcmp(r->text + r->at, word, left) == 0;
        return false;
    }
    return memcmp(r->text + r->at, word, size) == 0;
}

static bool read_word(struct reader *r)
{
    static const struct {
        const char *word;
        enum lc_json_type type;
    } words[] = {
        {"null", LC_JSON_NULL}, {"true", LC_JSON_TRUE},      {"false", LC_JSON_FALSE},
        {"NaN", LC_JSON_FLOAT}, {"Infinity", LC_JSON_FLOAT}, {"-Infinity", LC_JSON_FLOAT},
    };
    bool cut = false;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!word_here(r, words[i].word, &cut))
            continue;
        if (!add_node(r, words[i].type))
            return false;
        if (words[i].type == LC_JSON_FLOAT && r->nan_offset < 0)
            r->nan_offset = (int64_t)r->at;
        r->at += strlen(words[i].word);
        return true;
    }
    if (r->text[r->at] == '-' && !cut)
        return read_number(r);
    return refuse(r, cut ? LC_JSON_CUT_OFF : LC_JSON_SYNTAX, r->at, "expecting value");
}

/* A key and its colon; r->at is where the key must begin. */
static bool read_key(struct reader *r)
{
    if (r->at == r->size || r->text[r->at] != '"')
        return refuse_here(r, "expecting a property name in double quotes");
    if (!read_string(r))
        return false;
    skip_space(r);
    if (r->at == r->size || r->text[r->at] != ':')
        return refuse_here(r, "expecting ':' delimiter");
    r->at++;
    return true;
}

/* Open a container; *empty says that it was closed at once. */
static bool open_container(struct reader *r, bool *empty)
{
    bool object = r->text[r->at] == '{';

    if (r->depth == LC_JSON_MAX_DEPTH)
        return refuse(r, LC_JSON_TOO_DEEP, r->at, "nested more than 1,024 deep");
    if (!add_node(r, object ? LC_JSON_OBJECT : LC_JSON_ARRAY))
        return false;
    r->open[r->depth++] = (uint32_t)(r->parser->nodes.count - 1);
    r->at++;
    skip_space(r);
    *empty = r->at < r->size && r->text[r->at] == (object ? '}' : ']');
    if (*empty) {
        r->depth--;
        r->at++;
        return true;
    }
    return !object || read_key(r);
}

/* Read one value; *opened when it is a container whose first value comes next. */
static bool read_value(struct reader *r, bool *opened)
{
    bool empty;
    char c;

    *opened = false;
    skip_space(r);
    if (r->at == r->size)
        return refuse_here(r, "expecting value");
    c = r->text[r->at];
    if (c == '"')
        return read_string(r);
    if (is_digit(c))
        return read_number(r);
    if (c != '{' && c != '[')
        return read_word(r);
    if (!open_container(r, &empty))
        return false;
    *opened = !empty;
    return true;
}

/* After a value: on to the next value of its container, or out of it. *done at the root.
 */
static bool after_value(struct reader *r, bool *done)
{
    while (r->depth) {
        uint32_t at = r->open[r->depth - 1];
        struct lc_json_node *top = &r->parser->nodes.items[at];
        bool object = top->type == LC_JSON_OBJECT;
        size_t comma;

        top->count++;
        skip_space(r);
        comma = r->at;
        if (comma < r->size && r->text[comma] == ',') {
            r->at++;
            skip_space(r);
            if (r->at < r->size && r->text[r->at] == (object ? '}' : ']'))
                return refuse(r, LC_JSON_SYNTAX, comma,
                              object ? "trailing comma before }"
                                     : "trailing comma before ]");
            return !object || read_key(r);
        }
        if (r->at == r->size || r->text[r->at] != (object ? '}' : ']'))
            return refuse_here(r, "expecting ',' delimiter");
        r->at++;
        top->next = (uint32_t)r->parser->nodes.count;
        r->depth--;
    }
    *done = true;
    return true;
}

static bool read_root(struct reader *r, bool whole)
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
        return refuse(r, LC_JSON_SYNTAX, r->at, "extra data after the value");
    return true;
}

/* Python decodes a file before it parses it: bad bytes come before bad syntax. */
static void check_utf8(struct reader *r, bool whole)
{
    size_t bound = whole ? r->size : r->problem.fault ? r->problem.offset : r->at;
    size_t bad = lc_text_invalid_utf8(r->text, bound);

    if (bad == bound)
        return;
    if (r->problem.fault == LC_JSON_CUT_OFF &&
        lc_text_cut_character(r->text + bad, bound - bad))
        return; /* the cut went through a character */
    refuse(r, LC_JSON_NOT_UTF8, bad, "not UTF-8");
}

enum lc_status lc_json_parse_exact(struct lc_json_parser *parser, const char *text,
                                   size_t size, bool whole, struct lc_json_doc *doc,
                                   struct lc_json_problem *problem, struct lc_error *err)
{
    struct reader r = {
        .parser = parser,
        .text = text,
        .size = size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE,
        .nan_offset = -1,
        .surrogate_offset = -1,
        .problem = {.message = ""},
    };
    struct lc_json_node *nodes;

    assert(!whole || size <= LC_JSON_MAX_SIZE);
    parser->nodes.count = 0;
    parser->strings.size = 0;
    read_root(&r, whole);
    if (r.status != LC_OK)
        return lc_fail_memory(err);
    check_utf8(&r, whole);
    nodes = parser->nodes.items;
    for (size_t i = 0; i < parser->nodes.count; i++) {
        if (nodes[i].decoded)
            nodes[i].as.text = parser->strings.data + nodes[i].as.integer;
    }
    *problem = r.problem;
    *doc = (struct lc_json_doc){
        .nodes = nodes,
        .count = (uint32_t)parser->nodes.count,
        .used = (uint32_t)r.at,
        .exact = true,
        .nan_offset = r.nan_offset,
        .surrogate_offset = r.surrogate_offset,
    };
    return LC_OK;
}
