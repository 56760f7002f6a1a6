#include "base/isa.h"

#ifdef __aarch64__
#include <sys/auxv.h>

#ifndef HWCAP_PMULL
#define HWCAP_PMULL (1UL << 4)
#endif
#endif

enum lc_isa lc_isa_best(void)
{
#ifdef __x86_64__
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("popcnt") ||
        !__builtin_cpu_supports("pclmul"))
        return LC_ISA_PLAIN;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return LC_ISA_AVX512;
    return LC_ISA_AVX2;
#elif defined(__aarch64__)
    return getauxval(AT_HWCAP) & HWCAP_PMULL ? LC_ISA_PMULL : LC_ISA_PLAIN;
#else
    return LC_ISA_PLAIN;
#endif
}
