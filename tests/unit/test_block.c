/* test_block.c - src/base/block: the masks of the baseline instruction set (SSE2, NEON)
 * are the same as byte by byte; other sets are tested through the kernels that use them
 */
#include "unit.h"

#include "base/block.h"

enum { BLOCKS = 20000 };

/* Fill a text; bytes at which comparisons could go wrong make up half of it. */
static void fill(char *text, uint64_t *seed)
{
    static const unsigned char edges[] = {0x00, 0x01, 0x1F, 0x20, 0x21, 0x2F, 0x3A, 0x5B,
                                          0x5D, 0x7B, 0x7D, 0x7F, 0x80, 0x81, 0xBF, 0xC0,
                                          0xE3, 0xE4, 0xE9, 0xEA, 0xFE, 0xFF};

    for (size_t i = 0; i < LC_BLOCK; i++) {
        uint64_t r = next_random(seed) >> 20;

        text[i] = (char)(r & 1 ? r >> 8 : edges[(r >> 8) % COUNT(edges)]);
    }
}

static uint64_t within(const char *text, unsigned low, unsigned high)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < LC_BLOCK; i++) {
        unsigned char c = (unsigned char)text[i];

        mask |= (uint64_t)(c >= low && c <= high) << i;
    }
    return mask;
}

static void masks_are_those_of_bytes(void **state)
{
    uint64_t seed = 20;
    char room[LC_BLOCK + 16], folded[LC_BLOCK];

    (void)state;
    for (int n = 0; n < BLOCKS; n++) {
        char *text = room + n % 16; /* loads need no alignment */
        struct lc_block block;
        unsigned a, b;

        fill(text, &seed);
        block = lc_block_load(text);
        a = (unsigned)(next_random(&seed) >> 32) & 0xFF;
        b = (unsigned)(next_random(&seed) >> 32) & 0xFF;
        assert_int_equal(lc_block_equal(block, (char)a), within(text, a, a));
        assert_int_equal(lc_block_equal(block, text[n % LC_BLOCK]),
                         within(text, (unsigned char)text[n % LC_BLOCK],
                                (unsigned char)text[n % LC_BLOCK]));
        assert_int_equal(lc_block_below(block, (unsigned char)(a | 1)),
                         within(text, 0, (a | 1) - 1));
        assert_int_equal(lc_block_within(block, (unsigned char)(a < b ? a : b),
                                         (unsigned char)(a < b ? b : a)),
                         within(text, a < b ? a : b, a < b ? b : a));
        assert_int_equal(lc_block_high(block), within(text, 0x80, 0xFF));
        for (size_t i = 0; i < LC_BLOCK; i++)
            folded[i] = (char)(text[i] | 0x20);
        assert_int_equal(lc_block_equal(lc_block_fold(block), '{'),
                         within(folded, '{', '{'));
    }
}

static void every_byte_in_every_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (size_t at = 0; at < LC_BLOCK; at++) {
            char text[LC_BLOCK];
            struct lc_block block;

            memset(text, (int)(c ^ 0x55), LC_BLOCK);
            text[at] = (char)c;
            block = lc_block_load(text);
            assert_int_equal(lc_block_equal(block, (char)c), UINT64_C(1) << at);
            assert_int_equal(lc_block_within(block, (unsigned char)c, (unsigned char)c),
                             UINT64_C(1) << at);
        }
    }
}

static void parity_is_that_of_the_lower_bits(void **state)
{
    uint64_t seed = 21;

    (void)state;
    for (int n = 0; n < BLOCKS; n++) {
        uint64_t bits = next_random(&seed), want = 0;
        bool odd = false;

        if (n % 3 == 0)
            bits &= next_random(&seed) & next_random(&seed);
        for (int i = 0; i < 64; i++) {
            odd ^= bits >> i & 1;
            want |= (uint64_t)odd << i;
        }
        assert_int_equal(lc_running_parity(bits), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_those_of_bytes),
        cmocka_unit_test(every_byte_in_every_place),
        cmocka_unit_test(parity_is_that_of_the_lower_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
