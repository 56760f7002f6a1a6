/* terms_kernel.h - lc_jpeg_terms_read, compiled once per instruction set: LC_ISA
 *
 * Whether a progressive AC scan can be decoded depends on one thing besides its bits:
 * which terms of each block are already non-zero. A refinement scan spends one correction
 * bit on each of them, in between the symbols for new terms, and its zero runs count only
 * terms that are still zero. So the state per block is a mask of 64 bits instead of 64
 * values, and placing terms and skipping bits become bit arithmetic:
 *
 *   - the place of a new term after `run` zeros is the (run + 1)-th clear bit of the mask
 *     from position k on: one pdep (nth_bit);
 *   - the correction bits to skip on the way are the set bits passed: to - k - run, or a
 *     popcount if the block ends.
 *
 * Correctness: the masks always agree with libjpeg's coefficients. A term becomes
 * non-zero exactly when a symbol with a value codes it, in a first scan or a refinement,
 * and correction bits never make it zero again.
 *
 * Cost: one table lookup per symbol, none per correction bit; runs of ended blocks (EOBn)
 * cost a popcount per block in refinements and nothing in first scans.
 */
#ifndef LC_IMAGE_JPEG_TERMS_KERNEL_H
#define LC_IMAGE_JPEG_TERMS_KERNEL_H

#include "image/jpeg/bits.h"
#include "image/jpeg/terms.h"

#ifdef __BMI2__
#include <immintrin.h>
#endif

lc_jpeg_terms_fn LC_ISA_NAME(lc_jpeg_terms);

enum {
    LAST_RUN = 15, /* 15/0 is sixteen zeros; 0/0 to 14/0 begin a run of ended blocks */
    ENOUGH = 32,   /* bits that hold any symbol with its value or its run length */
    LOADED = 57,   /* valid bits after a load */
};

/* A bit reader. The next bits are the highest of `bits`; `left` of them are valid. */
struct cursor {
    const uint8_t *bytes;
    uint64_t at;
    uint64_t bits;
    unsigned left;
};

static inline void load(struct cursor *c)
{
    if (c->left < ENOUGH) {
        c->bits = lc_jpeg_bits_at(c->bytes, c->at);
        c->left = LOADED;
    }
}

/* count < 64; if it exceeds the valid bits, the next load starts afresh at `at`. */
static inline void skip(struct cursor *c, unsigned count)
{
    c->at += count;
    c->bits <<= count;
    c->left = count < c->left ? c->left - count : 0;
}

/* Read the rest of an EOBn symbol: the number of blocks, including this one, that end
 * here. */
static inline uint64_t read_run(struct cursor *c, unsigned run)
{
    uint64_t blocks = ((uint64_t)1 << run) + (c->bits >> 1 >> (63 - run));

    skip(c, run);
    return blocks;
}

/* Bits k..last of a mask. */
static inline uint64_t band(unsigned k, unsigned last)
{
    return (UINT64_MAX << k) & (UINT64_MAX >> (63 - last));
}

/* The set bit with `before` set bits below it; 0 if there is none. */
static inline uint64_t nth_bit(uint64_t mask, unsigned before)
{
#ifdef __BMI2__
    return _pdep_u64(UINT64_C(1) << before, mask);
#else
    for (; before > 0; before--)
        mask &= mask - 1;
    return mask & -mask;
#endif
}

/* The fault to report if no code matches. Near the end, the rest of a code may be cut
 * off. */
static inline enum lc_jpeg_fault unmatched_code(const struct lc_jpeg_terms *t,
                                                const struct cursor *c)
{
    return c->at + LC_JPEG_LONGEST > t->end ? LC_JPEG_ENDS_EARLY : LC_JPEG_BAD_CODE;
}

/* Read a block in the first scan of its band. ended: set to the length of a run of ended
 * blocks. */
static inline enum lc_jpeg_fault read_first(const struct lc_jpeg_terms *t,
                                            struct cursor *c, uint64_t *mask,
                                            uint64_t *ended)
{
    uint64_t found = *mask;
    unsigned k = t->first;

    while (k <= t->last) {
        struct lc_jpeg_symbol symbol;
        unsigned run;
        unsigned extra;

        load(c);
        symbol = lc_jpeg_symbols_decode(t->symbols, c->bits);
        run = symbol.value >> 4;
        extra = symbol.value & 15;
        skip(c, symbol.length + extra);
        if (symbol.length == 0)
            return unmatched_code(t, c);
        if (extra == 0 && run < LAST_RUN) {
            *ended = read_run(c, run);
            break;
        }
        k += run;
        if (k > t->last)
            return LC_JPEG_TOO_MANY;
        found |= (uint64_t)(extra > 0) << k;
        k++;
    }
    *mask = found;
    return LC_JPEG_INTACT;
}

/* Read a block in a refinement scan: new terms, and correction bits for earlier ones. */
static inline enum lc_jpeg_fault read_refined(const struct lc_jpeg_terms *t,
                                              struct cursor *c, uint64_t *mask,
                                              uint64_t *ended)
{
    uint64_t before = *mask;
    uint64_t found = before;
    unsigned k = t->first;

    while (k <= t->last) {
        struct lc_jpeg_symbol symbol;
        uint64_t term;
        unsigned run;
        unsigned extra;
        unsigned to;

        load(c);
        symbol = lc_jpeg_symbols_decode(t->symbols, c->bits);
        run = symbol.value >> 4;
        extra = symbol.value & 15;
        skip(c, symbol.length + extra);
        if (symbol.length == 0)
            return unmatched_code(t, c);
        if (extra > 1)
            return LC_JPEG_BAD_CODE; /* a new term has one bit: its sign */
        if (extra == 0 && run < LAST_RUN) {
            *ended = read_run(c, run);
            skip(c, (unsigned)__builtin_popcountll(before & band(k, t->last)));
            break;
        }
        term = nth_bit(~before & band(k, t->last), run);
        if (term == 0)
            return LC_JPEG_TOO_MANY; /* not enough zeros left */
        to = (unsigned)__builtin_ctzll(term);
        skip(c, to - k - run);
        found |= extra > 0 ? term : 0;
        k = to + 1;
    }
    *mask = found;
    return LC_JPEG_INTACT;
}

/* Skip blocks without new terms; in a refinement, each of their earlier terms has one
 * bit. */
static inline void skip_ended(const struct lc_jpeg_terms *t, struct cursor *c,
                              const uint64_t *masks, uint64_t count)
{
    uint64_t terms = band(t->first, t->last);
    uint64_t bits = 0;
    uint64_t i;

    if (!t->refines)
        return;
    for (i = 0; i < count; i++)
        bits += (uint64_t)__builtin_popcountll(masks[i] & terms);
    c->at += bits;
    c->left = 0;
}

static inline enum lc_jpeg_fault read_block(const struct lc_jpeg_terms *t,
                                            struct cursor *c, uint64_t *mask,
                                            uint64_t *ended)
{
    enum lc_jpeg_fault fault =
        t->refines ? read_refined(t, c, mask, ended) : read_first(t, c, mask, ended);

    return c->at > t->end ? LC_JPEG_ENDS_EARLY : fault;
}

/* Find the block in which the data ends, within a run of ended blocks known to exceed
 * it. */
static uint64_t find_end(const struct lc_jpeg_terms *t, uint64_t at, uint64_t block)
{
    uint64_t terms = band(t->first, t->last);

    for (;; block++) {
        at += (uint64_t)__builtin_popcountll(t->masks[block] & terms);
        if (at > t->end)
            return block;
    }
}

struct lc_jpeg_reading LC_ISA_NAME(lc_jpeg_terms)(const struct lc_jpeg_terms *terms)
{
    struct lc_jpeg_terms t = *terms;
    struct cursor c = {.bytes = t.bytes, .at = t.at};
    uint64_t i = 0;

    while (i < t.blocks) {
        uint64_t ended = 0;
        enum lc_jpeg_fault fault = read_block(&t, &c, &t.masks[i], &ended);

        if (fault == LC_JPEG_INTACT && ended > t.blocks - i)
            fault = LC_JPEG_LONG_RUN;
        if (fault != LC_JPEG_INTACT)
            return (struct lc_jpeg_reading){fault, i, c.at};
        i++;
        if (ended > 1) {
            uint64_t at = c.at;

            skip_ended(&t, &c, t.masks + i, ended - 1);
            if (c.at > t.end)
                return (struct lc_jpeg_reading){LC_JPEG_ENDS_EARLY, find_end(&t, at, i),
                                                c.at};
            i += ended - 1;
        }
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, i, c.at};
}

#endif
