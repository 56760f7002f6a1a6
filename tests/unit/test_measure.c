/* test_measure.c - src/base/measure, in every instruction set, compared with counting
 * character by character */
#include "unit.h"

#include "base/measure.h"

/* All characters for which Python's str.isspace() is true, as listed in the header. */
static const uint32_t spaces[] = {
    0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x1C,   0x1D,   0x1E,   0x1F,   0x20,
    0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
    0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
};
EXPECT_CASES(spaces, 29);

/* Characters that are close to white space, letters, damage or marks, by number or bytes;
 * and some that are such. */
static const uint32_t others[] = {
    0x00,    0x08,    0x0E,    0x1B,     0x21,   'a',    'Z',    '@',    '[',    '`',
    '_',     '^',     '{',     '<',      ':',    'T',    'R',    '"',    '\\',   0x7F,
    0x80,    0x84,    0x86,    0x9F,     0xA1,   0xAA,   0xAD,   0xBA,   0xC2,   0xC3,
    0xD7,    0xE9,    0x2AF,   0x2B0,    0x3B1,  0x7FF,  0x800,  0x167F, 0x1681, 0x180E,
    0x1E00,  0x1FFF,  0x200B,  0x200D,   0x2027, 0x202A, 0x202E, 0x2030, 0x205E, 0x2060,
    0x20AC,  0x2FFF,  0x3001,  0x3042,   0x33FF, 0x3400, 0x3FFF, 0x4000, 0x4E2D, 0x9FFF,
    0xA000,  0xAC00,  0xD800,  0xDFFF,   0xF900, 0xFEFF, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF,
    0x10000, 0x1F600, 0x20000, 0x10FFFF,
};
EXPECT_CASES(others, 74);

enum { MOST = 256 };

/* A text as code points. */
struct points {
    uint32_t items[MOST];
    size_t count;
};

static size_t encode_all(const struct points *points, char out[4 * MOST])
{
    size_t size = 0;

    for (size_t i = 0; i < points->count; i++)
        size += encode(points->items[i], out + size);
    return size;
}

/* ---- the reference */

static bool is_space(uint32_t point)
{
    for (size_t i = 0; i < COUNT(spaces); i++)
        if (spaces[i] == point)
            return true;
    return false;
}

/* Whether a text continues with these code points; 0 terminates them. */
static bool goes_on(const struct points *points, size_t at, const uint32_t *with)
{
    for (; *with; with++, at++)
        if (at >= points->count || points->items[at] != *with)
            return false;
    return true;
}

/* Whether the character at a place, with those after it, marks its text as damaged. */
static bool is_damage(const struct points *points, size_t at)
{
    static const uint32_t signs[][4] = {
        {0xE2, 0x20AC}, {0xF0, 0x178}, {0xEF, 0xBF, 0xBD}, {0xEF, 0xBB, 0xBF}};
    uint32_t c = points->items[at];
    uint32_t next = at + 1 < points->count ? points->items[at + 1] : 0;

    if (c == 0xFFFD || (c >= 0x80 && c < 0xA0) ||
        (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
        return true;
    if ((c == 0xC2 || c == 0xC3) && next >= 0xA0 && next <= 0xBF)
        return true;
    for (size_t i = 0; i < COUNT(signs); i++)
        if (goes_on(points, at, signs[i]))
            return true;
    return false;
}

static struct lc_measure reference(const struct points *points)
{
    struct lc_measure out = {.characters = points->count};
    bool in_word = false;

    for (size_t i = 0; i < points->count; i++) {
        uint32_t c = points->items[i], before = i ? points->items[i - 1] : 0;
        enum lc_script script = lc_text_script(c);

        out.words += !is_space(c) && !in_word;
        in_word = !is_space(c);
        if (script != LC_SCRIPT_NONE && c >= 0x80)
            out.letters[script]++;
        out.marks |= c >= 0x80 ? LC_MARK_WIDE : 0U;
        out.marks |= c == '<' ? LC_MARK_TAG : 0U;
        out.marks |= c == '[' ? LC_MARK_SQUARE : 0U;
        out.marks |= c == '_' ? LC_MARK_UNDERSCORE : 0U;
        out.marks |= c == ':' && (before == 'T' || before == 'R') ? LC_MARK_ROLE : 0U;
        out.marks |= c == 's' && before == 's' ? LC_MARK_SS : 0U;
        out.marks |= is_damage(points, i) ? LC_MARK_DAMAGED : 0U;
    }
    return out;
}

static bool same_counts(const struct lc_measure *a, const struct lc_measure *b)
{
    return a->words == b->words && a->characters == b->characters &&
           memcmp(a->letters, b->letters, sizeof(a->letters)) == 0;
}

/* Compare measures; the mark that only says "perhaps" need not be exact. */
static void compare(const char *text, size_t size, const struct lc_measure *want,
                    const struct lc_measure *got, int isa)
{
    unsigned perhaps = memchr(text, ':', size) ? LC_MARK_ROLE : 0U;

    if (!same_counts(want, got) || (want->marks & ~got->marks) ||
        (got->marks & ~(want->marks | perhaps)))
        fail_msg("set %d (from 9 on: of strings), %zu bytes, %.*s: %u words, %u "
                 "characters, %u %u %u letters, "
                 "marks %x; wanted %u, %u, %u %u %u, %x",
                 isa, size, (int)size, text, (unsigned)got->words,
                 (unsigned)got->characters, (unsigned)got->letters[0],
                 (unsigned)got->letters[1], (unsigned)got->letters[2], got->marks,
                 (unsigned)want->words, (unsigned)want->characters,
                 (unsigned)want->letters[0], (unsigned)want->letters[1],
                 (unsigned)want->letters[2], want->marks);
}

/* Measure a text, which already has its padding, in every instruction set. */
static void measure_padded(const char *text, size_t size, const struct lc_measure *want)
{
    struct lc_measure got;

    for (int isa = LC_ISA_PLAIN; isa <= (int)lc_isa_best(); isa++) {
        memset(&got, 0xAA, sizeof(got));
        lc_measure_kernels[isa](text, size, &got);
        compare(text, size, want, &got, isa);
    }
    memset(&got, 0xAA, sizeof(got));
    lc_text_measure(text, size, &got);
    compare(text, size, want, &got, -1);
}

/* Whether a character ends a string of JSON, or is not a plain part of it. */
static bool is_stop(uint32_t point)
{
    return point == '"' || point == '\\' || point < 0x20;
}

/* Measure the string at the start of a text, up to the first stop, in every set. */
static void measure_strings(const struct points *points, const char *text, size_t size)
{
    struct points part = {.count = 0};
    struct lc_measure want, plainly, got;
    char plain[4 * MOST];
    size_t end;

    while (part.count < points->count && !is_stop(points->items[part.count])) {
        part.items[part.count] = points->items[part.count];
        part.count++;
    }
    end = encode_all(&part, plain);
    want = plainly = reference(&part);
    plainly.marks &= ~(unsigned)LC_MARK_SS;
    for (int isa = LC_ISA_PLAIN; isa <= (int)lc_isa_best(); isa++) {
        memset(&got, 0xAA, sizeof(got));
        assert_int_equal(lc_measure_string_kernels[isa](text, size, &got), end);
        compare(text, end, &plainly, &got, 10 + isa);
        memset(&got, 0xAA, sizeof(got));
        assert_int_equal(lc_measure_question_kernels[isa](text, size, &got), end);
        compare(text, end, &want, &got, 20 + isa);
    }
    memset(&got, 0xAA, sizeof(got));
    assert_int_equal(lc_text_measure_string(text, size, &got), end);
    compare(text, end, &plainly, &got, 9);
    memset(&got, 0xAA, sizeof(got));
    assert_int_equal(lc_text_measure_question(text, size, &got), end);
    compare(text, end, &want, &got, 19);
}

/* Measure a copy with exactly the required padding, which is filled with junk that
 * differs from text to text; the copy may begin at any address. */
static void measure_copy(const struct points *points, const char *text, size_t size)
{
    struct lc_measure want = reference(points);
    static const char *const junk[] = {
        "x",        " ",        "\x80", "\xA9", "\xC2\xA0", "\xE2\x82\xAC",
        "\xC5\xB8", "<[T:",     "\xFF", "\x01", "\xBF\xBD", "\xC2\xBF\xC2\xBD",
        "\xF0",     "\xE3\x80",
    };
    static size_t number;
    const char *fill = junk[number % COUNT(junk)];
    size_t skew = number++ % 7;
    char *copy = grab(skew + size + LC_MEASURE_PADDING);

    EXPECT_CASES(junk, 14);
    memcpy(copy + skew, text, size);
    for (size_t i = 0; i < LC_MEASURE_PADDING; i++)
        copy[skew + size + i] = fill[i % strlen(fill)];
    measure_padded(copy + skew, size, &want);
    measure_strings(points, copy + skew, size);
    free(copy);
}

static void check(const struct points *points)
{
    char text[4 * MOST];
    size_t size = encode_all(points, text);

    measure_copy(points, text, size);
}

/* ---- the reference itself */

static void words(void **state)
{
    /* the counts were printed by Python 3.11: len(text.split()), len(text) */
    static const struct {
        const char *text;
        size_t size, words, characters;
    } cases[] = {
        {BYTES(""), 0, 0},
        {BYTES(" "), 0, 1},
        {BYTES("a"), 1, 1},
        {BYTES("        "), 0, 8},
        {BYTES("12345678"), 1, 8},
        {BYTES("1234567 9"), 2, 9},
        {BYTES("12345678 "), 1, 9},
        {BYTES(" 2345678\n0"), 2, 10},
        {BYTES("<image>\nWhat is shown?"), 4, 22},
        {BYTES("a\0b"), 1, 3},
        {BYTES("a\xC2\xA0"
               "b"),
         2, 3},
        {BYTES("\xE3\x80\x80"), 0, 1},
        {BYTES("\xE4\xBB\x8A\xE3\x80\x80\xE6\x97\xA5"), 2, 3},
        {BYTES("\xEF\xBB\xBF"), 1, 1},
        {BYTES("a\x1C"
               "b\x1D"
               "c\x1E"
               "d\x1F"
               "e"),
         5, 9},
        {BYTES("a\x1B"
               "b"),
         1, 3},
        {BYTES("1234567\xE2\x80\xA9"
               "8"),
         2, 9},
        {BYTES("123456\xE2\x80\xA9\xE2\x80\xA8"
               "8\xC2\x85"),
         2, 10},
    };
    EXPECT_CASES(cases, 18);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = grab(cases[i].size + LC_MEASURE_PADDING);
        struct lc_measure got;

        memset(copy + cases[i].size, 'x', LC_MEASURE_PADDING);
        memcpy(copy, cases[i].text, cases[i].size);
        lc_text_measure(copy, cases[i].size, &got);
        assert_int_equal(got.words, cases[i].words);
        assert_int_equal(got.characters, cases[i].characters);
        free(copy);
    }
}

#define DAMAGED (LC_MARK_DAMAGED | LC_MARK_WIDE)

static void scripts_and_marks(void **state)
{
    static const struct {
        const char *text;
        uint64_t latin, han, other;
        unsigned marks;
    } cases[] = {
        {"What is it?", 0, 0, 0, 0},
        {"caf\xC3\xA9 42", 1, 0, 0, LC_MARK_WIDE},
        {"\xE4\xBB\x8A\xE6\x97\xA5 ok", 0, 2, 0, LC_MARK_WIDE},
        {"\xE3\x81\x82\xD0\x96", 0, 0, 2, LC_MARK_WIDE},
        {"\xF0\xA0\x80\x80\xF0\x9F\x98\x80", 0, 1, 1, LC_MARK_WIDE},
        {"\xED\xA0\x80", 0, 0, 0, LC_MARK_WIDE}, /* a lone surrogate */
        {"1 < 2", 0, 0, 0, LC_MARK_TAG},
        {"x[0]", 0, 0, 0, LC_MARK_SQUARE},
        {"x_0", 0, 0, 0, LC_MARK_UNDERSCORE},
        {"x\\0]^`", 0, 0, 0, 0}, /* characters next to _ */
        {"ASSISTANT: a", 0, 0, 0, LC_MARK_ROLE},
        {"USER:", 0, 0, 0, LC_MARK_ROLE},
        {"t: r: \t\r\n", 0, 0, 0, 0},
        {"\x07", 0, 0, 0, LC_MARK_DAMAGED},
        {"\xEF\xBF\xBD", 0, 0, 0, DAMAGED},
        {"\xC2\x85", 0, 0, 0, DAMAGED},
        {"\xC3\x83\xC2\xA9", 1, 0, 0, DAMAGED},         /* Ã© */
        {"\xC3\x82\xC2\xA0", 1, 0, 0, DAMAGED},         /* Â and a space */
        {"\xC3\xA2\xE2\x82\xAC", 1, 0, 0, DAMAGED},     /* â€ */
        {"\xC3\xB0\xC5\xB8", 2, 0, 0, DAMAGED},         /* ðŸ */
        {"\xC3\xAF\xC2\xBF\xC2\xBD", 1, 0, 0, DAMAGED}, /* ï¿½ */
        {"\xC3\xAF\xC2\xBB\xC2\xBF", 1, 0, 0, DAMAGED}, /* ï»¿ */
        {"\xC3\x83 \xC3\xA2", 2, 0, 0, LC_MARK_WIDE},
        {"\xC3\x83\xC3\x83", 2, 0, 0, LC_MARK_WIDE},
        {"S\xC3\x83O", 1, 0, 0, LC_MARK_WIDE},
        {"\xC3\x84\xC2\xA9", 1, 0, 0, LC_MARK_WIDE},
        {"\x7F", 0, 0, 0, 0},
    };
    EXPECT_CASES(cases, 27);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_measure got;
        size_t size = strlen(cases[i].text);
        char *copy = grab(size + LC_MEASURE_PADDING);

        memset(copy + size, 'x', LC_MEASURE_PADDING);
        memcpy(copy, cases[i].text, size);
        lc_text_measure(copy, size, &got);
        if (got.letters[LC_SCRIPT_LATIN] != cases[i].latin ||
            got.letters[LC_SCRIPT_HAN] != cases[i].han ||
            got.letters[LC_SCRIPT_OTHER] != cases[i].other || got.marks != cases[i].marks)
            fail_msg("case %zu, %s: %u %u %u letters, marks %x", i, cases[i].text,
                     (unsigned)got.letters[0], (unsigned)got.letters[1],
                     (unsigned)got.letters[2], got.marks);
        free(copy);
    }
}

/* ---- every place */

/* Put characters between two runs of filler bytes. */
static struct points surround(const uint32_t *what, uint32_t filler, size_t before,
                              size_t after)
{
    struct points points = {.count = 0};

    while (before--)
        points.items[points.count++] = filler;
    for (; *what != UINT32_MAX; what++)
        points.items[points.count++] = *what;
    while (after--)
        points.items[points.count++] = filler;
    return points;
}

/* Return the step between tested positions: 5 under a sanitizer, because the bytes that
 * are read do not depend on a character's position in a block. */
static size_t place_step(void)
{
    return rounds(10) == 10 ? 1 : 5;
}

/* Every white space and look-alike at each position of two blocks of 64 bytes. */
static void every_place(void **state)
{
    static const uint32_t fillers[] = {'x', ' ', 0x4E2D, 0xE9};
    size_t checked = 0, step = place_step();
    EXPECT_CASES(fillers, 4);

    (void)state;
    for (size_t kind = 0; kind < COUNT(spaces) + COUNT(others); kind++) {
        uint32_t what[] = {kind < COUNT(spaces) ? spaces[kind]
                                                : others[kind - COUNT(spaces)],
                           UINT32_MAX};

        for (size_t at = 0; at <= 128; at += step) {
            for (size_t filler = 0; filler < COUNT(fillers); filler++) {
                struct points end = surround(what, fillers[filler], at, 0);
                struct points within = surround(what, fillers[filler], at, 200 - at);

                check(&end);
                check(&within);
                checked++;
            }
        }
    }
    assert_int_equal(checked, 103 * (128 / step + 1) * 4);
}

/* Signs of several characters, and sequences that are nearly the same. */
static void every_place_of_signs(void **state)
{
#define END UINT32_MAX
    static const uint32_t signs[][4] = {
        {0xC2, 0xA0, END},       {0xC2, 0xBF, END},       {0xC3, 0xA9, END},
        {0xE2, 0x20AC, END},     {0xF0, 0x178, END},      {0xEF, 0xBF, 0xBD, END},
        {0xEF, 0xBB, 0xBF, END}, {'T', ':', END},         {'R', ':', END},
        {0xC2, 0xC0, END},       {0xC3, 0xC0, END},       {0xC1, 0xA0, END},
        {0xC4, 0xA0, END},       {0xE2, 0x20AB, END},     {0xE3, 0x20AC, END},
        {0xF0, 0x179, END},      {0xEF, 0xBF, 0xBC, END}, {0xEF, 0xBB, 0xBD, END},
        {0xEF, 0xBF, END},       {0xEF, 0xBB, END},       {0x20, 0x3000, END},
        {0x3000, 0xA0, 'a', END}};
#undef END
    static const uint32_t fillers[] = {'x', ' ', 0x4E2D};
    const size_t step = place_step();
    EXPECT_CASES(signs, 22);
    EXPECT_CASES(fillers, 3);

    (void)state;
    for (size_t sign = 0; sign < COUNT(signs); sign++) {
        for (size_t at = 0; at <= 130; at += step) {
            for (size_t filler = 0; filler < COUNT(fillers); filler++) {
                struct points end = surround(signs[sign], fillers[filler], at, 0);
                struct points within = surround(signs[sign], fillers[filler], at, 9);

                check(&end);
                check(&within);
            }
        }
    }
}

/* Texts that repeat a character, of every size up to a bit more than three blocks. */
static void every_size(void **state)
{
    static const uint32_t fillers[] = {'x',  ' ',    '[',    '\t',
                                       0xE9, 0x2003, 0x4E2D, 0x1F600};
    const uint32_t nothing[] = {UINT32_MAX};
    EXPECT_CASES(fillers, 8);

    (void)state;
    for (size_t filler = 0; filler < COUNT(fillers); filler++) {
        for (size_t size = 0; size <= 200; size++) {
            struct points points = surround(nothing, fillers[filler], size, 0);

            check(&points);
        }
    }
}

/* ---- at random */

static struct points random_points(uint64_t *seed)
{
    static const uint32_t signs[] = {0xC2, 0xC3, 0xE2,  0xEF,   0xF0, 0xBF,
                                     0xBB, 0xBD, 0xA0,  'T',    'R',  ':',
                                     '<',  '[',  0x178, 0x20AC, '_'};
    struct points points = {.count = next_random(seed) % 201};
    uint64_t mood = next_random(seed) >> 20;

    EXPECT_CASES(signs, 17);
    for (size_t i = 0; i < points.count; i++) {
        uint64_t pick = next_random(seed) >> 8;

        switch ((pick >> 40) % (2 + mood % 5)) {
        case 0:
            points.items[i] = 'a' + (uint32_t)(pick % 26);
            break;
        case 1:
            points.items[i] = mood % 2 ? ' ' : 0x4E00 + (uint32_t)(pick % 0x5000);
            break;
        case 2:
            points.items[i] = spaces[pick % COUNT(spaces)];
            break;
        case 3:
            points.items[i] = others[pick % COUNT(others)];
            break;
        case 4:
            points.items[i] = signs[pick % COUNT(signs)];
            break;
        default:
            points.items[i] = (uint32_t)(pick % 0x110000) >> (mood >> 16) % 16;
        }
    }
    return points;
}

static void random_texts(void **state)
{
    uint64_t seed = 1;
    size_t damaged = 0, sound = 0;

    (void)state;
    for (int round = 0; round < rounds(100000); round++) {
        struct points points = random_points(&seed);

        check(&points);
        *(reference(&points).marks & LC_MARK_DAMAGED ? &damaged : &sound) += 1;
    }
    assert_true(damaged > (size_t)rounds(5000) && sound > (size_t)rounds(5000));
}

/* Every prefix of a text: the rest, which follows in memory, must not matter. */
static void every_beginning(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int round = 0; round < rounds(1000); round++) {
        struct points points = random_points(&seed);
        char text[4 * MOST + LC_MEASURE_PADDING];
        size_t size = encode_all(&points, text);

        memset(text + size, 0, LC_MEASURE_PADDING);
        while (points.count--) {
            struct lc_measure want = reference(&points);
            char last[4];

            size -= encode(points.items[points.count], last);
            measure_padded(text, size, &want);
            measure_strings(&points, text, size);
        }
        assert_int_equal(size, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),           cmocka_unit_test(scripts_and_marks),
        cmocka_unit_test(every_place),     cmocka_unit_test(every_place_of_signs),
        cmocka_unit_test(every_size),      cmocka_unit_test(random_texts),
        cmocka_unit_test(every_beginning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
