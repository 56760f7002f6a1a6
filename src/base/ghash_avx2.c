/* A block is a polynomial over GF(2). With its bytes reversed, bit i of a register has
 * the coefficient of x^(127-i), so that a carry-less product of two registers is the
 * product divided by x: the powers of the key are kept divided by x, too, which makes up
 * for it.
 *
 * Of a product of 256 bits, the low 128 have the powers from x^128 to x^255. They are
 * cleared by adding multiples of the modulus, 64 bits at a time, as in Montgomery's
 * reduction. That costs as much as a product, so eight blocks are multiplied by eight
 * powers of the key, and the sum is reduced. Products take three multiplications instead
 * of four (Karatsuba); the sums of the powers' halves are kept for that.
 *
 * Nothing depends on the values: the time tells nothing about the key. */
#include "base/ghash.h"
#include "base/isa.h" /* a file may not be empty */

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

/* A product that is not reduced: low + middle * y^64 + high * y^128. */
struct product {
    __m128i low, middle, high;
};

static __m128i load(const uint8_t block[LC_GHASH_BLOCK])
{
    const __m128i reversed =
        _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)block),
                            reversed);
}

static __m128i swap_halves(__m128i a)
{
    return _mm_shuffle_epi32(a, 0x4E);
}

/* Add a product of a and the power number i. */
static void add_product(struct product *to, __m128i a, const struct lc_ghash *hash, int i)
{
    __m128i b = _mm_load_si128((const __m128i *)(const void *)hash->powers[i]);
    __m128i sum = _mm_load_si128((const __m128i *)(const void *)hash->sums[i]);

    to->low = _mm_xor_si128(to->low, _mm_clmulepi64_si128(a, b, 0x00));
    to->high = _mm_xor_si128(to->high, _mm_clmulepi64_si128(a, b, 0x11));
    to->middle = _mm_xor_si128(
        to->middle, _mm_clmulepi64_si128(_mm_xor_si128(a, swap_halves(a)), sum, 0x00));
}

static __m128i reduce(struct product p)
{
    /* the modulus in powers of 1/x: 1 + y^121 + y^126 + y^127 + y^128 */
    const __m128i modulus = _mm_set_epi64x(0, (long long)0xC200000000000000U);

    p.middle = _mm_xor_si128(p.middle, _mm_xor_si128(p.low, p.high));
    p.low = _mm_xor_si128(p.low, _mm_slli_si128(p.middle, 8));
    p.high = _mm_xor_si128(p.high, _mm_srli_si128(p.middle, 8));
    for (int half = 0; half < 2; half++)
        p.low =
            _mm_xor_si128(swap_halves(p.low), _mm_clmulepi64_si128(p.low, modulus, 0x00));
    return _mm_xor_si128(p.high, p.low);
}

static void keep_power(struct lc_ghash *hash, int i, __m128i power)
{
    _mm_store_si128((__m128i *)(void *)hash->powers[i], power);
    _mm_store_si128((__m128i *)(void *)hash->sums[i],
                    _mm_xor_si128(power, swap_halves(power)));
}

void lc_ghash_set_key(struct lc_ghash *hash, const uint8_t key[LC_GHASH_BLOCK])
{
    const __m128i wrapped = _mm_set_epi64x((long long)0xC200000000000000U, 1);
    __m128i power = load(key);
    /* the highest bit of each half, and all bits if that of the whole is set */
    __m128i carries = _mm_srli_epi64(power, 63);
    __m128i all = _mm_shuffle_epi32(_mm_srai_epi32(power, 31), 0xFF);

    power = _mm_or_si128(_mm_slli_epi64(power, 1), _mm_slli_si128(carries, 8));
    power = _mm_xor_si128(power, _mm_and_si128(all, wrapped)); /* divided by x */
    keep_power(hash, 0, power);
    for (int i = 1; i < LC_GHASH_POWERS; i++) {
        struct product p = {_mm_setzero_si128(), _mm_setzero_si128(),
                            _mm_setzero_si128()};

        add_product(&p, power, hash, 0);
        power = reduce(p);
        keep_power(hash, i, power);
    }
    lc_ghash_restart(hash);
}

void lc_ghash_restart(struct lc_ghash *hash)
{
    memset(hash->state, 0, sizeof(hash->state));
}

/* Add so many blocks, which are at most LC_GHASH_POWERS. */
static __m128i add_blocks(const struct lc_ghash *hash, __m128i state, const uint8_t *data,
                          int count)
{
    struct product p = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};

#pragma GCC unroll 8
    for (int i = 0; i < count; i++) {
        __m128i block = load(data + (size_t)i * LC_GHASH_BLOCK);

        if (i == 0)
            block = _mm_xor_si128(block, state);
        add_product(&p, block, hash, count - 1 - i);
    }
    return reduce(p);
}

void lc_ghash_update(struct lc_ghash *hash, const uint8_t *data, size_t size)
{
    const size_t stride = (size_t)LC_GHASH_POWERS * LC_GHASH_BLOCK;
    __m128i state = _mm_load_si128((const __m128i *)(const void *)hash->state);

    for (; size >= stride; size -= stride, data += stride)
        state = add_blocks(hash, state, data, LC_GHASH_POWERS);
    for (; size >= LC_GHASH_BLOCK; size -= LC_GHASH_BLOCK, data += LC_GHASH_BLOCK)
        state = add_blocks(hash, state, data, 1);
    if (size > 0) {
        uint8_t last[LC_GHASH_BLOCK] = {0};

        memcpy(last, data, size);
        state = add_blocks(hash, state, last, 1);
    }
    _mm_store_si128((__m128i *)(void *)hash->state, state);
}

void lc_ghash_finish(struct lc_ghash *hash, uint64_t size, uint8_t out[LC_GHASH_BLOCK])
{
    uint8_t sizes[LC_GHASH_BLOCK] = {0}; /* in bits: of the text and of no message */

    for (int i = 0; i < 8; i++)
        sizes[i] = (uint8_t)(size * 8 >> (56 - 8 * i));
    lc_ghash_update(hash, sizes, sizeof(sizes));
    _mm_storeu_si128((__m128i *)(void *)out, load(hash->state));
}

#endif
