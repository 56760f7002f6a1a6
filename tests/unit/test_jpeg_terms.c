/* test_jpeg_terms.c - src/image/jpeg/terms: scans of progressive pictures, in every
 * instruction set, compared with a reader that goes term by term */
#include "unit.h"

#include "image/jpeg/bits.h"
#include "image/jpeg/lanes.h"
#include "image/jpeg/terms.h"

enum { BLOCKS = 300, SIZE = 4000 };

/* Make codes in which nearly all bit strings are symbols, for first scans or refinements.
 */
static void make_symbols(struct lc_jpeg_symbols *symbols, bool refines)
{
    static const uint8_t counts[16] = {1, 1, 0, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 2};
    static const uint8_t first[] = {0x01, 0x00, 0x12, 0x20, 0x31, 0xF0, 0xE0, 0x9A};
    static const uint8_t refining[] = {0x01, 0x00, 0x11, 0x20, 0x31, 0xF0, 0xE0, 0x91};

    assert_true(
        lc_jpeg_code_init(&symbols->code, counts, refines ? refining : first, false));
    lc_jpeg_symbols_build(symbols);
}

struct scan {
    struct lc_jpeg_terms terms;
    uint64_t masks[BLOCKS];
};

static unsigned read_bits(struct lc_jpeg_terms *t, unsigned count)
{
    uint64_t bits = lc_jpeg_bits_at(t->bytes, t->at);

    t->at += count;
    return count > 0 ? (unsigned)(bits >> (64 - count)) : 0;
}

/* Read a block term by term, as in T.81 G.1.2; run: number of blocks without new terms.
 */
static enum lc_jpeg_fault read_block(struct lc_jpeg_terms *t, uint64_t *mask,
                                     uint64_t *run)
{
    unsigned k = t->first;

    while (k <= t->last && *run == 0) {
        struct lc_jpeg_symbol symbol =
            lc_jpeg_code_decode(&t->symbols->code, lc_jpeg_bits_at(t->bytes, t->at));
        unsigned zeros = symbol.value >> 4;
        unsigned size = symbol.value & 15;
        uint64_t after = t->at + symbol.length + size;

        t->at = after;
        if (symbol.length == 0)
            return t->at + LC_JPEG_LONGEST > t->end ? LC_JPEG_ENDS_EARLY
                                                    : LC_JPEG_BAD_CODE;
        if (t->refines && size > 1)
            return LC_JPEG_BAD_CODE;
        if (size == 0 && zeros < 15) {
            *run = (UINT64_C(1) << zeros) + read_bits(t, zeros);
            break;
        }
        for (;; k++) {
            if (k > t->last) {
                t->at = after;
                return LC_JPEG_TOO_MANY;
            }
            if (t->refines && *mask >> k & 1)
                t->at++;
            else if (zeros-- == 0)
                break;
        }
        *mask |= (uint64_t)(size > 0) << k;
        k++;
    }
    for (; t->refines && k <= t->last; k++)
        t->at += *mask >> k & 1;
    *run -= *run > 0;
    return LC_JPEG_INTACT;
}

static struct lc_jpeg_reading read_slowly(struct lc_jpeg_terms *t)
{
    uint64_t run = 0;

    for (uint64_t i = 0; i < t->blocks; i++) {
        uint64_t before = run;
        enum lc_jpeg_fault fault = read_block(t, &t->masks[i], &run);

        if (before == 0 && run > 0 && fault == LC_JPEG_INTACT && t->at <= t->end &&
            run > t->blocks - i - 1)
            fault = LC_JPEG_LONG_RUN;
        else if (t->at > t->end)
            fault = LC_JPEG_ENDS_EARLY;
        if (fault != LC_JPEG_INTACT)
            return (struct lc_jpeg_reading){fault, i, 0};
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, t->blocks, t->at};
}

/* Compare both readers from a random start. The number of blocks is what fits, so that
 * most scans are complete. */
static enum lc_jpeg_fault compare(lc_jpeg_terms_fn *kernel,
                                  const struct lc_jpeg_symbols *symbols,
                                  const uint8_t *bytes, uint64_t *random)
{
    static struct scan one;
    static struct scan other;
    struct lc_jpeg_reading slow;
    struct lc_jpeg_reading fast;

    memset(&one, 0, sizeof(one));
    one.terms = (struct lc_jpeg_terms){
        .symbols = symbols,
        .bytes = bytes,
        .at = next_random(random) % 8000,
        .end = SIZE * 8,
        .blocks = 1 + next_random(random) % (BLOCKS - 1),
        .first = (uint8_t)(1 + next_random(random) % 20),
        .refines = symbols->code.symbols[2] == 0x11,
    };
    if (next_random(random) % 2) /* the stream ends earlier */
        one.terms.end = one.terms.at + next_random(random) % 3000;
    one.terms.last = (uint8_t)(one.terms.first + next_random(random) % 40);
    for (size_t i = 0; one.terms.refines && i < BLOCKS; i++)
        one.masks[i] = next_random(random) & next_random(random) & next_random(random);
    other = one;
    one.terms.masks = one.masks;
    other.terms.masks = other.masks;
    slow = read_slowly(&one.terms);
    fast = kernel(&other.terms);
    assert_int_equal(fast.fault, slow.fault);
    if (slow.fault == LC_JPEG_INTACT) {
        assert_int_equal(fast.at, slow.at);
        assert_memory_equal(one.masks, other.masks, sizeof(one.masks));
    }
    assert_int_equal(fast.mcus, slow.mcus);
    return slow.fault;
}

static void kernels_read_as_the_standard_says(void **state)
{
    struct lc_jpeg_symbols *symbols = grab(2 * sizeof(*symbols));
    uint8_t *bytes = grab(SIZE + LC_JPEG_PADDING);
    uint64_t random = 11;

    (void)state;
    make_symbols(&symbols[0], false);
    make_symbols(&symbols[1], true);
    for (int isa = 0; isa <= (int)lc_isa_best(); isa++) {
        size_t faults[2][LC_JPEG_ENDS_EARLY + 1] = {0};

        for (size_t i = 0; i < 40000; i++) {
            if (i % 200 == 0)
                for (size_t j = 0; j < SIZE + LC_JPEG_PADDING; j++)
                    bytes[j] = (uint8_t)(next_random(&random) >> 50);
            faults[i % 2][compare(lc_jpeg_terms_kernels[isa], &symbols[i % 2], bytes,
                                  &random)]++;
        }
        for (size_t i = 0; i < 2 * COUNT(faults[0]); i++)
            assert_true(faults[i % 2][i / 2] > 100);
    }
    free(symbols);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_read_as_the_standard_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
