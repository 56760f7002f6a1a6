/* terms.h - reads the AC terms (coefficients) of a progressive scan, keeping no values */
#ifndef LC_IMAGE_JPEG_TERMS_H
#define LC_IMAGE_JPEG_TERMS_H

#include "base/error.h"
#include "base/isa.h"
#include "image/jpeg/codes.h"
#include "image/jpeg/damage.h"

#include <stdbool.h>
#include <stdint.h>

/** A code with a table that maps the bits of a window to length << 8 | symbol; 0: no
 * symbol. */
struct lc_jpeg_symbols {
    struct lc_jpeg_code code;
    uint16_t table[LC_JPEG_ENTRIES];
};

/** Fill the table; the caller has set the code. */
void lc_jpeg_symbols_build(struct lc_jpeg_symbols *symbols);

/** Decode the symbol at the top of 64 bits; its length is 0 if no code matches. */
static inline struct lc_jpeg_symbol
lc_jpeg_symbols_decode(const struct lc_jpeg_symbols *symbols, uint64_t bits)
{
    uint16_t entry = symbols->table[bits >> (64 - LC_JPEG_WINDOW)];

    if (entry == 0)
        return lc_jpeg_code_decode(&symbols->code, bits);
    return (struct lc_jpeg_symbol){(uint8_t)(entry >> 8), (uint8_t)entry};
}

/** One restart interval of a scan of one component's AC terms. */
struct lc_jpeg_terms {
    const struct lc_jpeg_symbols *symbols;
    const uint8_t *bytes; /* LC_JPEG_PADDING bytes past the end may be read */
    uint64_t at;          /* in bits */
    uint64_t end;         /* in bits */
    uint64_t *masks;      /* per block: bit k is set if term k is not zero; updated */
    uint64_t blocks;
    uint8_t first; /* spectral band: first term, at least 1 */
    uint8_t last;
    bool refines; /* the scan adds one bit of precision to terms of earlier scans */
};

/**
 * Read the terms of all blocks.
 *
 * @param terms  its masks are updated
 * @return the first fault and the number of blocks before it, or where the terms end
 *
 * Threads: any.
 * Source:  ITU-T T.81 G.1.2; libjpeg-turbo's jdphuff.c, which ignores runs past the last
 *          term or the last block.
 */
LC_MUST_CHECK struct lc_jpeg_reading
lc_jpeg_terms_read(const struct lc_jpeg_terms *terms);

typedef struct lc_jpeg_reading lc_jpeg_terms_fn(const struct lc_jpeg_terms *terms);

/** The kernel for each instruction set; NULL if this build has none. */
extern lc_jpeg_terms_fn *const lc_jpeg_terms_kernels[LC_ISA_COUNT];

#endif
