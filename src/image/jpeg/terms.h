/* terms.h - reads the AC terms of a progressive JPEG's scan, and keeps none */
#ifndef LC_IMAGE_JPEG_TERMS_H
#define LC_IMAGE_JPEG_TERMS_H

#include "base/error.h"
#include "base/isa.h"
#include "image/jpeg/codes.h"
#include "image/jpeg/damage.h"

#include <stdbool.h>
#include <stdint.h>

/** A code's symbols by the bits that a window sees: length << 8 | symbol, or 0. */
struct lc_jpeg_symbols {
    struct lc_jpeg_code code;
    uint16_t table[LC_JPEG_ENTRIES];
};

/** Fill the table of a code that is defined. */
void lc_jpeg_symbols_fill(struct lc_jpeg_symbols *symbols);

/** The symbol that 64 bits begin with; its length is 0 when there is none. */
static inline struct lc_jpeg_symbol
lc_jpeg_symbols_read(const struct lc_jpeg_symbols *symbols, uint64_t bits)
{
    uint16_t entry = symbols->table[bits >> (64 - LC_JPEG_WINDOW)];

    if (entry == 0)
        return lc_jpeg_code_read(&symbols->code, bits);
    return (struct lc_jpeg_symbol){(uint8_t)(entry >> 8), (uint8_t)entry};
}

/** One stretch of a scan of one component's AC terms. */
struct lc_jpeg_terms {
    const struct lc_jpeg_symbols *symbols;
    const uint8_t *bytes; /* LC_JPEG_PADDING bytes behind the end are readable */
    uint64_t at;          /* in bits */
    uint64_t end;         /* in bits */
    uint64_t *masks; /* of the blocks: which terms are not zero; brought up to date */
    uint64_t blocks;
    uint8_t first; /* of the terms, 1 at least */
    uint8_t last;
    bool refines; /* the scan brings one bit more of each term */
};

/**
 * Read the terms of all blocks.
 *
 * @param terms  its masks are brought up to date
 * @return the first fault and the blocks before it, or where the terms end
 *
 * Threads: any.
 * Source:  ITU-T T.81 G.1.2; libjpeg-turbo's jdphuff.c, which overlooks a run beyond the
 *          last term, or the last block.
 */
LC_MUST_CHECK struct lc_jpeg_reading
lc_jpeg_terms_read(const struct lc_jpeg_terms *terms);

typedef struct lc_jpeg_reading lc_jpeg_terms_fn(const struct lc_jpeg_terms *terms);

/** The kernel of each instruction set; NULL where this build has none. */
extern lc_jpeg_terms_fn *const lc_jpeg_terms_kernels[LC_ISA_COUNT];

#endif
