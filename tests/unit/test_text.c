/* test_text.c - src/base/text: characters, white space, places, UTF-8, quotations */
#include "unit.h"

/* ---- characters */

/* All characters for which Python's str.isspace() is true, as listed in the header. */
static const uint32_t spaces[] = {
    0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x1C,   0x1D,   0x1E,   0x1F,   0x20,
    0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
    0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
};
EXPECT_CASES(spaces, 29);

static bool is_space(uint32_t point)
{
    for (size_t i = 0; i < COUNT(spaces); i++)
        if (spaces[i] == point)
            return true;
    return false;
}

/* Every code point, even surrogates, from a text of its exact size. */
static void every_character(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[4], *copy;
        size_t size = encode(point, text);
        struct lc_character got;

        copy = grab(size);
        memcpy(copy, text, size);
        got = lc_text_character(copy);
        free(copy);
        if (got.point != point || got.size != size)
            fail_msg("U+%04X: U+%04X in %u bytes", point, got.point, got.size);
    }
}

static void every_white_space(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[8] = "a";
        size_t size = encode(point, text);

        if (point >= 0x80 && lc_text_is_wide_space(point) != is_space(point))
            fail_msg("U+%04X", point);
        if (lc_text_leading_space(text, size) != (is_space(point) ? size : 0))
            fail_msg("U+%04X in a text", point);
    }
}

static void leading_space(void **state)
{
    static const struct {
        const char *text;
        size_t size, space;
    } cases[] = {
        {BYTES(""), 0},
        {BYTES("a"), 0},
        {BYTES("a "), 0},
        {BYTES(" a"), 1},
        {BYTES(" "), 1},
        {BYTES(" \t\r\n\v\f\x1C\x1D\x1E\x1F"), 10},
        {BYTES("\0 "), 0},
        {BYTES("\x1B "), 0},
        {BYTES(" \xC2\xA0 a \xC2\xA0"), 4},
        {BYTES("\xE3\x80\x80\xE3\x80\x81"), 3},
        {BYTES("\xE2\x80\x83\xC2\x85"), 5},
        {BYTES("\xE2\x80\x8B"), 0},    /* a zero-width space is not white space */
        {BYTES("\n\xED\xA0\x80 "), 1}, /* a lone surrogate */
        {BYTES(" \xF0\x9F\x98\x80"), 1},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = grab(cases[i].size); /* of the exact size, for the sanitizer */

        memcpy(copy, cases[i].text, cases[i].size);
        assert_int_equal(lc_text_leading_space(copy, cases[i].size), cases[i].space);
        free(copy);
    }
}

/* Check what Python's str.strip would leave, with a copy of the exact size. */
static void check_strip(const char *text, size_t size, size_t begin, size_t end)
{
    char *copy = grab(size);
    struct lc_span got;

    memcpy(copy, text, size);
    got = lc_text_strip((struct lc_span){copy, size});
    if (got.size != end - begin || (got.size && got.text != copy + begin))
        fail_msg("'%.*s': %zu bytes from %zu", (int)size, text, got.size,
                 (size_t)(got.text - copy));
    free(copy);
}

/* Every code point on either side of a text, and as the whole text. */
static void every_strip(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[16];
        size_t size = encode(point, text), gone = is_space(point) ? size : 0;

        check_strip(text, size, gone, size);
        text[size] = 'a';
        memcpy(text + size + 1, text, size);
        check_strip(text, 2 * size + 1, gone, 2 * size + 1 - gone);
    }
}

static void strip(void **state)
{
    static const struct {
        const char *text;
        size_t size, begin, end;
    } cases[] = {
        {BYTES(""), 0, 0},
        {BYTES("a"), 0, 1},
        {BYTES(" \t a b \r\n"), 3, 6},
        {BYTES("\xC2\xA0\f\xE3\x80\x80 \x1C"), 8, 8},
        {BYTES("\xE2\x80\x8B \xE2\x80\x8B"), 0, 7},
        /* bytes that are not UTF-8 are not white space */
        {BYTES(" \xA0 "), 1, 2},
        {BYTES("\xC2 \xA0"), 0, 3},
        {BYTES("\x85\x85 a \xC2"), 0, 6},
        {BYTES("a \xE2\x80"), 0, 4},
        {BYTES("\xE2\x80"), 0, 2},
        {BYTES("\x80\x80\x80\x80"), 0, 4},
        {BYTES("\xC2\x85\x85"), 2, 3},
        {BYTES("a\xC0\xA0"), 0, 3}, /* an overlong blank */
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_strip(cases[i].text, cases[i].size, cases[i].begin, cases[i].end);
}

/* Letters of each script, and the limits of the table's ranges. */
static void scripts(void **state)
{
    static const struct {
        uint32_t point;
        enum lc_script script;
    } cases[] = {
        {0x00, LC_SCRIPT_NONE},     {'0', LC_SCRIPT_NONE},
        {'@', LC_SCRIPT_NONE},      {'A', LC_SCRIPT_LATIN},
        {'Z', LC_SCRIPT_LATIN},     {'[', LC_SCRIPT_NONE},
        {'`', LC_SCRIPT_NONE},      {'a', LC_SCRIPT_LATIN},
        {'z', LC_SCRIPT_LATIN},     {'{', LC_SCRIPT_NONE},
        {0xA9, LC_SCRIPT_NONE},     {0xAA, LC_SCRIPT_LATIN},
        {0xBA, LC_SCRIPT_LATIN},    {0xBF, LC_SCRIPT_NONE},
        {0xC0, LC_SCRIPT_LATIN},    {0xD7, LC_SCRIPT_NONE},
        {0xDF, LC_SCRIPT_LATIN},    {0xF7, LC_SCRIPT_NONE},
        {0xFF, LC_SCRIPT_LATIN},    {0x2AF, LC_SCRIPT_LATIN},
        {0x2B0, LC_SCRIPT_NONE},    {0x301, LC_SCRIPT_NONE},
        {0x3B1, LC_SCRIPT_OTHER},   {0x416, LC_SCRIPT_OTHER},
        {0x5D0, LC_SCRIPT_OTHER},   {0x627, LC_SCRIPT_OTHER},
        {0x915, LC_SCRIPT_OTHER},   {0xE01, LC_SCRIPT_OTHER},
        {0x1EA1, LC_SCRIPT_LATIN},  {0x1F00, LC_SCRIPT_OTHER},
        {0x2019, LC_SCRIPT_NONE},   {0x20AC, LC_SCRIPT_NONE},
        {0x3001, LC_SCRIPT_NONE},   {0x303F, LC_SCRIPT_NONE},
        {0x3042, LC_SCRIPT_OTHER},  {0x30AB, LC_SCRIPT_OTHER},
        {0x3400, LC_SCRIPT_HAN},    {0x4DBF, LC_SCRIPT_HAN},
        {0x4E2D, LC_SCRIPT_HAN},    {0x9FFF, LC_SCRIPT_HAN},
        {0xA000, LC_SCRIPT_OTHER},  {0xAC00, LC_SCRIPT_OTHER},
        {0xD7A3, LC_SCRIPT_OTHER},  {0xD800, LC_SCRIPT_NONE},
        {0xDFFF, LC_SCRIPT_NONE},   {0xE000, LC_SCRIPT_NONE},
        {0xF900, LC_SCRIPT_HAN},    {0xFB1D, LC_SCRIPT_OTHER},
        {0xFE0F, LC_SCRIPT_NONE},   {0xFEFF, LC_SCRIPT_NONE},
        {0xFF66, LC_SCRIPT_OTHER},  {0xFFFD, LC_SCRIPT_NONE},
        {0x10400, LC_SCRIPT_OTHER}, {0x1D400, LC_SCRIPT_NONE},
        {0x1F600, LC_SCRIPT_OTHER}, {0x20000, LC_SCRIPT_HAN},
        {0x3134A, LC_SCRIPT_HAN},   {0x40000, LC_SCRIPT_NONE},
        {0xE0041, LC_SCRIPT_NONE},  {0x10FFFF, LC_SCRIPT_NONE},
    };
    EXPECT_CASES(cases, 60);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (lc_text_script(cases[i].point) != cases[i].script)
            fail_msg("U+%04X: %d", cases[i].point, lc_text_script(cases[i].point));
}

/* Texts long enough to be counted in blocks, at any address, cut anywhere. */
static void characters(void **state)
{
    static const char unit[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    enum { UNITS = 600, SIZE = UNITS * 10 };
    char *text = grab(SIZE);

    (void)state;
    for (size_t i = 0; i < UNITS; i++)
        memcpy(text + 10 * i, unit, 10);
    for (size_t from = 0; from < 40; from++) {
        for (size_t size = 0; size + from <= SIZE; size += size < 100 ? 1 : 397) {
            size_t wanted = 0;

            for (size_t i = from; i < from + size; i++)
                wanted += ((unsigned char)text[i] & 0xC0) != 0x80;
            assert_int_equal(lc_text_characters(text + from, size), wanted);
        }
    }
    assert_int_equal(lc_text_characters(text, SIZE), 4 * UNITS);
    free(text);
}

/* ---- places */

static void places(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        uint64_t line, column;
    } cases[] = {
        {BYTES(""), 3, 5},
        {BYTES("a"), 3, 6},
        {BYTES("\n"), 4, 1},
        {BYTES("\n\n"), 5, 1},
        {BYTES("\nab"), 4, 3},
        {BYTES("a\r\nb"), 4, 2},
        {BYTES("a\rb"), 3, 8}, /* only \n ends a line */
        {BYTES("\xC3\xA9"), 3, 6},
        {BYTES("\xF0\x9F\x98\x80"), 3, 6}, /* Python counts code points */
        {BYTES("\n\xE2\x82\xAC\xE2\x82\xAC"), 4, 3},
        {BYTES("\xFF\xFE"), 3, 7},
        {BYTES("\x80\x80"), 3, 5},
        {BYTES("e\xCC\x81"), 3, 7},
        {BYTES("\xE2\x80\xA8"), 3, 6}, /* U+2028 ends no line */
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_place place = {.offset = 100, .line = 3, .column = 5};

        lc_place_advance(&place, cases[i].text, cases[i].size);
        assert_int_equal(place.offset, 100 + cases[i].size);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
    }
}

/* Two steps give the same as one, wherever it is split. */
static void places_in_steps(void **state)
{
    static const char text[] = "ab\nc\xC3\xA9\xF0\x9F\x98\x80\n\nx\xE2\x82\xACz";
    size_t size = sizeof(text) - 1;
    struct lc_place whole = {.line = 1, .column = 1};

    (void)state;
    lc_place_advance(&whole, text, size);
    assert_int_equal(whole.line, 4);
    assert_int_equal(whole.column, 4);
    for (size_t cut = 0; cut <= size; cut++) {
        struct lc_place place = {.line = 1, .column = 1};

        lc_place_advance(&place, text, cut);
        lc_place_advance(&place, text + cut, size - cut);
        assert_memory_equal(&place, &whole, sizeof(place));
    }
}

/* Lines of every length: newlines are counted in blocks. */
static void places_in_long_texts(void **state)
{
    enum { SIZE = 9000 };
    char *text = grab(SIZE);

    (void)state;
    for (size_t length = 1; length < 600; length = length * 3 / 2 + 1) {
        struct lc_place place = {.line = 1, .column = 1};

        for (size_t i = 0; i < SIZE; i++)
            text[i] = i % length == length - 1 ? '\n' : 'x';
        lc_place_advance(&place, text, SIZE);
        assert_int_equal(place.offset, SIZE);
        assert_int_equal(place.line, 1 + SIZE / length);
        assert_int_equal(place.column, 1 + SIZE % length);
    }
    free(text);
}

static void spans(void **state)
{
    (void)state;
    assert_true(lc_span_is(span("gpt"), "gpt"));
    assert_true(lc_span_is(span(""), ""));
    assert_true(lc_span_is((struct lc_span){0}, "")); /* an empty span as in rows */
    assert_false(lc_span_is((struct lc_span){0}, "gpt"));
    assert_false(lc_span_is(span("gp"), "gpt"));
    assert_false(lc_span_is(span("gpt "), "gpt"));
    assert_false(lc_span_is(span("Gpt"), "gpt"));
    assert_false(lc_span_is((struct lc_span){BYTES("gpt\0")}, "gpt"));
}

/* ---- UTF-8 */

static void utf8_table(void **state)
{
    /* Unicode 15 table 3-7, each limit and the value beyond it; 0: not UTF-8 */
    static const struct {
        const char *text;
        size_t size, length;
    } cases[] = {
        {BYTES("\x00"), 1},
        {BYTES("\x7F"), 1},
        {BYTES("\x80"), 0},
        {BYTES("\xBF"), 0},
        {BYTES("\xC0\x80"), 0},
        {BYTES("\xC1\xBF"), 0},
        {BYTES("\xC2\x80"), 2},
        {BYTES("\xC2\x7F"), 0},
        {BYTES("\xC2\xC0"), 0},
        {BYTES("\xDF\xBF"), 2},
        {BYTES("\xE0\x9F\xBF"), 0},
        {BYTES("\xE0\xA0\x80"), 3},
        {BYTES("\xE0\xBF\xBF"), 3},
        {BYTES("\xE0\xC0\x80"), 0},
        {BYTES("\xE1\x80\x80"), 3},
        {BYTES("\xE1\x7F\x80"), 0},
        {BYTES("\xE1\x80\x7F"), 0},
        {BYTES("\xE1\x80\xC0"), 0},
        {BYTES("\xEC\xBF\xBF"), 3},
        {BYTES("\xED\x80\x80"), 3},
        {BYTES("\xED\x9F\xBF"), 3},
        {BYTES("\xED\xA0\x80"), 0},
        {BYTES("\xED\xBF\xBF"), 0},
        {BYTES("\xEE\x80\x80"), 3},
        {BYTES("\xEF\xBF\xBF"), 3},
        {BYTES("\xF0\x8F\xBF\xBF"), 0},
        {BYTES("\xF0\x90\x80\x80"), 4},
        {BYTES("\xF0\xBF\xBF\xBF"), 4},
        {BYTES("\xF0\x90\x7F\x80"), 0},
        {BYTES("\xF0\x90\x80\x7F"), 0},
        {BYTES("\xF0\x90\x80\xC0"), 0},
        {BYTES("\xF1\x80\x80\x80"), 4},
        {BYTES("\xF3\xBF\xBF\xBF"), 4},
        {BYTES("\xF4\x80\x80\x80"), 4},
        {BYTES("\xF4\x8F\xBF\xBF"), 4},
        {BYTES("\xF4\x90\x80\x80"), 0},
        {BYTES("\xF5\x80\x80\x80"), 0},
        {BYTES("\xF8\x88\x80\x80\x80"), 0},
        {BYTES("\xFE"), 0},
        {BYTES("\xFF"), 0},
        {BYTES("\xC2"), 0}, /* cut */
        {BYTES("\xE1\x80"), 0},
        {BYTES("\xE1"), 0},
        {BYTES("\xF1\x80\x80"), 0},
        {BYTES("\xF1"), 0},
    };
    EXPECT_CASES(cases, 45);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        /* preceded by 0 to 9 letters, and followed by letters unless it is cut */
        for (size_t before = 0; before < 10; before++) {
            size_t size = before + cases[i].size, bad;
            char *text = grab(size);

            memset(text, 'a', before);
            memcpy(text + before, cases[i].text, cases[i].size);
            bad = lc_text_invalid_utf8(text, size);
            assert_int_equal(bad, cases[i].length ? size : before);
            assert_int_equal(lc_text_utf8_length(text + before, cases[i].size),
                             cases[i].length);
            free(text);
        }
    }
}

/* Every sequence of two bytes with possible continuations, compared with the code points.
 */
static void utf8_every_character(void **state)
{
    size_t good = 0;

    (void)state;
    for (uint32_t point = 0; point < 0x120000; point++) {
        bool valid = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        char text[4];
        size_t size = encode(point, text);

        assert_int_equal(lc_text_utf8_length(text, size), valid ? size : 0);
        good += valid;
    }
    assert_int_equal(good, 0x110000 - 2048);
}

/* Every prefix of every character, and prefixes that no character has. */
static void utf8_cut_characters(void **state)
{
    static const char *const others[] = {
        "",         "a",        "\x80",     "\xC1",     "\xC2\x80", "\xC2\x41",
        "\xE0\x9F", "\xED\xA0", "\xF0\x8F", "\xF4\x90", "\xF5",     "\xF1\x80\x41",
        "\xE1\xC0"};
    EXPECT_CASES(others, 13);

    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[4];
        size_t size = encode(point, text);

        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        assert_false(lc_text_is_truncated_character(text, size));
        for (size_t cut = 1; cut < size; cut++)
            assert_true(lc_text_is_truncated_character(text, cut));
    }
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(lc_text_is_truncated_character(others[i], strlen(others[i])));
}

/* ---- quotations */

static void quotes(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *quote;
    } cases[] = {
        {BYTES(""), "''"},
        {BYTES("user"), "'user'"},
        {BYTES("it's"), "'it\\x27s'"},
        {BYTES("a\nb\tc\0d"), "'a\\x0ab\\x09c\\x00d'"},
        {BYTES("\x1B[31m"), "'\\x1b[31m'"},
        {BYTES("\x7F"), "'\\x7f'"},
        {BYTES("caf\xC3\xA9"), "'caf\xC3\xA9'"},
        {BYTES("caf\xC3"), "'caf\\xc3'"},
        {BYTES("\xFF\xFE"), "'\\xff\\xfe'"},
        {BYTES("\xED\xA0\x80"), "'\\xed\\xa0\\x80'"},
        {BYTES("\xF0\x9F\x98\x80"), "'\xF0\x9F\x98\x80'"},
        {BYTES("a\xE2\x80\xAEgpj"), "'a\\u{202e}gpj'"}, /* would reverse what follows */
        {BYTES("\xC2\x85\xE2\x80\xA8"), "'\\u{0085}\\u{2028}'"},
        {BYTES("\xD8\x9C"), "'\\u{061c}'"},
        {BYTES("a\xE2\x80\x8B\xF3\xA0\x81\x81"), "'a\\u{200b}\\u{e0041}'"},
    };
    char out[64];
    EXPECT_CASES(cases, 15);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_span text = {cases[i].text, cases[i].size};

        assert_ptr_equal(lc_text_quote(text, out, sizeof(out)), out);
        assert_string_equal(out, cases[i].quote);
    }
}

/* Whatever the capacity: quoted printable UTF-8, cut with an ellipsis if necessary. */
static void quotes_that_do_not_fit(void **state)
{
    static const struct {
        const char *text;
        size_t quoted; /* size when quoted, in bytes */
    } units[] = {
        {"x", 1},  {"\xC3\xA9", 2}, {"\xE2\x82\xAC", 3}, {"\xF0\x9F\x98\x80", 4},
        {"\n", 4}, {"'", 4},        {"\xE2\x80\xAE", 8}, {"\xF3\xA0\x81\x81", 9}};
    char text[256];
    EXPECT_CASES(units, 8);

    (void)state;
    for (size_t unit = 0; unit < COUNT(units); unit++) {
        size_t size = strlen(units[unit].text), total = 40 * size;
        size_t whole = 40 * units[unit].quoted + 3; /* quotes and NUL */

        for (size_t i = 0; i < 40; i++)
            memcpy(text + i * size, units[unit].text, size);
        for (size_t capacity = 16; capacity < 400; capacity++) {
            char *out = grab(capacity); /* exact size, for sanitizers */
            size_t length;

            lc_text_quote((struct lc_span){text, total}, out, capacity);
            length = strnlen(out, capacity);
            assert_true(length < capacity);
            assert_int_equal(out[0], '\'');
            assert_int_equal(out[length - 1], '\'');
            assert_int_equal(lc_text_invalid_utf8(out, length), length);
            if (capacity < whole)
                assert_non_null(strstr(out, "…"));
            else if (capacity >=
                     whole + 12) /* nearer the limit, it may be cut as a precaution */
                assert_int_equal(length, whole - 1);
            free(out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character),
        cmocka_unit_test(every_white_space),
        cmocka_unit_test(leading_space),
        cmocka_unit_test(every_strip),
        cmocka_unit_test(strip),
        cmocka_unit_test(scripts),
        cmocka_unit_test(characters),
        cmocka_unit_test(places),
        cmocka_unit_test(places_in_steps),
        cmocka_unit_test(places_in_long_texts),
        cmocka_unit_test(spans),
        cmocka_unit_test(utf8_table),
        cmocka_unit_test(utf8_every_character),
        cmocka_unit_test(utf8_cut_characters),
        cmocka_unit_test(quotes),
        cmocka_unit_test(quotes_that_do_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
