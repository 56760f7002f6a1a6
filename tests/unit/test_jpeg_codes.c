/* test_jpeg_codes.c - src/image/jpeg/codes: which codes are accepted, and that looking up
 * several symbols at once is the same as one by one */
#include "unit.h"

#include "image/jpeg/codes.h"

struct definition {
    const char *why;
    uint8_t counts[16];
    uint8_t symbols[6];
    bool is_dc;
    bool good;
};

static const struct definition definitions[] = {
    {"one code of one bit", {1}, {0}, true, true},
    {"all ones of one bit", {2}, {0, 1}, true, false},
    {"all ones of two bits", {1, 2}, {0, 1, 2}, false, false},
    {"three codes that leave all ones", {1, 1, 1}, {0, 1, 2}, false, true},
    {"more codes than a length has", {3}, {0, 1, 2}, false, false},
    {"a prefix of all others", {1, 4}, {0, 1, 2, 3, 4}, false, false},
    {"none at all", {0}, {0}, false, false},
    {"a DC of 11 bits", {0, 1}, {11}, true, true},
    {"a DC of 15 bits, which only reading meets", {0, 1}, {15}, true, true},
    {"a DC of 16 bits", {0, 1}, {16}, true, false},
    {"an AC of 15 bits, which only reading meets", {0, 1}, {15}, false, true},
    {"the longest code",
     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
     {1},
     false,
     true},
};
EXPECT_CASES(definitions, 12);

static void codes_are_taken_as_libjpeg_does(void **state)
{
    struct lc_jpeg_code code;

    (void)state;
    for (size_t i = 0; i < COUNT(definitions); i++) {
        const struct definition *d = &definitions[i];

        if (lc_jpeg_code_init(&code, d->counts, d->symbols, d->is_dc) != d->good)
            fail_msg("%s", d->why);
    }
}

/* Make a random code: random lengths as long as they fit, random symbols. */
static bool random_code(uint64_t *random, struct lc_jpeg_code *code, bool is_dc)
{
    uint8_t counts[16] = {0};
    uint8_t symbols[256];
    uint32_t left = 1;
    size_t total = 0;
    size_t most = is_dc ? 12 : 40;

    for (size_t i = 0; i < 16; i++) {
        uint32_t capacity = left * 2 - 1; /* the code of all ones stays unused */
        uint32_t count = (uint32_t)(next_random(random) >> 33) % (capacity + 1);

        if (count > most - total)
            count = (uint32_t)(most - total);
        if (i < 3 && count > 2)
            count = 2;
        counts[i] = (uint8_t)count;
        total += count;
        left = left * 2 - count;
    }
    for (size_t i = 0; i < total; i++) {
        symbols[i] = (uint8_t)(next_random(random) >> 40);
        if (is_dc)
            symbols[i] %= 12;
        else if (symbols[i] % 5 == 0)
            symbols[i] = symbols[i] % 2 ? 0 : 0xF0;
    }
    return lc_jpeg_code_init(code, counts, symbols, is_dc);
}

/* Read symbol by symbol, as long as codes end within the window. */
static uint32_t read_slowly(const struct lc_jpeg_pair *pair, unsigned after,
                            uint64_t window)
{
    uint32_t taken = 0;
    uint32_t advance = 0;
    uint32_t ends = 0;

    while (!ends && taken < LC_JPEG_WINDOW) {
        const struct lc_jpeg_code *code = after + advance > 0 ? &pair->ac : &pair->dc;
        struct lc_jpeg_symbol symbol = lc_jpeg_code_decode(code, window << taken);
        uint32_t entry =
            lc_jpeg_pair_decode_one(pair, after + advance > 0, window << taken);

        if (symbol.length == 0 || taken + symbol.length > LC_JPEG_WINDOW ||
            entry == LC_JPEG_NONE)
            break;
        taken += entry & LC_JPEG_BITS;
        advance += lc_jpeg_advance(entry);
        ends = entry >> LC_JPEG_END_AT;
        if (lc_jpeg_advance(entry) >= 16)
            break; /* no symbol follows a long run */
    }
    return advance ? taken | advance << LC_JPEG_ADVANCE_AT | ends << LC_JPEG_END_AT
                   : LC_JPEG_NONE;
}

static void a_look_up_is_its_symbols(void **state)
{
    struct lc_jpeg_pair *pair = grab(sizeof(*pair));
    uint64_t random = 20;
    size_t pairs = 0;

    (void)state;
    while (pairs < 60) {
        if (!random_code(&random, &pair->dc, true) ||
            !random_code(&random, &pair->ac, false))
            continue;
        pairs++;
        lc_jpeg_pair_build(pair);
        for (uint64_t i = 0; i < 2 * LC_JPEG_ENTRIES; i++) {
            uint64_t window = (i % LC_JPEG_ENTRIES) << (64 - LC_JPEG_WINDOW);

            assert_int_equal(pair->table[i],
                             read_slowly(pair, i >= LC_JPEG_ENTRIES, window));
        }
    }
    free(pair);
}

static void a_block_is_not_left(void **state)
{
    static const uint8_t counts[16] = {0, 3};
    static const uint8_t symbols[] = {0x01, 0x00, 0xF0}; /* 00 a term, 01 EOB, 10 ZRL */
    struct lc_jpeg_pair *pair = grab(sizeof(*pair));
    uint64_t term = 0;
    uint64_t zeros = UINT64_C(2) << 62;
    uint64_t end = UINT64_C(1) << 62;

    (void)state;
    assert_true(lc_jpeg_code_init(&pair->dc, counts, symbols, true) == false);
    assert_true(lc_jpeg_code_init(&pair->ac, counts, symbols, false));
    assert_int_equal(lc_jpeg_advance(lc_jpeg_pair_decode_one(pair, 63, term)), 1);
    assert_int_equal(lc_jpeg_pair_decode_one(pair, 64, term), LC_JPEG_NONE);
    assert_int_equal(lc_jpeg_advance(lc_jpeg_pair_decode_one(pair, 48, zeros)), 16);
    assert_int_equal(lc_jpeg_pair_decode_one(pair, 49, zeros), LC_JPEG_NONE);
    assert_int_equal(lc_jpeg_pair_decode_one(pair, 63, end) >> LC_JPEG_END_AT, 1);
    assert_int_equal(lc_jpeg_pair_decode_one(pair, 5, UINT64_MAX), LC_JPEG_NONE);
    free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_taken_as_libjpeg_does),
        cmocka_unit_test(a_look_up_is_its_symbols),
        cmocka_unit_test(a_block_is_not_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
