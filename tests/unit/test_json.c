/* test_json.c - src/json: both parsers compared with each other and with Python's json */
#include "unit.h"

#include "base/buffer.h"
#include "json/json.h"

static struct lc_json_parser *parser;

static int make_parser(void **state)
{
    (void)state;
    return lc_json_parser_new(&parser, NULL) != LC_OK;
}

static int free_parser(void **state)
{
    (void)state;
    lc_json_parser_free(parser);
    lc_json_parser_free(NULL);
    return 0;
}

/* Copy a text, with exactly the padding that a parser may read; free() the copy. */
static char *copy_of(const char *text, size_t size, size_t padding)
{
    char *copy = grab(size + padding + 1);

    memcpy(copy, text, size);
    memset(copy + size, '"', padding);
    return copy;
}

static void add(struct lc_buffer *out, const char *text)
{
    assert_int_equal(lc_buffer_add(out, text, strlen(text), NULL), LC_OK);
}

/* Add a quoted string. All of the padding after it must be readable, which a sanitizer
 * checks. */
static void add_quoted(struct lc_buffer *out, struct lc_span text, bool padded)
{
    char quoted[5000];
    volatile unsigned sum = 0;

    for (size_t i = 0; padded && i < LC_JSON_PADDING; i++)
        sum += (unsigned char)text.text[text.size + i];
    add(out, lc_text_quote(text, quoted, sizeof(quoted)));
}

static uint32_t dump(const struct lc_json_doc *doc, uint32_t at, bool padded,
                     struct lc_buffer *out);

/* Dump the contents of an array or object. */
static void dump_inside(const struct lc_json_doc *doc, uint32_t at, bool padded,
                        struct lc_buffer *out)
{
    bool object = lc_json_type(doc, at) == LC_JSON_OBJECT;
    uint32_t close = lc_json_close(doc, at);

    assert_true(close > at);
    add(out, object ? "{" : "[");
    for (uint32_t i = at + 1; i < close;) {
        add(out, i > at + 1 ? "," : "");
        if (object) {
            assert_int_equal(lc_json_type(doc, i), LC_JSON_STRING);
            i = dump(doc, i, padded, out);
            add(out, ":");
        }
        assert_true(i < close); /* a value after every key */
        i = dump(doc, i, padded, out);
        assert_true(i <= close);
    }
    add(out, object ? "}" : "]");
}

/* Write a value as a short text: {'key':value}, [a,b], 'string', 12, big 123, F for a
 * float, true, null ... Returns the index after it. */
static uint32_t dump(const struct lc_json_doc *doc, uint32_t at, bool padded,
                     struct lc_buffer *out)
{
    enum lc_json_type type = lc_json_type(doc, at);
    struct lc_span digits;
    char text[32];

    switch (type) {
    case LC_JSON_INTEGER:
        snprintf(text, sizeof(text), "%lld", (long long)lc_json_integer(doc, at));
        add(out, text);
        break;
    case LC_JSON_UNSIGNED:
        assert_false(doc->exact);
        assert_true(lc_json_integer(doc, at) < 0); /* what fits int64 is an INTEGER */
        snprintf(text, sizeof(text), "big %llu",
                 (unsigned long long)lc_json_integer(doc, at));
        add(out, text);
        break;
    case LC_JSON_BIG:
        assert_true(doc->exact);
        digits = lc_json_string(doc, at);
        add(out, "big ");
        assert_int_equal(lc_buffer_add(out, digits.text, digits.size, NULL), LC_OK);
        break;
    case LC_JSON_FLOAT:
        add(out, "F");
        break;
    case LC_JSON_STRING:
        add_quoted(out, lc_json_string(doc, at), padded);
        break;
    case LC_JSON_ARRAY:
    case LC_JSON_OBJECT:
        dump_inside(doc, at, padded, out);
        break;
    case LC_JSON_NULL:
    case LC_JSON_FALSE:
    case LC_JSON_TRUE:
        add(out, type == LC_JSON_NULL ? "null" : type == LC_JSON_TRUE ? "true" : "false");
        break;
    default:
        fail_msg("no type: %d", type);
    }
    return lc_json_next(doc, at);
}

/* List the offsets of a value, of all values and keys in it, and of its end. Returns the
 * index after it. */
static uint32_t list_offsets(const struct lc_json_doc *doc, uint32_t at,
                             struct lc_buffer *out)
{
    enum lc_json_type type = lc_json_type(doc, at);
    uint32_t i = at + 1;

    assert_int_equal(lc_buffer_printf(out, NULL, "%u ", lc_json_offset(doc, at)), LC_OK);
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return lc_json_next(doc, at);
    while (i < lc_json_close(doc, at))
        i = list_offsets(doc, i, out);
    assert_int_equal(i, lc_json_close(doc, at));
    assert_int_equal(lc_buffer_printf(out, NULL, "%u ", lc_json_offset(doc, i)), LC_OK);
    return i + 1;
}

/* The result of a parse, copied out of the parser. */
struct outcome {
    struct lc_json_problem problem;
    int64_t nan_offset;
    int64_t surrogate_offset;
    unsigned ranges;
    struct lc_buffer dump; /* of a sound value, NUL-terminated */
    struct lc_buffer offsets;
    bool exact;
    uint32_t used;
};

static void forget(struct outcome *outcome)
{
    lc_buffer_clear(&outcome->dump);
    lc_buffer_clear(&outcome->offsets);
}

/* Copy the result of a parser. */
static struct outcome keep(const struct lc_json_doc *doc,
                           const struct lc_json_problem *problem, bool padded)
{
    struct outcome outcome = {.problem = *problem};

    assert_non_null(problem->message);
    if (problem->fault != LC_JSON_FINE)
        return outcome;
    outcome.nan_offset = doc->nan_offset;
    outcome.surrogate_offset = doc->surrogate_offset;
    outcome.ranges = doc->ranges;
    outcome.used = doc->used;
    assert_int_equal(dump(doc, LC_JSON_ROOT, padded, &outcome.dump),
                     list_offsets(doc, LC_JSON_ROOT, &outcome.offsets));
    assert_int_equal(lc_buffer_add(&outcome.dump, "", 1, NULL), LC_OK);
    return outcome;
}

static struct outcome parse(const char *text, size_t size)
{
    char *copy = copy_of(text, size, LC_JSON_PADDING);
    struct lc_json_problem problem = {0};
    struct lc_json_doc doc = {0};
    struct outcome outcome;

    assert_int_equal(lc_json_parse(parser, copy, size, &doc, &problem, NULL), LC_OK);
    outcome = keep(&doc, &problem, true);
    free(copy);
    return outcome;
}

static struct outcome parse_exact(const char *text, size_t size, bool whole)
{
    char *copy = copy_of(text, size, 0);
    struct lc_json_problem problem = {0};
    struct lc_json_doc doc = {0};
    struct outcome outcome;

    assert_int_equal(lc_json_parse_exact(parser, copy, size, whole, &doc, &problem, NULL),
                     LC_OK);
    outcome = keep(&doc, &problem, false);
    free(copy);
    return outcome;
}

/* Parse a text with both parsers, which must agree. Returns the exact one's result. */
static struct outcome parse_both(const char *text, size_t size)
{
    struct outcome fast = parse(text, size), exact = parse_exact(text, size, true);

    if (fast.problem.fault != exact.problem.fault)
        fail_msg("%.*s: fault %d and %d", (int)size, text, fast.problem.fault,
                 exact.problem.fault);
    assert_int_equal(fast.problem.offset, exact.problem.offset);
    assert_string_equal(fast.problem.message, exact.problem.message);
    if (exact.problem.fault == LC_JSON_FINE) {
        assert_string_equal(fast.dump.data, exact.dump.data);
        assert_string_equal(fast.offsets.data, exact.offsets.data);
        assert_int_equal(fast.nan_offset, exact.nan_offset);
        assert_int_equal(fast.surrogate_offset, exact.surrogate_offset);
    }
    forget(&fast);
    return exact;
}

/* ---- what is read */

static void sound_texts(void **state)
{
    static const struct {
        const char *text, *dump;
    } cases[] = {
        {"{}", "{}"},
        {"[]", "[]"},
        {" \t\r\n{ } \n", "{}"},
        {"null", "null"},
        {"true", "true"},
        {"false", "false"},
        {"\"\"", "''"},
        {"0", "0"},
        {"-0", "0"},
        {"7", "7"},
        {"-7", "-7"},
        {"1.5", "F"},
        {"-0.0", "F"},
        {"1e5", "F"},
        {"1E+5", "F"},
        {"1e-05", "F"},
        {"0e0", "F"},
        {"1e999", "F"},
        {"-1e999", "F"},
        {"1e-999", "F"},
        {"0.1234567890123456789012345678901234567890", "F"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "big 9223372036854775808"},
        {"-9223372036854775809", "big -9223372036854775809"},
        {"18446744073709551615", "big 18446744073709551615"},
        {"18446744073709551616", "big 18446744073709551616"},
        {"100000000000000000000000", "big 100000000000000000000000"},
        {"NaN", "F"},
        {"Infinity", "F"},
        {"-Infinity", "F"},
        {"[NaN, -Infinity, 1]", "[F,F,1]"},
        {"[1, [2, []], {\"a\": {}}]", "[1,[2,[]],{'a':{}}]"},
        {"{\"a\": 1, \"b\": [true, null]}", "{'a':1,'b':[true,null]}"},
        {"{\"a\": 1, \"a\": 2}", "{'a':1,'a':2}"},
        {"{\"\": 1}", "{'':1}"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\\x08\\x0c\\x0a\\x0d\\x09'"},
        {"\"\\u0041\\u00e9\\u20AC\"", "'A\xC3\xA9\xE2\x82\xAC'"},
        {"\"\\ud83d\\ude00\"", "'\xF0\x9F\x98\x80'"},
        {"\"\\uD83D\\uDE00\"", "'\xF0\x9F\x98\x80'"},
        {"\"\\u0000\"", "'\\x00'"},
        {"\"\\uffff\"", "'\xEF\xBF\xBF'"},
        {"\"\xF0\x9F\x98\x80\"", "'\xF0\x9F\x98\x80'"},
        {"\"\xEF\xBB\xBF\"", "'\\u{feff}'"}, /* a byte order mark in a string */
        {"\"\x7F\"", "'\\x7f'"},
        {"\"\xE2\x80\xA8\"", "'\\u{2028}'"},
        {"{\"\\u0069d\": 1}", "{'id':1}"},
        {"\"\\ud83d\"", "'\\xed\\xa0\\xbd'"},
        {"\"\\ude00\"", "'\\xed\\xb8\\x80'"},
        {"\"\\ude00\\ud83d\"", "'\\xed\\xb8\\x80\\xed\\xa0\\xbd'"},
        {"\"\\ud83dx\"", "'\\xed\\xa0\\xbdx'"},
        {"\"\\ud83d\\u0041\"", "'\\xed\\xa0\\xbdA'"},
        {"\"\\ud83d\\n\"", "'\\xed\\xa0\\xbd\\x0a'"},
        {"\"\\ud83d\\ud83d\\ude00\"", "'\\xed\\xa0\\xbd\xF0\x9F\x98\x80'"},
        {"{\"id\": \"1\", \"image\": \"a.jpg\", \"conversations\": [{\"from\": "
         "\"human\", \"value\": \"<image>\\nWhat?\"}]}",
         "{'id':'1','image':'a.jpg','conversations':[{'from':'human','value':'<image>"
         "\\x0aWhat?'}]}"},
    };
    EXPECT_CASES(cases, 55);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_both(cases[i].text, strlen(cases[i].text));

        assert_int_equal(outcome.problem.fault, LC_JSON_FINE);
        assert_string_equal(outcome.problem.message, "");
        assert_string_equal(outcome.dump.data, cases[i].dump);
        forget(&outcome);
    }
}

static void only_python_reads_it(void **state)
{
    static const struct {
        const char *text;
        int64_t nan, surrogate;
    } cases[] = {
        {"[1, 2]", -1, -1},
        {"NaN", 0, -1},
        {"[1, NaN, Infinity]", 4, -1},
        {"{\"a\": -Infinity}", 6, -1},
        {"\"NaN\"", -1, -1},
        {"1e999", -1, -1}, /* Python reads inf, so it is out of range */
        {"\"\\ud83d\\ude00\"", -1, -1},
        {"\"\\ud83d\"", -1, 1},
        {"\"\\udc00\"", -1, 1},
        {"[\"a\", \"b\\udc00\", \"\\ud800\"]", -1, 8},
        {"{\"\\udfff\": NaN}", 11, 2},
        {"\"\\\\ud83d\"", -1, -1}, /* an escaped backslash */
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_both(cases[i].text, strlen(cases[i].text));

        assert_int_equal(outcome.problem.fault, LC_JSON_FINE);
        assert_int_equal(outcome.nan_offset, cases[i].nan);
        assert_int_equal(outcome.surrogate_offset, cases[i].surrogate);
        forget(&outcome);
    }
}

/* Faults that lenient parsers tolerate are told apart from those that they reject. */
static void details_of_syntax(void **state)
{
    static const struct {
        const char *text;
        enum lc_json_detail detail;
    } cases[] = {
        {"[\"a\tb\"]", LC_JSON_CONTROL},
        {"[\"a\tb\",]", LC_JSON_COMMA},
        {"[\"a\tb\", 01]", LC_JSON_NO_DETAIL},
        {"[{\"a\": 1,}, 01]", LC_JSON_NO_DETAIL},
        {"[1,]", LC_JSON_COMMA},
        {"{\"a\": 1,}", LC_JSON_COMMA_OBJECT},
        {"{\"a\": [1,],}", LC_JSON_COMMA},
        {"{\"b\": {\"a\": 1,}, \"a\": [1,]}", LC_JSON_COMMA},
        {"{\"a\": 1,,}", LC_JSON_NO_DETAIL},
        {"[007]", LC_JSON_DIGITS},
        {"[-01.5e3]", LC_JSON_DIGITS},
        {"[5.]", LC_JSON_DIGITS},
        {"[5., 01, \"\t\"]", LC_JSON_DIGITS},
        {"[1.5.2]", LC_JSON_NO_DETAIL},
        {"[01, ]", LC_JSON_NO_DETAIL},
        {"[.5]", LC_JSON_NO_DETAIL},
        {"007", LC_JSON_NO_DETAIL},
    };
    EXPECT_CASES(cases, 17);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_both(cases[i].text, strlen(cases[i].text));

        assert_int_equal(outcome.problem.fault, LC_JSON_SYNTAX);
        assert_int_equal(outcome.problem.detail, cases[i].detail);
        forget(&outcome);
    }
}

#define HUNDRED                                                                          \
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000" \
    "000000000000000000"

static void numbers_beyond_64_bits(void **state)
{
    enum { BIG = 1 << LC_JSON_BIG_INTEGER, HUGE_FLOAT = 1 << LC_JSON_HUGE_FLOAT };
    enum { HUGE_FRACTION = 1 << LC_JSON_HUGE_FRACTION };
    static const struct {
        const char *text;
        unsigned ranges;
    } cases[] = {
        {"[18446744073709551615, -9223372036854775808, 0, -0]", 0},
        {"18446744073709551616", BIG},
        {"-9223372036854775809", BIG},
        {"[1.7976931348623157e308, 1e-999, 0e999, -0.0e400]", 0},
        {"1.7976931348623159e308", HUGE_FLOAT},
        {"-0.0017976931348623159e+311", HUGE_FLOAT},
        {"[1e309, 99999999999999999999]", BIG | HUGE_FLOAT},
        {"1E00000000000000000000309", HUGE_FLOAT},
        {HUNDRED HUNDRED HUNDRED "0000000000.5", HUGE_FRACTION},
        {"[1e999, -" HUNDRED HUNDRED HUNDRED "0000000000.5]", HUGE_FRACTION | HUGE_FLOAT},
        {"1E99999999999999999999999", HUGE_FLOAT},
        {"1E-9999999999999999999999", 0},
        {"\"1e999 99999999999999999999\"", 0},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_both(cases[i].text, strlen(cases[i].text));

        assert_int_equal(outcome.problem.fault, LC_JSON_FINE);
        assert_int_equal(outcome.ranges, cases[i].ranges);
        forget(&outcome);
    }
}

static struct lc_json_doc sound_doc(const char *text)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    assert_int_equal(
        lc_json_parse_exact(parser, text, strlen(text), true, &doc, &problem, NULL),
        LC_OK);
    assert_int_equal(problem.fault, LC_JSON_FINE);
    assert_true(doc.exact);
    return doc;
}

/* The offsets of both parsers, including ends of containers. */
static void offsets(void **state)
{
    static const struct {
        const char *text, *offsets;
    } cases[] = {
        {"1", "0 "},
        {" 99999999999999999999", "1 "},
        {" 9223372036854775808 ", "1 "},
        {"  [1, 22,\n3]", "2 3 6 10 11 "},
        {"{\"a\": {\"b\": []}, \"c\": \"d\"}", "0 1 6 7 12 13 14 17 22 25 "},
        {"[\"\xC3\xA9\", NaN]", "0 1 7 10 "},
        {"[\"\\n\", true, {\"\\u0061\": -1.5}]", "0 1 7 13 14 24 28 29 "},
    };
    EXPECT_CASES(cases, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_both(cases[i].text, strlen(cases[i].text));

        assert_int_equal(outcome.problem.fault, LC_JSON_FINE);
        assert_string_equal(outcome.offsets.data, cases[i].offsets);
        forget(&outcome);
    }
}

/* In exact tapes, strings without escapes and large integers refer to the text. */
static void strings_in_the_text(void **state)
{
    static const struct {
        const char *text;
        size_t offset; /* 0: it was decoded */
    } cases[] = {
        {"\"\"", 1},
        {"\"abc\"", 1},
        {"  \"caf\xC3\xA9\"", 3},
        {"-99999999999999999999", 0},
        {" 9223372036854775808", 1},
        {"\"\\n\"", 0},
        {"\"abc\\\\\"", 0},
        {"\"\\u0061\"", 0},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = cases[i].text;
        struct lc_json_doc doc = sound_doc(text);
        struct lc_span got = lc_json_string(&doc, LC_JSON_ROOT);
        bool inside = got.text >= text && got.text <= text + strlen(text);

        assert_int_equal(inside, cases[i].offset || text[0] == '-');
        if (inside)
            assert_ptr_equal(got.text, text + cases[i].offset);
    }
}

/* The parsers report numbers that do not fit int64 differently. */
static void parsers_apart(void **state)
{
    static const struct {
        const char *text;
        enum lc_json_type fast, exact;
        bool refused; /* by the fast parser; the exact one reads it */
    } cases[] = {
        {" 9223372036854775807", LC_JSON_INTEGER, LC_JSON_INTEGER, false},
        {" -9223372036854775808", LC_JSON_INTEGER, LC_JSON_INTEGER, false},
        {" 9223372036854775808", LC_JSON_UNSIGNED, LC_JSON_BIG, false},
        {" 18446744073709551615", LC_JSON_UNSIGNED, LC_JSON_BIG, false},
        {" 18446744073709551616", LC_JSON_BIG, LC_JSON_BIG, true},
        {" -9223372036854775809", LC_JSON_BIG, LC_JSON_BIG, true},
        {" \"a\"", LC_JSON_STRING, LC_JSON_STRING, false},
        {" NaN", LC_JSON_FLOAT, LC_JSON_FLOAT, true},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = strlen(cases[i].text);
        char *text = copy_of(cases[i].text, size, LC_JSON_PADDING);
        struct lc_json_problem problem;
        struct lc_json_doc doc;

        assert_int_equal(lc_json_parse(parser, text, size, &doc, &problem, NULL), LC_OK);
        assert_int_equal(lc_json_type(&doc, LC_JSON_ROOT), cases[i].fast);
        assert_int_equal(doc.exact, cases[i].refused);
        assert_int_equal(lc_json_offset(&doc, LC_JSON_ROOT), 1);
        assert_int_equal(doc.used, size);
        doc = sound_doc(cases[i].text);
        assert_int_equal(lc_json_type(&doc, LC_JSON_ROOT), cases[i].exact);
        free(text);
    }
}

/* Parse a value at the start of a text: its end is found, whatever follows. */
static void value_and_more(void **state)
{
    static const struct {
        const char *text;
        uint32_t used;
    } cases[] = {
        {"{}", 2},         {"{},", 2},        {" [1] x", 4},   {"12,3", 2},
        {"1.5.6", 3},      {"\"a\"\"b\"", 3}, {"01", 1},       {"null]", 4},
        {"{}\xFF\xFE", 2}, {"1.x", 1},        {"[{}]]]]]", 4},
    };
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse_exact(cases[i].text, strlen(cases[i].text), false);

        assert_int_equal(outcome.problem.fault, LC_JSON_FINE);
        assert_int_equal(outcome.used, cases[i].used);
        forget(&outcome);
    }
}

/* ---- what is refused */

#define VALUE "expecting value"
#define MARK "a byte order mark where a value is expected"
#define NAME "expecting a property name in double quotes"
#define COLON "expecting ':' delimiter"
#define COMMA "expecting ',' delimiter"
#define STRING "unterminated string"
#define CONTROL "raw control character in a string"
#define EXTRA "extra data after the value"
#define NUMBER "the text ends inside a number"
#define BAD_ESCAPE "invalid \\escape"
#define BAD_U "invalid \\uXXXX escape"
#define CUT_U "the text ends inside an escape"
#define UTF8 "not UTF-8"

/* Offsets are those of Python 3.11's JSONDecodeError.pos, in bytes, except that a
 * trailing comma is reported at its own position, and a truncated number at its
 * beginning. */
static const struct refused {
    const char *text;
    size_t size;
    enum lc_json_fault fault;
    uint32_t offset;
    const char *message;
} refused[] = {
    {BYTES(""), LC_JSON_CUT_OFF, 0, VALUE},
    {BYTES(" \n"), LC_JSON_CUT_OFF, 2, VALUE},
    {BYTES("nul"), LC_JSON_CUT_OFF, 0, VALUE},
    {BYTES("[tru"), LC_JSON_CUT_OFF, 1, VALUE},
    {BYTES("Infinit"), LC_JSON_CUT_OFF, 0, VALUE},
    {BYTES("-Infinit"), LC_JSON_CUT_OFF, 0, VALUE},
    {BYTES("-"), LC_JSON_CUT_OFF, 0, VALUE},
    {BYTES("{"), LC_JSON_CUT_OFF, 1, NAME},
    {BYTES("["), LC_JSON_CUT_OFF, 1, VALUE},
    {BYTES("{\"a\""), LC_JSON_CUT_OFF, 4, COLON},
    {BYTES("{\"a\":"), LC_JSON_CUT_OFF, 5, VALUE},
    {BYTES("{\"a\":1"), LC_JSON_CUT_OFF, 6, COMMA},
    {BYTES("{\"a\":1,"), LC_JSON_CUT_OFF, 7, NAME},
    {BYTES("[1"), LC_JSON_CUT_OFF, 2, COMMA},
    {BYTES("[1,"), LC_JSON_CUT_OFF, 3, VALUE},
    {BYTES("\"abc"), LC_JSON_CUT_OFF, 0, STRING},
    {BYTES("{\"a\": \"\\"), LC_JSON_CUT_OFF, 6, STRING},
    {BYTES("\"a\\\""), LC_JSON_CUT_OFF, 0, STRING},
    {BYTES("\"\\ud83d\\"), LC_JSON_CUT_OFF, 0, STRING},
    {BYTES("\"\\u12"), LC_JSON_CUT_OFF, 2, CUT_U},
    {BYTES("[\"\\u"), LC_JSON_CUT_OFF, 3, CUT_U},
    {BYTES("\"\\ud83d\\u"), LC_JSON_CUT_OFF, 8, CUT_U},
    {BYTES("1."), LC_JSON_CUT_OFF, 0, NUMBER},
    {BYTES("[1.5e"), LC_JSON_CUT_OFF, 1, NUMBER},
    {BYTES("[-2E+"), LC_JSON_CUT_OFF, 1, NUMBER},
    {BYTES("\"caf\xC3"), LC_JSON_CUT_OFF, 0, STRING}, /* the cut is in a character */
    {BYTES("\"\xF0\x9F\x98"), LC_JSON_CUT_OFF, 0, STRING},

    {BYTES("nan"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("True"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("[tru]"), LC_JSON_SYNTAX, 1, VALUE},
    {BYTES("-x"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("-.5"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("+1"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES(".5"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("[,1]"), LC_JSON_SYNTAX, 1, VALUE},
    {BYTES("]"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("\v1"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("\0"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("'a'"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("// a\n1"), LC_JSON_SYNTAX, 0, VALUE},
    {BYTES("\xEF\xBB\xBF{}"), LC_JSON_SYNTAX, 0, MARK},
    {BYTES("\xEF\xBB\xBF"), LC_JSON_SYNTAX, 0, MARK},
    {BYTES(" \xEF\xBB\xBF{}"), LC_JSON_SYNTAX, 1, MARK},
    {BYTES("[\xEF\xBB\xBF{}]"), LC_JSON_SYNTAX, 1, MARK},
    {BYTES("{}\xEF\xBB\xBF"), LC_JSON_SYNTAX, 2, EXTRA},
    {BYTES("{a:1}"), LC_JSON_SYNTAX, 1, NAME},
    {BYTES("{'a':1}"), LC_JSON_SYNTAX, 1, NAME},
    {BYTES("{1:2}"), LC_JSON_SYNTAX, 1, NAME},
    {BYTES("{,}"), LC_JSON_SYNTAX, 1, NAME},
    {BYTES("{\"a\" 1}"), LC_JSON_SYNTAX, 5, COLON},
    {BYTES("{\"a\", 1}"), LC_JSON_SYNTAX, 4, COLON},
    {BYTES("{\"a\":1 \"b\":2}"), LC_JSON_SYNTAX, 7, COMMA},
    {BYTES("[1 2]"), LC_JSON_SYNTAX, 3, COMMA},
    {BYTES("[1}"), LC_JSON_SYNTAX, 2, COMMA},
    {BYTES("{\"a\":1]"), LC_JSON_SYNTAX, 6, COMMA},
    {BYTES("[01]"), LC_JSON_SYNTAX, 2, COMMA},
    {BYTES("[1.]"), LC_JSON_SYNTAX, 2, COMMA},
    {BYTES("[1e]"), LC_JSON_SYNTAX, 2, COMMA},
    {BYTES("[1_000]"), LC_JSON_SYNTAX, 2, COMMA},
    {BYTES("[\"it\"s\"]"), LC_JSON_SYNTAX, 5, COMMA},
    {BYTES("\"a\nb\""), LC_JSON_SYNTAX, 2, CONTROL},
    {BYTES("{\"a\": \"b\tc\"}"), LC_JSON_SYNTAX, 8, CONTROL},
    {BYTES("\"\0\""), LC_JSON_SYNTAX, 1, CONTROL},
    {BYTES("\"\x1F\""), LC_JSON_SYNTAX, 1, CONTROL},
    {BYTES("\"\\x41\""), LC_JSON_SYNTAX, 1, BAD_ESCAPE},
    {BYTES("\"a\\'\""), LC_JSON_SYNTAX, 2, BAD_ESCAPE},
    {BYTES("\"\\\0\""), LC_JSON_SYNTAX, 1, BAD_ESCAPE},
    {BYTES("\"\\\n\""), LC_JSON_SYNTAX, 1, BAD_ESCAPE},
    {BYTES("\"\\U0041\""), LC_JSON_SYNTAX, 1, BAD_ESCAPE},
    {BYTES("\"\\u12\""), LC_JSON_SYNTAX, 2, BAD_U},
    {BYTES("\"\\u12G4\""), LC_JSON_SYNTAX, 2, BAD_U},
    {BYTES("\"\\u+123\""), LC_JSON_SYNTAX, 2, BAD_U},
    {BYTES("\"\\ud83d\\u12\""), LC_JSON_SYNTAX, 8, BAD_U},
    {BYTES("{} {}"), LC_JSON_SYNTAX, 3, EXTRA},
    {BYTES("{\"a\":1}x"), LC_JSON_SYNTAX, 7, EXTRA},
    {BYTES("{},"), LC_JSON_SYNTAX, 2, EXTRA},
    {BYTES("01"), LC_JSON_SYNTAX, 1, EXTRA},
    {BYTES("1.e5"), LC_JSON_SYNTAX, 1, EXTRA},
    {BYTES("{}\0"), LC_JSON_SYNTAX, 2, EXTRA},
    {BYTES("[1,]"), LC_JSON_SYNTAX, 2, "trailing comma before ]"},
    {BYTES("[1 ,\n ]"), LC_JSON_SYNTAX, 3, "trailing comma before ]"},
    {BYTES("{\"a\":1,}"), LC_JSON_SYNTAX, 6, "trailing comma before }"},
    {BYTES("[{\"a\":[] , }]"), LC_JSON_SYNTAX, 9, "trailing comma before }"},
    {BYTES("[1,,]"), LC_JSON_SYNTAX, 3, VALUE},

    {BYTES("\"\xFF\""), LC_JSON_NOT_UTF8, 1, UTF8},
    {BYTES("{\"a\": \"caf\xE9\"}"), LC_JSON_NOT_UTF8, 10, UTF8},
    {BYTES("\"\xED\xA0\x80\""), LC_JSON_NOT_UTF8, 1, UTF8},
    {BYTES("\"\xC0\x80\""), LC_JSON_NOT_UTF8, 1, UTF8},
    {BYTES("\xFF"), LC_JSON_NOT_UTF8, 0, UTF8},
    {BYTES("[1,] \xFF"), LC_JSON_NOT_UTF8, 5, UTF8}, /* decoding comes first */
    {BYTES("\"abc\xFF and it is cut"), LC_JSON_NOT_UTF8, 4, UTF8},
    {BYTES("{} \x80"), LC_JSON_NOT_UTF8, 3, UTF8},
};
EXPECT_CASES(refused, 92);

static void refused_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        const struct refused *want = &refused[i];
        struct outcome got = parse_both(want->text, want->size);

        if (got.problem.fault != want->fault || got.problem.offset != want->offset ||
            strcmp(got.problem.message, want->message) != 0)
            fail_msg("%.*s: fault %d at %u, %s", (int)want->size, want->text,
                     got.problem.fault, got.problem.offset, got.problem.message);
        forget(&got);
    }
}

/* A number that no continuation could complete was not cut off. */
static void not_cut_off(void **state)
{
    static const char *const texts[] = {"1.5.", "1e5e", "1e5.", "1.+", "1.5e1-"};
    static const uint32_t places[] = {3, 3, 3, 1, 5};
    EXPECT_CASES(texts, 5);
    EXPECT_CASES(places, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct outcome got = parse_both(texts[i], strlen(texts[i]));

        assert_int_equal(got.problem.fault, LC_JSON_SYNTAX);
        assert_int_equal(got.problem.offset, places[i]);
        forget(&got);
    }
}

/* A row cut at any place is reported as cut off, or is still complete. */
static void every_cut(void **state)
{
    static const char row[] =
        "{\"id\": \"a\\u00e9\\ud83d\\ude00\", \"n\": -12.5e+3, \"ok\": [true, false, "
        "null, NaN, -Infinity], \"conversations\": [{\"from\": \"human\", \"value\": "
        "\"caf\xC3\xA9 \xF0\x9F\x98\x80\\n\"}, {}]}";

    (void)state;
    for (size_t size = 0; size < sizeof(row) - 1; size++) {
        struct outcome got = parse_both(row, size);

        if (got.problem.fault != LC_JSON_CUT_OFF)
            fail_msg("%.*s: fault %d, %s", (int)size, row, got.problem.fault,
                     got.problem.message);
        assert_true(got.problem.offset <= size);
        forget(&got);
    }
}

/* ---- limits */

static void depth_limit(void **state)
{
    (void)state;
    for (size_t depth = LC_JSON_MAX_DEPTH - 1; depth <= LC_JSON_MAX_DEPTH + 1; depth++) {
        char *arrays = grab(2 * depth), *objects = grab(6 * depth);
        struct outcome got;
        bool fine = depth <= LC_JSON_MAX_DEPTH;

        memset(arrays, '[', depth);
        memset(arrays + depth, ']', depth);
        for (size_t i = 0; i < depth; i++) {
            memcpy(objects + 5 * i, i + 1 == depth ? "{   }" : "{\"a\":", 5);
            objects[5 * depth + i] = '}';
        }
        got = parse_both(arrays, 2 * depth);
        assert_int_equal(got.problem.fault, fine ? LC_JSON_FINE : LC_JSON_TOO_DEEP);
        assert_int_equal(got.problem.offset, fine ? 0 : LC_JSON_MAX_DEPTH);
        assert_string_equal(got.problem.message,
                            fine ? "" : "nested more than 1,024 levels deep");
        forget(&got);
        got = parse_both(objects, 6 * depth - 1);
        assert_int_equal(got.problem.fault, fine ? LC_JSON_FINE : LC_JSON_TOO_DEEP);
        forget(&got);
        free(arrays);
        free(objects);
    }
}

/* A megabyte of brackets is refused at once, without a deep stack. */
static void very_deep(void **state)
{
    size_t size = 1 << 20;
    char *text = grab(size);
    struct outcome got;

    (void)state;
    memset(text, '[', size);
    got = parse_both(text, size);
    assert_int_equal(got.problem.fault, LC_JSON_TOO_DEEP);
    free(text);
}

/* Python 3.11 reads integers of up to 4,300 digits, not counting the sign. */
static void long_integers(void **state)
{
    static const struct {
        size_t digits;
        bool negative, fine;
    } cases[] = {
        {4299, false, true},  {4300, false, true}, {4300, true, true},
        {4301, false, false}, {4301, true, false}, {9000, false, false},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = cases[i].digits + cases[i].negative;
        char *text = grab(size);
        struct outcome got;

        memset(text, '9', size);
        if (cases[i].negative)
            text[0] = '-';
        got = parse_both(text, size);
        if ((got.problem.fault == LC_JSON_FINE) != cases[i].fine)
            fail_msg("%s%zu digits: fault %d", cases[i].negative ? "- and " : "",
                     cases[i].digits, got.problem.fault);
        if (!cases[i].fine) {
            assert_int_equal(got.problem.fault, LC_JSON_SYNTAX);
            assert_string_equal(
                got.problem.message,
                "an integer of more than 4,300 digits, which Python refuses");
        }
        forget(&got);
        free(text);
    }
}

static void long_strings(void **state)
{
    (void)state;
    for (size_t size = 2; size < 300000; size = size * 3 + 1) {
        char *text = grab(size);
        struct outcome got;

        memset(text, 'x', size);
        text[0] = text[size - 1] = '"';
        got = parse_both(text, size);
        assert_int_equal(got.problem.fault, LC_JSON_FINE);
        forget(&got);
        free(text);
    }
}

/* ---- at random */

/* Sound rows with a few bytes changed, removed or doubled: both parsers agree. */
static void random_changes(void **state)
{
    static const char *const rows[] = {
        "{\"id\": \"1\", \"image\": \"a.jpg\", \"n\": [1, -2.50, 3e8, true, null]}",
        "[\"\\ud83d\\ude00 \\u00e9\", \"\xC3\xA9\xF0\x9F\x98\x80\", {\"a\": {}, \"b\": "
        "[]}]",
        "{\"a\": 9223372036854775808, \"b\": NaN, \"c\": \"\\n\\t\\\"\", \"\": -0}",
    };
    static const char alphabet[] = "{}[]:,\"\\u0d8c9eE+-.1 \n\t\x01ntfNI\xC3\xA9\xF0/";
    uint64_t seed = 7;
    size_t fine = 0, faulty = 0;
    EXPECT_CASES(rows, 3);

    (void)state;
    for (int round = 0; round < 60000; round++) {
        char text[256];
        const char *row = rows[next_random(&seed) % COUNT(rows)];
        size_t size = strlen(row), changes = 1 + next_random(&seed) % 3;
        struct outcome got;

        memcpy(text, row, size);
        while (changes--) {
            uint64_t pick = next_random(&seed) >> 8;
            size_t at = pick % size;

            if (pick >> 32 & 1) {
                text[at] = alphabet[(pick >> 40) % (sizeof(alphabet) - 1)];
            } else if (pick >> 33 & 1) {
                memmove(text + at, text + at + 1, size - at - 1);
                size--;
            } else {
                memmove(text + at + 1, text + at, size - at);
                size++;
            }
        }
        got = parse_both(text, size);
        *(got.problem.fault == LC_JSON_FINE ? &fine : &faulty) += 1;
        assert_true(got.problem.offset <= size);
        forget(&got);
    }
    assert_int_equal(fine + faulty, 60000);
    assert_true(fine > 5000 && faulty > 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_texts),
        cmocka_unit_test(only_python_reads_it),
        cmocka_unit_test(details_of_syntax),
        cmocka_unit_test(numbers_beyond_64_bits),
        cmocka_unit_test(offsets),
        cmocka_unit_test(value_and_more),
        cmocka_unit_test(strings_in_the_text),
        cmocka_unit_test(parsers_apart),
        cmocka_unit_test(refused_texts),
        cmocka_unit_test(not_cut_off),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(depth_limit),
        cmocka_unit_test(very_deep),
        cmocka_unit_test(long_integers),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(random_changes),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}
