#include "json/brackets.h"

lc_brackets_fn lc_brackets_plain, lc_brackets_avx2, lc_brackets_avx512, lc_brackets_pmull;

lc_brackets_fn *const lc_brackets_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_brackets_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_brackets_avx2,
    [LC_ISA_AVX512] = lc_brackets_avx512,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_brackets_pmull,
#endif
};

static lc_brackets_fn *best = lc_brackets_plain;

__attribute__((constructor)) static void pick_kernel(void)
{
    best = lc_brackets_kernels[lc_isa_best()];
}

enum lc_brackets lc_brackets_find(const char *text, size_t size, struct lc_extent *out)
{
    return best(text, size, out);
}
