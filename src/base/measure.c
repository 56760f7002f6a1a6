#include "base/measure.h"

lc_measure_fn lc_measure_plain, lc_measure_avx2, lc_measure_avx512, lc_measure_pmull;
lc_measure_string_fn lc_measure_string_plain, lc_measure_string_avx2,
    lc_measure_string_avx512, lc_measure_string_pmull, lc_measure_question_plain,
    lc_measure_question_avx2, lc_measure_question_avx512, lc_measure_question_pmull;

lc_measure_fn *const lc_measure_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_measure_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_measure_avx2,
    [LC_ISA_AVX512] = lc_measure_avx512,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_measure_pmull,
#endif
};

lc_measure_string_fn *const lc_measure_string_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_measure_string_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_measure_string_avx2,
    [LC_ISA_AVX512] = lc_measure_string_avx512,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_measure_string_pmull,
#endif
};

lc_measure_string_fn *const lc_measure_question_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_measure_question_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_measure_question_avx2,
    [LC_ISA_AVX512] = lc_measure_question_avx512,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_measure_question_pmull,
#endif
};

static lc_measure_fn *best = lc_measure_plain;
static lc_measure_string_fn *best_string = lc_measure_string_plain;
static lc_measure_string_fn *best_question = lc_measure_question_plain;

__attribute__((constructor)) static void pick_kernels(void)
{
    best = lc_measure_kernels[lc_isa_best()];
    best_string = lc_measure_string_kernels[lc_isa_best()];
    best_question = lc_measure_question_kernels[lc_isa_best()];
}

void lc_text_measure(const char *text, size_t size, struct lc_measure *out)
{
    best(text, size, out);
}

size_t lc_text_measure_string(const char *text, size_t size, struct lc_measure *out)
{
    return best_string(text, size, out);
}

size_t lc_text_measure_question(const char *text, size_t size, struct lc_measure *out)
{
    return best_question(text, size, out);
}
