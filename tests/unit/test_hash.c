/* test_hash.c - src/base/hash: XXH3-128 as xxhsum -H2 prints it */
#include "unit.h"

#include "base/hash.h"

static void known_hashes(void **state)
{
    /* printed by xxhsum 0.8.1 -H2 */
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "99aa06d3014798d86001c324468d497f"},
        {"a", "a96faf705af16834e6c632b61e964e1f"},
        {"<image>", "0f26efcbcdabb57bf3f904faf856c810"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_hash hash = lc_hash_bytes(cases[i].text, strlen(cases[i].text));
        char hex[33];

        lc_hash_hex(&hash, hex);
        assert_string_equal(hex, cases[i].hex);
    }
}

static void long_input(void **state)
{
    char text[1000], hex[33];
    struct lc_hash hash;

    (void)state;
    memset(text, 'x', sizeof(text));
    hash = lc_hash_bytes(text, sizeof(text));
    lc_hash_hex(&hash, hex);
    assert_string_equal(hex, "50a1af5a5f2dcf01c0a4877b962cba82");
}

static void nothing_at_null(void **state)
{
    struct lc_hash null = lc_hash_bytes(NULL, 0), empty = lc_hash_bytes("", 0);

    (void)state;
    assert_int_equal(lc_hash_compare(&null, &empty), 0);
}

static void order(void **state)
{
    static const struct {
        uint8_t a, b; /* the first and the last byte of two hashes */
    } cases[] = {{0x01, 0xFF}, {0x7F, 0x80}, {0x00, 0x80}};
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_hash low = {{cases[i].a}}, high = {{cases[i].b}};

        low.bytes[15] = 0xFF; /* the first byte decides */
        assert_true(lc_hash_compare(&low, &high) < 0);
        assert_true(lc_hash_compare(&high, &low) > 0);
        high.bytes[0] = low.bytes[0];
        assert_true(lc_hash_compare(&high, &low) < 0);
    }
}

static void short_hash(void **state)
{
    struct lc_hash a = lc_hash_bytes("a", 1), b = lc_hash_bytes("b", 1), c = a;

    (void)state;
    c.bytes[15] ^= 1; /* not among the first 8 */
    assert_true(lc_hash_short(&a) == lc_hash_short(&c));
    assert_true(lc_hash_short(&a) != lc_hash_short(&b));
}

static void quick_hash(void **state)
{
    /* computed with xxhash.h 0.8.1, XXH3_64bits() */
    static const struct {
        const char *text;
        uint64_t hash;
    } cases[] = {
        {"", UINT64_C(0x2D06800538D394C2)},
        {"a", UINT64_C(0xE6C632B61E964E1F)},
        {"<image>", UINT64_C(0xACA5E36C85CAF4BE)},
    };
    char text[1000];
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_true(lc_hash_quick(cases[i].text, strlen(cases[i].text)) == cases[i].hash);
    memset(text, 'x', sizeof(text));
    assert_true(lc_hash_quick(text, sizeof(text)) == UINT64_C(0xC0A4877B962CBA82));
    assert_true(lc_hash_quick(NULL, 0) == cases[0].hash);
}

/* Hashing in pieces gives the same as all at once, and a hasher can be reused. */
static void pieces(void **state)
{
    static const size_t sizes[] = {0, 1, 16, 240, 241, 1000, 70000};
    EXPECT_CASES(sizes, 7);
    struct lc_hasher *hasher = lc_hasher_new();
    char *bytes = grab(70000);
    uint64_t random = 1;

    (void)state;
    assert_non_null(hasher);
    for (size_t i = 0; i < 70000; i++)
        bytes[i] = (char)next_random(&random);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct lc_hash all = lc_hash_bytes(bytes, sizes[i]), hash;

        for (size_t at = 0; at < sizes[i];) {
            size_t n = next_random(&random) % 700;

            n = n < sizes[i] - at ? n : sizes[i] - at;
            lc_hasher_update(hasher, bytes + at, n);
            at += n;
        }
        hash = lc_hasher_finish(hasher);
        assert_int_equal(lc_hash_compare(&hash, &all), 0);
    }
    lc_hasher_free(hasher);
    lc_hasher_free(NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes),    cmocka_unit_test(long_input),
        cmocka_unit_test(nothing_at_null), cmocka_unit_test(order),
        cmocka_unit_test(short_hash),      cmocka_unit_test(quick_hash),
        cmocka_unit_test(pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
