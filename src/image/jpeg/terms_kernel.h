/* terms_kernel.h - lc_jpeg_terms_read, compiled once for each instruction set:
 * LC_ISA
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
    LAST_RUN = 15, /* sixteen zeros; below, with no term, a run of ended blocks */
    ENOUGH = 32,   /* bits that a symbol and what belongs to it take at most */
    LOADED = 57,   /* bits that one load brings */
};

/* The bits that come next. What is not in `bits` any more is loaded again. */
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

/* Fewer than 64 bits. */
static inline void pass_over(struct cursor *c, unsigned count)
{
    c->at += count;
    c->bits <<= count;
    c->left = count < c->left ? c->left - count : 0;
}

/* EOBn, of which the code is read: how many blocks have no new terms. */
static inline uint64_t read_run(struct cursor *c, unsigned run)
{
    uint64_t blocks = ((uint64_t)1 << run) + (c->bits >> 1 >> (63 - run));

    pass_over(c, run);
    return blocks;
}

/* Bits k..last of a mask. */
static inline uint64_t span(unsigned k, unsigned last)
{
    return (UINT64_MAX << k) & (UINT64_MAX >> (63 - last));
}

/* The set bit before which so many are set; 0 when there are not as many. */
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

/* No code of the table is here; near the end of the data that cannot be told. */
static inline enum lc_jpeg_fault no_code(const struct lc_jpeg_terms *t,
                                         const struct cursor *c)
{
    return c->at + LC_JPEG_LONGEST > t->end ? LC_JPEG_ENDS_EARLY : LC_JPEG_BAD_CODE;
}

/* A block's terms, for the first time. ended: set when no more come. */
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
        symbol = lc_jpeg_symbols_read(t->symbols, c->bits);
        run = symbol.value >> 4;
        extra = symbol.value & 15;
        pass_over(c, symbol.length + extra);
        if (symbol.length == 0)
            return no_code(t, c);
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

/*
 * A block's terms, one bit more of each: terms that were not zero have a bit, and between
 * them new ones begin, found by the zeros that are passed.
 */
static inline enum lc_jpeg_fault read_refined(const struct lc_jpeg_terms *t,
                                              struct cursor *c, uint64_t *mask,
                                              uint64_t *ended)
{
    uint64_t before = *mask;
    uint64_t found = before;
    unsigned k = t->first;

    while (k <= t->last) {
        struct lc_jpeg_symbol symbol;
        uint64_t there;
        unsigned run;
        unsigned extra;
        unsigned to;

        load(c);
        symbol = lc_jpeg_symbols_read(t->symbols, c->bits);
        run = symbol.value >> 4;
        extra = symbol.value & 15;
        pass_over(c, symbol.length + extra);
        if (symbol.length == 0)
            return no_code(t, c);
        if (extra > 1)
            return LC_JPEG_BAD_CODE; /* one without a meaning */
        if (extra == 0 && run < LAST_RUN) {
            *ended = read_run(c, run);
            pass_over(c, (unsigned)__builtin_popcountll(before & span(k, t->last)));
            break;
        }
        there = nth_bit(~before & span(k, t->last), run);
        if (there == 0)
            return LC_JPEG_TOO_MANY; /* no zero is left for the term */
        to = (unsigned)__builtin_ctzll(there);
        pass_over(c, to - k - run);
        found |= extra > 0 ? there : 0;
        k = to + 1;
    }
    *mask = found;
    return LC_JPEG_INTACT;
}

/* Blocks without new terms: those that are there have a bit each, if the scan refines. */
static inline void pass_ended(const struct lc_jpeg_terms *t, struct cursor *c,
                              const uint64_t *masks, uint64_t count)
{
    uint64_t terms = span(t->first, t->last);
    uint64_t bits = 0;
    uint64_t i;

    if (!t->refines)
        return;
    for (i = 0; i < count; i++)
        bits += (uint64_t)__builtin_popcountll(masks[i] & terms);
    c->at += bits;
    c->left = 0;
}

/* A block, or the beginning of a run of blocks. */
static inline enum lc_jpeg_fault read_block(const struct lc_jpeg_terms *t,
                                            struct cursor *c, uint64_t *mask,
                                            uint64_t *ended)
{
    enum lc_jpeg_fault fault =
        t->refines ? read_refined(t, c, mask, ended) : read_first(t, c, mask, ended);

    return c->at > t->end ? LC_JPEG_ENDS_EARLY : fault;
}

/* The block of a run in which the data ended; it is known that they did. */
static uint64_t find_end(const struct lc_jpeg_terms *t, uint64_t at, uint64_t block)
{
    uint64_t terms = span(t->first, t->last);

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

            pass_ended(&t, &c, t.masks + i, ended - 1);
            if (c.at > t.end)
                return (struct lc_jpeg_reading){LC_JPEG_ENDS_EARLY, find_end(&t, at, i),
                                                c.at};
            i += ended - 1;
        }
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, i, c.at};
}

#endif
