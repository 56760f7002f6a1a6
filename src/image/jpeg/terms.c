#include "image/jpeg/terms.h"

#include <string.h>

lc_jpeg_terms_fn lc_jpeg_terms_plain, lc_jpeg_terms_avx2;

lc_jpeg_terms_fn *const lc_jpeg_terms_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_jpeg_terms_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_jpeg_terms_avx2,
    [LC_ISA_AVX512] = lc_jpeg_terms_avx2,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_jpeg_terms_plain,
#endif
};

static lc_jpeg_terms_fn *best = lc_jpeg_terms_plain;

__attribute__((constructor)) static void pick_kernel(void)
{
    best = lc_jpeg_terms_kernels[lc_isa_best()];
}

void lc_jpeg_symbols_build(struct lc_jpeg_symbols *symbols)
{
    const uint8_t *symbol = symbols->code.symbols;
    size_t at = 0;
    unsigned length;
    unsigned i;

    for (length = 1; length <= LC_JPEG_WINDOW; length++) {
        for (i = 0; i < symbols->code.counts[length]; i++) {
            size_t end = at + ((size_t)1 << (LC_JPEG_WINDOW - length));

            for (; at < end; at++)
                symbols->table[at] = (uint16_t)(length << 8 | *symbol);
            symbol++;
        }
    }
    memset(symbols->table + at, 0, (LC_JPEG_ENTRIES - at) * sizeof(*symbols->table));
}

struct lc_jpeg_reading lc_jpeg_terms_read(const struct lc_jpeg_terms *terms)
{
    return best(terms);
}
