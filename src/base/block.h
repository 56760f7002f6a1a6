/* block.h - compares 64 bytes of text at once
 *
 * Each function answers one question about every byte of a block, as a 64-bit mask: bit i
 * is the answer for byte i. Kernels then work on masks: & | ~ combine questions, a shift
 * by one relates a byte to its neighbour, popcount counts, and ctz finds the next byte.
 * That costs a few instructions for 64 bytes instead of a few for each.
 *
 * This is for kernels that are compiled once per instruction set (*_kernel.h); the
 * compiler's macros select one of five implementations. The last one, without SIMD,
 * defines what the others must return; tests/unit/test_block.c compares each with it, and
 * tests/unit/test_isa.c compares the kernels. */
#ifndef LC_BASE_BLOCK_H
#define LC_BASE_BLOCK_H

#include "base/isa.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#define LC_BLOCK 64

#if defined(__AVX512BW__)

struct lc_block {
    __m512i bytes;
};

static inline struct lc_block lc_block_load(const char *text)
{
    return (struct lc_block){_mm512_loadu_si512(text)};
}

static inline uint64_t lc_block_equal(struct lc_block b, char c)
{
    return _mm512_cmpeq_epi8_mask(b.bytes, _mm512_set1_epi8(c));
}

/* Bytes below a limit, compared as unsigned. */
static inline uint64_t lc_block_below(struct lc_block b, unsigned char limit)
{
    return _mm512_cmplt_epu8_mask(b.bytes, _mm512_set1_epi8((char)limit));
}

/* Bytes from low to high, compared as unsigned. One comparison suffices: after
 * subtracting low, bytes below it have wrapped around to large values. */
static inline uint64_t lc_block_within(struct lc_block b, unsigned char low,
                                       unsigned char high)
{
    __m512i above = _mm512_sub_epi8(b.bytes, _mm512_set1_epi8((char)low));

    return _mm512_cmple_epu8_mask(above, _mm512_set1_epi8((char)(high - low)));
}

/* Bytes whose highest bit is set: beyond ASCII. */
static inline uint64_t lc_block_high(struct lc_block b)
{
    return _mm512_movepi8_mask(b.bytes);
}

/* Set bit 5 of each byte: upper case becomes lower case, and [ becomes {. */
static inline struct lc_block lc_block_fold(struct lc_block b)
{
    return (struct lc_block){_mm512_or_si512(b.bytes, _mm512_set1_epi8(0x20))};
}

#elif defined(__AVX2__)

struct lc_block {
    __m256i half[2];
};

static inline struct lc_block lc_block_load(const char *text)
{
    return (struct lc_block){
        {_mm256_loadu_si256((const __m256i *)(const void *)text),
         _mm256_loadu_si256((const __m256i *)(const void *)(text + 32))}};
}

static inline uint64_t lc_block_mask(__m256i a, __m256i b)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(a) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

static inline uint64_t lc_block_equal(struct lc_block b, char c)
{
    __m256i all = _mm256_set1_epi8(c);

    return lc_block_mask(_mm256_cmpeq_epi8(b.half[0], all),
                         _mm256_cmpeq_epi8(b.half[1], all));
}

static inline __m256i lc_block_half_within(__m256i bytes, unsigned char low,
                                           unsigned char high)
{
    __m256i above = _mm256_sub_epi8(bytes, _mm256_set1_epi8((char)low));

    return _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8((char)(high - low))),
                             above);
}

static inline uint64_t lc_block_within(struct lc_block b, unsigned char low,
                                       unsigned char high)
{
    return lc_block_mask(lc_block_half_within(b.half[0], low, high),
                         lc_block_half_within(b.half[1], low, high));
}

static inline uint64_t lc_block_below(struct lc_block b, unsigned char limit)
{
    return lc_block_within(b, 0, (unsigned char)(limit - 1));
}

static inline uint64_t lc_block_high(struct lc_block b)
{
    return lc_block_mask(b.half[0], b.half[1]);
}

static inline struct lc_block lc_block_fold(struct lc_block b)
{
    __m256i bit = _mm256_set1_epi8(0x20);

    return (struct lc_block){
        {_mm256_or_si256(b.half[0], bit), _mm256_or_si256(b.half[1], bit)}};
}

#elif defined(__SSE2__)

struct lc_block {
    __m128i part[4];
};

static inline struct lc_block lc_block_load(const char *text)
{
    const __m128i *from = (const __m128i *)(const void *)text;

    return (struct lc_block){{_mm_loadu_si128(from), _mm_loadu_si128(from + 1),
                              _mm_loadu_si128(from + 2), _mm_loadu_si128(from + 3)}};
}

static inline uint64_t lc_block_mask(const __m128i part[4])
{
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(part[i]) << (16 * i);
    return mask;
}

static inline uint64_t lc_block_equal(struct lc_block b, char c)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = _mm_cmpeq_epi8(b.part[i], _mm_set1_epi8(c));
    return lc_block_mask(b.part);
}

static inline uint64_t lc_block_within(struct lc_block b, unsigned char low,
                                       unsigned char high)
{
    for (int i = 0; i < 4; i++) {
        __m128i above = _mm_sub_epi8(b.part[i], _mm_set1_epi8((char)low));

        b.part[i] =
            _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(high - low))), above);
    }
    return lc_block_mask(b.part);
}

static inline uint64_t lc_block_below(struct lc_block b, unsigned char limit)
{
    return lc_block_within(b, 0, (unsigned char)(limit - 1));
}

static inline uint64_t lc_block_high(struct lc_block b)
{
    return lc_block_mask(b.part);
}

static inline struct lc_block lc_block_fold(struct lc_block b)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = _mm_or_si128(b.part[i], _mm_set1_epi8(0x20));
    return b;
}

#elif defined(__aarch64__)

struct lc_block {
    uint8x16_t part[4];
};

static inline struct lc_block lc_block_load(const char *text)
{
    const uint8_t *from = (const uint8_t *)text;

    return (struct lc_block){
        {vld1q_u8(from), vld1q_u8(from + 16), vld1q_u8(from + 32), vld1q_u8(from + 48)}};
}

/* Get one bit per byte, where each byte is 00 or FF: each byte keeps the bit that
 * corresponds to its position within eight bytes, and three pairwise additions bring the
 * bits of eight bytes into one byte. */
static inline uint64_t lc_block_mask(const uint8x16_t part[4])
{
    const uint8x16_t places =
        vreinterpretq_u8_u64(vdupq_n_u64(UINT64_C(0x8040201008040201)));
    uint8x16_t low = vpaddq_u8(vandq_u8(part[0], places), vandq_u8(part[1], places));
    uint8x16_t high = vpaddq_u8(vandq_u8(part[2], places), vandq_u8(part[3], places));
    uint8x16_t all = vpaddq_u8(low, high);

    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

static inline uint64_t lc_block_equal(struct lc_block b, char c)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = vceqq_u8(b.part[i], vdupq_n_u8((unsigned char)c));
    return lc_block_mask(b.part);
}

static inline uint64_t lc_block_within(struct lc_block b, unsigned char low,
                                       unsigned char high)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = vcleq_u8(vsubq_u8(b.part[i], vdupq_n_u8(low)),
                             vdupq_n_u8((unsigned char)(high - low)));
    return lc_block_mask(b.part);
}

static inline uint64_t lc_block_below(struct lc_block b, unsigned char limit)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = vcltq_u8(b.part[i], vdupq_n_u8(limit));
    return lc_block_mask(b.part);
}

static inline uint64_t lc_block_high(struct lc_block b)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = vcltzq_s8(vreinterpretq_s8_u8(b.part[i]));
    return lc_block_mask(b.part);
}

static inline struct lc_block lc_block_fold(struct lc_block b)
{
    for (int i = 0; i < 4; i++)
        b.part[i] = vorrq_u8(b.part[i], vdupq_n_u8(0x20));
    return b;
}

#else

struct lc_block {
    unsigned char bytes[LC_BLOCK];
};

static inline struct lc_block lc_block_load(const char *text)
{
    struct lc_block b;

    memcpy(b.bytes, text, LC_BLOCK);
    return b;
}

static inline uint64_t lc_block_within(struct lc_block b, unsigned char low,
                                       unsigned char high)
{
    uint64_t mask = 0;

    for (int i = 0; i < LC_BLOCK; i++)
        mask |= (uint64_t)(b.bytes[i] >= low && b.bytes[i] <= high) << i;
    return mask;
}

static inline uint64_t lc_block_equal(struct lc_block b, char c)
{
    return lc_block_within(b, (unsigned char)c, (unsigned char)c);
}

static inline uint64_t lc_block_below(struct lc_block b, unsigned char limit)
{
    return lc_block_within(b, 0, (unsigned char)(limit - 1));
}

static inline uint64_t lc_block_high(struct lc_block b)
{
    return lc_block_within(b, 0x80, 0xFF);
}

static inline struct lc_block lc_block_fold(struct lc_block b)
{
    for (int i = 0; i < LC_BLOCK; i++)
        b.bytes[i] |= 0x20;
    return b;
}

#endif

/* Replace each bit by the parity of itself and all lower bits. Applied to the quotes of a
 * text, this sets the bits from each opening quote up to its closing quote. A carry-less
 * multiplication by all ones is the XOR of all shifts. */
static inline uint64_t lc_running_parity(uint64_t bits)
{
#ifdef __PCLMUL__
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits),
                                           _mm_set1_epi8((char)0xFF), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
#elif defined(__ARM_FEATURE_AES) || defined(__ARM_FEATURE_CRYPTO)
    poly128_t product = vmull_p64((poly64_t)bits, (poly64_t)~UINT64_C(0));

    return vgetq_lane_u64(vreinterpretq_u64_p128(product), 0);
#else
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
#endif
}

#endif
