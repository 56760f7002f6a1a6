/* test_brackets.c - src/json/brackets, in every instruction set, compared with the same
 * search byte by byte */
#include "unit.h"

#include "json/brackets.h"
#include "json/json.h"

/* The contract, byte by byte. A backslash escapes the next quote outside of strings, too:
 * such a text is not JSON, so its end does not matter. */
static enum lc_brackets plain_find(const char *text, size_t size, size_t *end)
{
    size_t depth = 0;
    bool string = false, escaped = false;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool quote = c == '"' && !escaped;

        escaped = c == '\\' && !escaped;
        if (quote) {
            string = !string;
        } else if (string) {
            if ((unsigned char)c < 0x20)
                return LC_BRACKETS_UNCLEAR;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            if ((c == '}') != (text[0] == '{'))
                return LC_BRACKETS_UNCLEAR;
            *end = i + 1;
            return LC_BRACKETS_CLOSED;
        }
    }
    return LC_BRACKETS_OPEN;
}

/* Compare an extent with what the text has, byte by byte. */
static void check_extent(const char *text, const struct lc_extent *extent)
{
    uint64_t lines = 0, characters = 0;

    for (size_t i = 0; i < extent->size; i++) {
        characters += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (text[i] == '\n') {
            lines++;
            characters = 0;
        }
    }
    if (extent->lines != lines || extent->characters != characters)
        fail_msg("%.*s: %u lines, %u characters", (int)extent->size, text,
                 (unsigned)extent->lines, (unsigned)extent->characters);
}

static lc_brackets_fn *search; /* for the instruction set being tested */

/* Run each test for each instruction set of this machine, and for the dispatcher. */
#define IN_EVERY_SET(test)                                                               \
    static void test##_in_every_set(void **state)                                        \
    {                                                                                    \
        for (int isa = LC_ISA_PLAIN; isa <= (int)lc_isa_best(); isa++) {                 \
            search = lc_brackets_kernels[isa];                                           \
            test(state);                                                                 \
        }                                                                                \
        search = lc_brackets_find;                                                       \
        test(state);                                                                     \
    }

/* Search in a copy with exactly the required padding, filled with misleading bytes. */
static enum lc_brackets find(const char *text, size_t size, size_t *end)
{
    char *copy = grab(size + LC_JSON_PADDING);
    struct lc_extent extent;
    enum lc_brackets result;

    memcpy(copy, text, size);
    for (size_t i = 0; i < LC_JSON_PADDING; i++)
        copy[size + i] = "}]\"\\"[i % 4];
    result = search(copy, size, &extent);
    if (result == LC_BRACKETS_CLOSED) {
        assert_true(extent.size <= size);
        check_extent(copy, &extent);
        *end = extent.size;
    }
    free(copy);
    return result;
}

static void literal_cases(void **state)
{
    static const struct {
        const char *text;
        enum lc_brackets result;
        size_t end;
    } cases[] = {
        {"{}", LC_BRACKETS_CLOSED, 2},
        {"[]", LC_BRACKETS_CLOSED, 2},
        {"{} ]", LC_BRACKETS_CLOSED, 2},
        {"[{\"a\": [1, 2]}], 7", LC_BRACKETS_CLOSED, 15},
        {"{\"}\": \"]\"}", LC_BRACKETS_CLOSED, 10},
        {"{\"\\\"}\": 1}", LC_BRACKETS_CLOSED, 10},
        {"{\"\\\\\": 1}", LC_BRACKETS_CLOSED, 9},
        {"{\"\\\\\\\"}\": 1}", LC_BRACKETS_CLOSED, 12},
        {"{\n\t\"a\": 1\r\n}", LC_BRACKETS_CLOSED, 12},
        {"{\"a\x7F\xC3\xA9\": 1}", LC_BRACKETS_CLOSED, 11},
        {"{", LC_BRACKETS_OPEN, 0},
        {"[", LC_BRACKETS_OPEN, 0},
        {"{\"", LC_BRACKETS_OPEN, 0},
        {"{\"a}", LC_BRACKETS_OPEN, 0},
        {"{\"\\\"}", LC_BRACKETS_OPEN, 0},
        {"[[]", LC_BRACKETS_OPEN, 0},
        {"{]", LC_BRACKETS_UNCLEAR, 0},
        {"[}", LC_BRACKETS_UNCLEAR, 0},
        {"[{]}", LC_BRACKETS_UNCLEAR, 0},
        {"{\n\"\xC3\xA9\":\n\"\xE2\x82\xAC\"}", LC_BRACKETS_CLOSED, 14},
        {"{\"a\nb\": 1}", LC_BRACKETS_UNCLEAR, 0},
        {"{\"a\tb\": 1}", LC_BRACKETS_UNCLEAR, 0},
        {"{\"a\\\nb\": 1}", LC_BRACKETS_UNCLEAR, 0},
        {"{} \"\n\"", LC_BRACKETS_CLOSED, 2},
        {"{\"a\": \"\\\\\"} {\"b\": \"", LC_BRACKETS_CLOSED, 11},
    };
    EXPECT_CASES(cases, 25);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t end = 0, plain = 0, size = strlen(cases[i].text);

        assert_int_equal(find(cases[i].text, size, &end), cases[i].result);
        assert_int_equal(end, cases[i].end);
        /* test the reference itself */
        assert_int_equal(plain_find(cases[i].text, size, &plain), cases[i].result);
        assert_int_equal(plain, cases[i].end);
    }
}
IN_EVERY_SET(literal_cases)

/* As deep as allowed, alternating both kinds of brackets. */
static void depths(void **state)
{
    (void)state;
    for (size_t depth = 1; depth <= 1100; depth += 1 + depth / 200) {
        char *text = grab(2 * depth);
        size_t end = 0;

        for (size_t i = 0; i < depth; i++) {
            text[i] = i % 3 ? '[' : '{';
            text[2 * depth - 1 - i] = i % 3 ? ']' : '}';
        }
        assert_int_equal(find(text, 2 * depth, &end), LC_BRACKETS_CLOSED);
        assert_int_equal(end, 2 * depth);
        assert_int_equal(find(text, 2 * depth - 1, &end), LC_BRACKETS_OPEN);
        free(text);
    }
}
IN_EVERY_SET(depths)

/* A string's end, an escape and the closing bracket at every position of three blocks. */
static void every_place(void **state)
{
    static const char *const tails[] = {"\"}", "\\\"\"}", "\\\\\"}", "\\\\\\\"\"}"};
    EXPECT_CASES(tails, 4);

    (void)state;
    for (size_t tail = 0; tail < COUNT(tails); tail++) {
        for (size_t length = 0; length < 200; length++) {
            char text[256] = "{\"";
            size_t size = 2 + length, end = 0;

            memset(text + 2, length % 2 ? 'x' : '}', length);
            strcpy(text + size, tails[tail]);
            size += strlen(tails[tail]);
            assert_int_equal(find(text, size, &end), LC_BRACKETS_CLOSED);
            assert_int_equal(end, size);
            end = 0;
            assert_int_equal(find(text, size - 1, &end), LC_BRACKETS_OPEN);
        }
    }
}
IN_EVERY_SET(every_place)

/* Search random texts; how often each character is in the alphabet decides which of the
 * three answers is likely. */
static void random_texts(const char *alphabet, uint64_t seed, size_t seen[3])
{
    size_t letters = strlen(alphabet);
    char text[300];

    for (int round = 0; round < rounds(100000); round++) {
        size_t size = 1 + next_random(&seed) % 300, end = 0, wanted = 0;
        enum lc_brackets result;

        for (size_t i = 0; i < size; i++)
            text[i] = alphabet[(next_random(&seed) >> 16) % letters];
        text[0] = next_random(&seed) % 2 ? '{' : '[';
        result = plain_find(text, size, &wanted);
        if (find(text, size, &end) != result || end != wanted)
            fail_msg("a text of %zu bytes, round %d: %.*s", size, round, (int)size, text);
        seen[result]++;
    }
}

static void against_the_reference(void **state)
{
    size_t seen[3] = {0};

    (void)state;
    random_texts("{}[]\"\\ \nax", 1, seen);
    /* mostly strings of backslashes and quotes, without newlines, few brackets */
    random_texts("xxxxxxxxaaaaaaa     \\\\\\\\\\\\\"\"\"\"\"\"\"\"{}", 2, seen);
    assert_int_equal(seen[0] + seen[1] + seen[2], 2 * rounds(100000));
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_true(seen[i] > (size_t)rounds(5000));
}
IN_EVERY_SET(against_the_reference)

/* Write a random valid value below the depth limit. */
static char *write_value(char *to, char *limit, size_t depth, uint64_t *seed)
{
    uint64_t pick = next_random(seed);
    bool object = pick & 1;
    size_t count = (pick >> 8) % 5;

    if (limit - to < 64 || depth == 30) {
        memcpy(to, "\"x\\\\\"", 5);
        return to + 5;
    }
    if (depth && pick % 3 == 0) {
        memcpy(to, "\"}\\\"{\\\\\"", 8);
        return to + 8;
    }
    *to++ = object ? '{' : '[';
    for (size_t i = 0; i < count; i++) {
        if (i)
            *to++ = ',';
        if (object) {
            memcpy(to, "\"]\":", 4);
            to += 4;
        }
        to = write_value(to, limit, depth + 1, seed);
    }
    *to++ = object ? '}' : ']';
    return to;
}

/* Values over many lines, with characters of every size. */
static void lines_and_characters(void **state)
{
    static const char *const parts[] = {"\n",
                                        "\n",
                                        " ",
                                        "[",
                                        "]",
                                        "\xC3\xA9",
                                        "\"\"",
                                        "\xE2\x82\xAC",
                                        "\xF0\x9F\x98\x80",
                                        "xxxxxxx"};
    uint64_t seed = 4;
    size_t closed = 0;
    EXPECT_CASES(parts, 10);

    (void)state;
    for (int round = 0; round < rounds(20000); round++) {
        char text[1300] = "[";
        size_t size = 1, end = 0, wanted = 0, count = next_random(&seed) % 300;
        uint64_t plain = next_random(&seed) >> 40;

        while (count--) {
            const char *part = parts[(next_random(&seed) >> 16) % COUNT(parts)];

            if (plain % 3 && (*part == '[' || *part == ']' || *part == '\n'))
                part = "yy";
            size = (size_t)(stpcpy(text + size, part) - text);
        }
        text[size++] = ']';
        assert_int_equal(find(text, size, &end), plain_find(text, size, &wanted));
        assert_int_equal(end, wanted);
        closed += end > 128;
    }
    assert_true(closed > (size_t)rounds(5000));
}
IN_EVERY_SET(lines_and_characters)

/* The end of a valid value is always found. */
static void valid_values(void **state)
{
    static char text[4096];
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < rounds(20000); round++) {
        char *limit = text + 64 + next_random(&seed) % 1000;
        size_t size = (size_t)(write_value(text, limit, 0, &seed) - text), end = 0;

        assert_int_equal(find(text, size, &end), LC_BRACKETS_CLOSED);
        assert_int_equal(end, size);
    }
}
IN_EVERY_SET(valid_values)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_characters_in_every_set),
        cmocka_unit_test(literal_cases_in_every_set),
        cmocka_unit_test(depths_in_every_set),
        cmocka_unit_test(every_place_in_every_set),
        cmocka_unit_test(against_the_reference_in_every_set),
        cmocka_unit_test(valid_values_in_every_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
